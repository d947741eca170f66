"""The main job, told through the public API: one referral from its case to its end."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

from deploy.local.api import AgencyApi, ApiError, Json
from deploy.local.errors import LauncherError

_PATIENCE = 60.0
_POLL = 0.1


@dataclass(frozen=True)
class Plot:
    """What a referral is about. People are invented, and visibly so."""

    service: str = "shelter"
    urgency: str = "urgent"
    sex: str = "female"
    born: str = "2000-01-01"
    exploitation: str = "forced_labour"
    name: str = "Sample Invented-Primer"
    needs: tuple[str, ...] = field(default=("shelter", "rehabilitation"))


class LateError(LauncherError):
    """The other side did not see in time what this side did."""


class Story:
    """One referral between two agencies, both played by their API clients."""

    def __init__(self, referring: AgencyApi, receiving: AgencyApi, plot: Plot) -> None:
        self.referring = referring
        self.receiving = receiving
        self.plot = plot
        self.case_id = ""
        self.code = ""
        self.referral_id = ""
        self._traces: dict[str, str] = {}

    def record(self) -> list[str]:
        """Ask for this journey's traces, one for each agency's system; returns their ids."""
        self._traces = {agency.agency_id: secrets.token_hex(16) for agency in (self.referring, self.receiving)}
        return list(self._traces.values())

    async def draft(self) -> None:
        """Open a case and draft a referral."""
        case = await self.referring.post("/v1/cases", self._case(), key=str(uuid4()))
        self.case_id, self.code = case["case_id"], case["code"]
        body = {
            "case_id": self.case_id,
            "receiving_agency": self.receiving.agency_id,
            "service": self.plot.service,
            "urgency": self.plot.urgency,
            "interpreter_needed": False,
        }
        draft = await self.referring.post("/v1/referrals", body, key=str(uuid4()))
        self.referral_id = draft["referral_id"]

    async def consent(self) -> None:
        """Record what the beneficiary agrees to."""
        await self.referring.post("/v1/consent_grants", self._consent(), key=str(uuid4()))

    async def send(self) -> None:
        """Draft, consent, send, and wait until the receiving agency has it."""
        await self.draft()
        await self.consent()
        await self.say(self.referring, "send")
        await self.seen_by(self.receiving, "delivered")
        await self.seen_by(self.referring, "delivered")

    async def say(self, agency: AgencyApi, verb: str, **body: object) -> None:
        """One verb by one agency."""
        trace = self._traces.get(agency.agency_id)
        await agency.post(f"/v1/referrals/{self.referral_id}/{verb}", dict(body), trace=trace)

    async def seen_by(self, agency: AgencyApi, *statuses: str) -> Json:
        """Wait until that agency's own copy has reached one of the statuses; raises LateError."""
        return await self._until(agency, lambda referral: referral["status"] in statuses, f"reach {statuses}")

    async def identity_seen(self) -> Json:
        """Wait until the receiving agency may read what was consented, and read it."""
        await self._until(self.receiving, lambda r: r["identity"]["state"] == "released", "get the identity")
        return await self.receiving.get(f"/v1/referrals/{self.referral_id}/identity", purpose="casework")

    async def serve_to_the_end(self, *, ask: bool = False) -> None:
        """From delivered to closed, each step seen by the other side before the next."""
        await self.say(self.receiving, "acknowledge")
        await self.seen_by(self.referring, "acknowledged")
        if ask:
            await self.say(self.receiving, "request_information", question="Is a room for one enough?")
            await self.seen_by(self.referring, "information_requested")
            await self.say(self.referring, "give_information", answer="Yes, from Monday.")
            await self.seen_by(self.receiving, "acknowledged")
        await self.say(self.receiving, "accept")
        await self.seen_by(self.referring, "accepted")
        await self.identity_seen()
        await self.say(self.receiving, "start_service")
        await self.say(self.receiving, "record_service", result="delivered")
        await self.say(self.receiving, "close", outcome="need_met")
        await self.seen_by(self.referring, "closed")

    async def timeline(self, agency: AgencyApi) -> Json:
        return await agency.get(f"/v1/referrals/{self.referral_id}/timeline")

    async def _until(self, agency: AgencyApi, done: Callable[[Json], bool], what: str) -> Json:
        waited_until = asyncio.get_running_loop().time() + _PATIENCE
        while True:
            try:
                referral = await agency.get(f"/v1/referrals/{self.referral_id}")
                if done(referral):
                    return referral
            except ApiError as error:
                if error.status != HTTPStatus.NOT_FOUND:  # not there yet
                    raise
            if asyncio.get_running_loop().time() > waited_until:
                raise LateError(f"{agency.agency_id} did not {what} within {_PATIENCE:.0f} s")
            await asyncio.sleep(_POLL)

    def _case(self) -> Json:
        return {
            "beneficiary": {
                "identity": {"full_name": self.plot.name, "birth_date": self.plot.born, "phone": "+0 000 000 00 00"},
                "sex": self.plot.sex,
                "languages": ["ru"],
                "with_children": False,
            },
            "needs": list(self.plot.needs),
            "risk": "medium",
            "urgency": self.plot.urgency,
            "exploitation": self.plot.exploitation,
        }

    def _consent(self) -> Json:
        return {
            "case_id": self.case_id,
            "receiving_agency": self.receiving.agency_id,
            "purpose": self.plot.service,
            "fields": ["full_name", "birth_date"],
            "withheld": [{"field": "phone", "why": "fear"}],
            "valid_until": (datetime.now(UTC) + timedelta(days=90)).isoformat(),
            "given_by": "beneficiary",
            "explanation_language": "ru",
            "recorded_how": "spoken",
        }
