"""One transaction of the border exchange: the repositories that share its connection, and the outbox."""

from collections.abc import Mapping
from functools import cached_property

from contracts.envelope import CloudEvent
from services.chassis.keys import PublicKeys
from services.chassis.outbox import INSERT
from services.chassis.transport import Transport
from services.chassis.work import Work
from services.notifications.domain.envelope import Sealed
from services.notifications.domain.messages import Message
from services.notifications.domain.routes import outward_subject
from services.notifications.storage.arrivals import ArrivalRows, DeadLetterRows
from services.notifications.storage.directory import DirectoryRows
from services.notifications.storage.envelopes import BroadcastRows, EnvelopeRows
from services.notifications.storage.messages import MessageRows


class BorderUnit:
    """The repositories of one running transaction."""

    def __init__(self, work: Work, transport: Transport, trusted: Mapping[str, PublicKeys]) -> None:
        self._work = work
        self._transport = transport
        self._trusted = trusted

    @cached_property
    def messages(self) -> MessageRows:
        return MessageRows(self._work.connection, self._transport)

    @cached_property
    def broadcasts(self) -> BroadcastRows:
        return BroadcastRows(self._work.connection, self._transport)

    @cached_property
    def envelopes(self) -> EnvelopeRows:
        return EnvelopeRows(self._work.connection)

    @cached_property
    def arrivals(self) -> ArrivalRows:
        return ArrivalRows(self._work.connection)

    @cached_property
    def dead_letters(self) -> DeadLetterRows:
        return DeadLetterRows(self._work.connection)

    @cached_property
    def directory(self) -> DirectoryRows:
        return DirectoryRows(self._work.connection, self._trusted)

    @cached_property
    def post(self) -> "OutboxPost":
        return OutboxPost(self._work)


class OutboxPost:
    """What leaves this service: told to the node as inbound, or sealed and left for the border relay."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def republish(self, event: CloudEvent) -> None:
        """The same event, for this node's services: same lane, same sequence, encrypted again if confidential."""
        await self._work.outbox.insert(self._work.connection, self._work.outbox.inward(event))

    async def send(self, message: Message, sealed: Sealed) -> None:
        """One lane on this side of the border for each lane on the other."""
        subject = outward_subject(message.destination, message.told.sender, message.lane)
        sequence = await self._work.outbox.place(self._work.connection, subject)
        await self._work.connection.execute(
            INSERT, subject, sequence, sealed.envelope_id, "envelope.v1", "border", subject, None, sealed.data
        )
