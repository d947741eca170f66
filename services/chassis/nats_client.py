"""nats-py's client for a bus on which others speak: what it cannot decode must not silence it.

In 2.16 a subject or a header that is not UTF-8 ends the read loop for good, while the connection still counts as one.
"""

import re
from typing import Any

import nats.errors
from nats.aio.client import Client

_UNPRINTABLE = re.compile(rb"[^!-~]")


class SteadyClient(Client):
    """Reads on after anything that a sender may write; when its reading does end, it connects anew."""

    async def _process_headers(self, headers: Any) -> dict[str, str] | None:
        try:
            return await super()._process_headers(headers)
        except (ValueError, IndexError):  # it says nothing; the consumer buries what lacks its labels
            return {}

    def _build_message(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any) -> Any:
        return super()._build_message(sid, _printable(subject), _printable(reply), data, headers)

    async def _read_loop(self) -> None:
        await super()._read_loop()
        if self.is_connected:
            await self._process_op_err(nats.errors.ProtocolError())


def _printable(subject: bytes) -> bytes:
    return _UNPRINTABLE.sub(lambda found: b"\\x%02x" % found[0][0], subject)
