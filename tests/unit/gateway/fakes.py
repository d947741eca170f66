# ruff: noqa: E501  (tables of invented answers read better in rows)
"""A portal over fake services: the shapes that the services answer, invented content, no socket."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from gateway.app import create_portal
from gateway.portal.owners import form_secret
from gateway.portal.sealing import Seal
from gateway.portal.sessions import Session
from gateway.settings import PortalSettings
from tests.unit.gateway.memory import MemorySessions

ORIGIN = "http://localhost:9300"
SEAL = Seal(b"k" * 32)
CASE = "01920000-0000-7000-8000-00000000000a"
GRANT = "01920000-0000-7000-8000-00000000000c"
OFFERING = "01920000-0000-7000-8000-00000000000d"
_SERVICES = ("identity", "directory", "referrals", "notifications", "coordination")
_HOUR = timedelta(hours=1)


def referral_id(n: int) -> str:
    return f"01920000-0000-7000-8000-{n:012d}"


def iso(moment: datetime) -> str:
    return moment.isoformat()


class FakeServices:
    """Answers like the services of a node; keeps what was asked of it."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)
        self.page_size = 100
        self.watch: Callable[[httpx.Request], object] = lambda _: None
        self.asked: list[tuple[str, str, Any]] = []
        self.away: set[str] = set()
        self.case_referral_status = "accepted"
        self.refuse: dict[str, tuple[int, dict[str, Any]]] = {}
        self.search: dict[str, Any] = {}

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.watch(request)
        service = request.url.host
        body = json.loads(request.content) if request.content else None
        self.asked.append((request.method, request.url.path, body))
        if service in self.away:
            raise httpx.ConnectError("away")
        if request.url.path in self.refuse:
            status, problem = self.refuse[request.url.path]
            return httpx.Response(status, json=problem)
        found = self._find(
            request.method,
            request.url.path,
            dict(request.url.params) | {"status": ",".join(request.url.params.get_list("status"))},
            body,
        )
        if found is None:
            return httpx.Response(404, json={"code": "not_found", "status": 404})
        return httpx.Response(200, json=found)

    def _find(  # noqa: C901, PLR0911, PLR0912  (one case an address)
        self, method: str, path: str, query: dict[str, str], body: Any
    ) -> Any:
        parts = path.strip("/").split("/")[1:]
        match (method, *parts):
            case ("GET", "links"):
                return {
                    "items": [
                        {"node": "kg", "state": "up"},
                        {
                            "node": "tj",
                            "state": "waiting",
                            "waiting": 1,
                            "oldest_waiting_since": iso(self.now - 2 * _HOUR),
                        },
                        {"node": "tm", "state": "up"},
                        {"node": "uz", "state": "up"},
                    ]
                }
            case ("GET", "agencies"):
                return {
                    "agencies": [
                        _agency("kz.sapar-demo", "Sapar-Demo", "Сапар-Демо"),
                        _agency("kz.clinic-demo", "Clinic-Demo", "Клиника-Демо"),
                    ]
                }
            case ("GET", "districts"):
                return {
                    "districts": [
                        {"code": "KZ-75", "country": "kz", "names": {"en": "Almaty", "ru": "Алматы"}},
                        {"code": "UZ-TK", "country": "uz", "names": {"en": "Tashkent", "ru": "Ташкент"}},
                        {
                            "code": "UZ-TO",
                            "country": "uz",
                            "names": {"en": "Tashkent region", "ru": "Ташкентская область"},
                        },
                    ]
                }
            case ("GET", "referrals"):
                if query.get("case_id"):
                    return {"items": [self.sent()[4], self.sent()[8]], "next_cursor": None}
                wanted = query["status"].split(",") if query.get("status") else []
                items = [
                    one
                    for one in [*self.sent(), *self.received()]
                    if query.get("role") in {None, one["side"]}
                    and query.get("move") in {None, one["move"]}
                    and (not wanted or one["status"] in wanted)
                ]
                start, most = int(query.get("cursor") or 0), self.page_size
                following = str(start + most) if start + most < len(items) else None
                return {"items": items[start : start + most], "next_cursor": following}
            case ("GET", "referrals", one):
                return self.referral(one)
            case ("GET", "referrals", one, "timeline"):
                return self.timeline(one)
            case ("GET", "referrals", one, "identity"):
                return {"referral_id": one, "identity": {"full_name": "Имя Вымышленное"}, "valid_until": iso(self.now)}
            case ("POST", "referrals", one, _verb):
                return {"referral_id": one, "status": "accepted", "version": 2}
            case ("POST", "referrals"):
                return {"referral_id": referral_id(77), "status": "draft", "version": 1, "created_at": iso(self.now)}
            case ("GET", "cases"):
                return {"items": self.cases(), "next_cursor": None}
            case ("GET", "cases", one) if one == CASE:
                return self.case()
            case ("GET", "cases", _one, "beneficiary"):
                return {
                    "case_id": CASE,
                    "code": "KZ-1C8R-26",
                    "identity": {"full_name": "Имя Вымышленное", "phone": "+7 000"},
                }
            case ("POST", "cases"):
                return {"case_id": CASE, "code": "KZ-1C8R-26", "created_at": iso(self.now)}
            case ("POST", "cases", one, "check_note"):
                return {"case_id": one}
            case ("POST", "consent_grants"):
                return {"consent_grant_id": GRANT}
            case ("POST", "consent_grants", _one, "withdraw"):
                return {"consent_grant_id": GRANT, "status": "withdrawn"}
            case ("GET", "consent_grants", _one):
                return self.grant()
            case ("POST", "service_offering_searches"):
                return self.found() | self.search
            case ("GET", "service_offerings"):
                return {
                    "service_offerings": [self.offering(OFFERING, 3, 12) | {"status": "published"}],
                    "next_cursor": None,
                }
            case ("GET", "service_offerings", one):
                return self.offering(one, 3, 12) | {"own": True, "private": {"address": "Invented street 45"}}
            case ("PUT", "service_offerings", one, "capacity"):
                return self.offering(one, 2, 12)
            case ("POST", "count_queries"):
                return self.counts(body["dimensions"])
        return None

    def item(
        self, n: int, status: str, action: str | None, move: str, started: float, due: float, **more: Any
    ) -> dict[str, Any]:
        """A referral; `started` and `due` are hours from now."""
        partner = more.pop("partner", ("uz", "uz.najot-demo", "Najot-Demo", "Нажот-Демо"))
        limit = None
        if due:
            limit = {
                "kind": "decide",
                "started_at": iso(self.now + started * _HOUR),
                "due_at": iso(self.now + due * _HOUR),
                "overdue": due < 0,
                "escalated_to": "supervisor" if due < 0 else None,
                "escalated_at": iso(self.now + due * _HOUR) if due < 0 else None,
            }
        return {
            "referral_id": referral_id(n),
            "code": f"KZ-{n}F7K-26",
            "side": "referring",
            "status": status,
            "version": 3,
            "partner_country": partner[0],
            "partner_agency": partner[1],
            "partner_names": {"en": partner[2], "ru": partner[3]},
            "service": "shelter",
            "urgency": "urgent",
            "case_id": CASE,
            "sex": "female",
            "age_band": "24-30",
            "district": "UZ-TO",
            "with_children": True,
            "next_action": action,
            "move": move,
            "next_deadline": limit,
            "in_queue_since": None,
            "created_at": iso(self.now - 48 * _HOUR),
            "sent_at": iso(self.now - 45 * _HOUR),
        } | more

    def sent(self) -> list[dict[str, Any]]:
        tj = ("tj", "tj.panoh-demo", "Panoh-Demo", "Панох-Демо")
        kg = ("kg", "kg.tayanych-demo", "Tayanych-Demo", "Таяныч-Демо")
        tm = ("tm", "tm.umyt-demo", "Umyt-Demo", "Umyt-Demo")
        own = ("kz", "kz.clinic-demo", "Clinic-Demo", "Клиника-Демо")
        return [
            self.item(
                1, "information_requested", "give_information", "mine", -10, -2, partner=tj, service="food_and_items"
            ),
            self.item(2, "information_requested", "give_information", "mine", -5, 1.7),
            self.item(3, "service_delivered", "close", "mine", -20, 50, partner=kg, service="safe_return"),
            self.item(4, "in_progress", "record_service", "mine", -20, 120, service="livelihood"),
            self.item(5, "accepted", "start_service", "theirs", -18, 30, service="rehabilitation"),
            self.item(6, "delivered", "acknowledge", "theirs", -60, -38, partner=tm, service="documents"),
            self.item(
                7,
                "sent",
                "acknowledge",
                "theirs",
                -3,
                5,
                partner=tj,
                service="food_and_items",
                in_queue_since=iso(self.now - 2 * _HOUR),
            ),
            self.item(8, "acknowledged", "decide", "theirs", -90, 246, partner=own, service="education"),
            self.item(9, "draft", "send", "mine", 0, 0),
            self.item(10, "closed", None, "none", 0, 0, outcome="need_met"),
        ]

    def received(self) -> list[dict[str, Any]]:
        kg = ("kg", "kg.tayanych-demo", "Tayanych-Demo", "Таяныч-Демо")
        return [
            self.item(
                21,
                "delivered",
                "acknowledge",
                "mine",
                -5,
                -0.7,
                side="receiving",
                urgency="emergency",
                case_id=None,
                age_band="18-23",
                with_children=None,
            ),
            self.item(
                22,
                "acknowledged",
                "decide",
                "mine",
                -66,
                3,
                side="receiving",
                partner=kg,
                service="rehabilitation",
                case_id=None,
            ),
            self.item(
                23,
                "acknowledged",
                "decide",
                "mine",
                -24,
                46,
                side="receiving",
                service="legal_assistance",
                sex="male",
                case_id=None,
            ),
            self.item(
                24,
                "information_requested",
                "give_information",
                "theirs",
                -40,
                24,
                side="receiving",
                service="health",
                case_id=None,
            ),
            self.item(25, "declined", None, "none", 0, 0, side="receiving", case_id=None),
        ]

    def referral(self, one: str) -> dict[str, Any] | None:
        found = next((item for item in [*self.sent(), *self.received()] if item["referral_id"] == one), None)
        if found is None:
            return None
        receiving = found["side"] == "receiving"
        possible = {
            "delivered": ["acknowledge"],
            "acknowledged": ["request_information", "accept", "decline", "redirect"],
            "accepted": ["start_service"],
            "in_progress": ["record_service"],
            "service_delivered": ["close"],
        }
        verbs = (
            [
                "acknowledge",
                "request_information",
                "accept",
                "decline",
                "redirect",
                "start_service",
                "record_service",
                "close",
            ]
            if receiving
            else ["send", "give_information", "withdraw", "withdraw_consent"]
        )
        may = (
            possible.get(found["status"], [])
            if receiving
            else {
                "draft": ["send"],
                "information_requested": ["give_information", "withdraw", "withdraw_consent"],
                "accepted": ["withdraw_consent"],
            }.get(found["status"], ["withdraw", "withdraw_consent"])
        )
        own, partner = "kz.sapar-demo", found["partner_agency"]
        return found | {
            "referring_agency": partner if receiving else own,
            "receiving_agency": own if receiving else partner,
            "language": "uz",
            "interpreter_needed": False,
            "exploitation": "forced_labour",
            "note": "Комната на двоих",
            "case_holder": partner if receiving else own,
            "consent": self.grant(),
            "identity": {"state": "withheld"},
            "verbs": [
                {"verb": verb, "possible": verb in may, "why": None if verb in may else "not_in_this_state"}
                for verb in verbs
            ],
            "notices": [],
        }

    def timeline(self, one: str) -> dict[str, Any]:
        start = self.now - 45 * _HOUR

        def entry(n: int, act: str, side: str, hours: float, **more: Any) -> dict[str, Any]:
            at = start + hours * _HOUR
            return {
                "number": n,
                "author": side,
                "author_number": n,
                "side": side,
                "own": side == "referring",
                "act": act,
                "at": iso(at),
                "actor_role": "caseworker",
                "actor_name": "О. Примерова" if side == "referring" else None,
                "hash": "0" * 64,
                "previous": "0" * 64,
                "codes": {},
                "text": None,
                "text_closed": False,
                "received_at": iso(at + timedelta(seconds=2)),
                "opened_at": None,
                "travel_seconds": 2,
                "waited": False,
            } | more

        return {
            "referral_id": one,
            "head": "7c1e" + "0" * 56 + "b402",
            "entries": [
                entry(1, "sent", "referring", 0, opened_at=iso(start + timedelta(minutes=4))),
                entry(2, "acknowledged", "receiving", 1.1, took_seconds=4080, allowed_seconds=86400),
                entry(3, "information_requested", "receiving", 20, text="Нужна ли отдельная комната для ребёнка?"),
                entry(
                    4,
                    "information_given",
                    "referring",
                    22,
                    text="Да, комната на двоих.",
                    waited=True,
                    received_at=iso(start + 24.25 * _HOUR),
                ),
                entry(5, "accepted", "receiving", 26, took_seconds=95280, allowed_seconds=259200),
                entry(
                    6,
                    "identity_released",
                    "referring",
                    26,
                    actor_role=None,
                    actor_name=None,
                    codes={"fields": ["full_name", "birth_date", "phone"]},
                    opened_at=iso(start + 26.2 * _HOUR),
                ),
            ],
            "expected_next": {
                "act": "start_service",
                "by": "uz.najot-demo",
                "move": "theirs",
                "started_at": iso(self.now - 18 * _HOUR),
                "due_at": iso(self.now + 30 * _HOUR),
                "overdue": False,
                "if_silent": [
                    {"stage": "supervisor", "at": iso(self.now + 30 * _HOUR), "done": False},
                    {"stage": "national_coordinator", "at": iso(self.now + 54 * _HOUR), "done": False},
                ],
            },
        }

    def cases(self) -> list[dict[str, Any]]:
        return [self.case()]

    def case(self) -> dict[str, Any]:
        return {
            "case_id": CASE,
            "code": "KZ-1C8R-26",
            "sex": "female",
            "age_band": "24-30",
            "birth_year": None,
            "district": "KZ-75",
            "languages": ["uz", "ru"],
            "with_children": True,
            "needs": ["shelter", "rehabilitation"],
            "risk": "high",
            "urgency": "urgent",
            "exploitation": "forced_labour",
            "created_at": iso(self.now - 72 * _HOUR),
            "erased": False,
            "identity_fields": ["full_name", "birth_date", "phone", "address", "family", "health", "circumstances"],
            "referrals": [
                {
                    "referral_id": referral_id(5),
                    "status": self.case_referral_status,
                    "service": "shelter",
                    "receiving_agency": "uz.najot-demo",
                    "created_at": iso(self.now),
                }
            ],
            "consent_grants": [self.grant()],
        }

    def grant(self) -> dict[str, Any]:
        return {
            "consent_grant_id": GRANT,
            "case_id": CASE,
            "receiving_agency": "uz.najot-demo",
            "purpose": "shelter",
            "fields": ["full_name", "birth_date", "phone"],
            "valid_until": iso(self.now + timedelta(days=90)),
            "status": "valid",
        }

    def offering(self, one: str, free: int | None, top: int, hours: float = 2) -> dict[str, Any]:
        said = {
            "state": "stale" if free is None else "fresh" if hours < 24 else "old",
            "places": "free",
            "available": free,
            "maximum": top if free is not None else None,
            "updated_at": iso(self.now - hours * _HOUR),
            "age_hours": hours,
            "last_answer": {"available": 4, "maximum": 10} if free is None else None,
        }
        return {
            "service_offering_id": one,
            "agency": {"agency_id": "uz.najot-demo", "kind": "ngo", "names": {"en": "Najot-Demo", "ru": "Нажот-Демо"}},
            "country": "uz",
            "district": "UZ-TK",
            "district_names": {"en": "Tashkent", "ru": "Ташкент"},
            "service": "shelter",
            "names": {"en": "Shelter for women with children", "ru": "Приют для женщин с детьми"},
            "descriptions": {"en": "Six months, a school nearby", "ru": "Шесть месяцев, рядом школа"},
            "languages": ["uz", "ru"],
            "eligibility": {"sexes": ["female"], "minimum_age": 18, "maximum_age": 45, "with_children": "yes"},
            "capacity": said,
        }

    def found(self) -> dict[str, Any]:
        def result(n: int, group: str, free: int | None, top: int, hours: float, states: str) -> dict[str, Any]:
            names = ("sex", "age", "with_children", "languages", "around_the_clock")
            values: list[Any] = [
                ["female"],
                {"minimum": 18, "maximum": 45, "bands": []},
                "yes",
                ["uz", "ru"],
                "unknown",
            ]
            known = {"m": "met", "n": "not_met", "u": "unknown"}
            return self.offering(referral_id(900 + n), free, top, hours) | {
                "group": group,
                "nearness": "country",
                "criteria": [
                    {"name": a, "state": known[s], "value": v} for a, s, v in zip(names, states, values, strict=True)
                ],
            }

        return {
            "results": [
                result(1, "fits", 3, 12, 2, "mmmmm"),
                result(2, "fits", 1, 8, 26, "mmmmm"),
                result(3, "partly_known", None, 10, 216, "mmumu"),
                result(4, "does_not_fit", 14, 40, 3, "mmnum"),
            ],
            "groups": {"fits": 2, "partly_known": 1, "does_not_fit": 1},
            "countries": {"kz": 6, "uz": 9},
            "searched_at": iso(self.now),
            "next_cursor": None,
            "truncated": False,
        }

    def counts(self, dimensions: list[str]) -> dict[str, Any]:
        numbers: dict[tuple[str, ...], Any] = {
            ("origin", "destination"): {("kz", "uz"): 206, ("kz", "kg"): 84, ("kz", "tj"): 60, ("kz", "tm"): None, ("kg", "uz"): 38,
                ("kg", "kz"): 46, ("tj", "uz"): 30, ("tj", "kg"): 18, ("tm", "uz"): 26, ("uz", "kz"): 52, ("uz", "tj"): 27, ("uz", "tm"): None},
            ("destination", "outcome"): {("uz", "served"): 160, ("uz", "open"): 70, ("uz", "declined"): 44, ("uz", "silent"): 26,
                ("kg", "served"): 60, ("kg", "open"): 30, ("kg", "silent"): 12, ("kz", "served"): 58, ("kz", "declined"): None,
                ("kz", "open"): 40, ("tj", "served"): 40, ("tj", "declined"): 33, ("tj", "silent"): 29},
            ("service", "destination"): {("shelter", "kz"): 41, ("shelter", "uz"): 33, ("shelter", "tm"): None,
                ("legal_assistance", "kz"): 22, ("legal_assistance", "uz"): 18, ("documents", "kz"): 14, ("documents", "kg"): None,
                ("psychosocial_support", "tj"): None, ("psychosocial_support", "uz"): 35},
            ("destination", "month"): {(place, f"2026-{n:02}"): 30 for place in ("kz", "uz") for n in range(1, 12)},
            ("destination",): {("kz",): 98, ("uz",): 300},
            ("month",): {("2026-09",): 0, ("2026-10",): 300, ("2026-11",): None},
        }[tuple(dimensions)]  # fmt: skip
        held = {("psychosocial_support", "tj"): "complementary"}
        rows = [
            {"at": dict(zip(dimensions, key, strict=True)), "value": count,
             "suppressed": None if count is not None else held.get(key, "below_threshold")}
            for key, count in numbers.items()
        ]  # fmt: skip
        waits = [
            {"at": {}, "measure": "acknowledge", "median_hours": 11},
            {"at": {"destination": "uz"}, "measure": "acknowledge", "median_hours": 9},
            {"at": {"destination": "uz"}, "measure": "decide", "median_hours": 36},
            {"at": {"destination": "kz"}, "measure": "decide", "median_hours": None},
        ]  # fmt: skip
        if dimensions == ["destination", "month"]:
            lines = {
                "kz": [70, 66, 90, 84, None, 61, 55, 50, 49, 40, 36],
                "uz": [None, 20, None, 120, 110, 96, None, 90, 99, 80, 108],
            }
            waits += [
                {"at": {"destination": place, "month": f"2026-{n:02}"}, "measure": "decide", "median_hours": hours}
                for place, line in lines.items()
                for n, hours in enumerate(line, 1)
            ]
            waits += [
                {"at": {"destination": "kz", "month": f"2025-{n:02}"}, "measure": "decide", "median_hours": 60 + n}
                for n in range(1, 13)
            ]
        totals: list[dict[str, Any]] = {
            ("origin", "destination"): [{"at": {}, "value": 650, "suppressed": None},
                {"at": {"origin": "kz"}, "value": 361, "suppressed": None},
                {"at": {"destination": "tm"}, "value": None, "suppressed": "below_threshold"}],
            ("destination", "outcome"): [{"at": {"outcome": "declined"}, "value": None, "suppressed": "complementary"},
                {"at": {"outcome": "open"}, "value": 151, "suppressed": None}],
        }.get(tuple(dimensions), [])  # fmt: skip
        return {
            "threshold": 11,
            "rounded_to": 10,
            "rows": rows,
            "totals": totals,
            "waits": waits,
            "as_of": iso(self.now),
        }


def _agency(one: str, en: str, ru: str) -> dict[str, Any]:
    return {"agency_id": one, "kind": "ngo", "names": {"en": en, "ru": ru}, "district": None, "focal_point": None}


@cache
def _secret(subject: str, agency: str) -> str:
    return form_secret(SEAL, (subject, agency))


def session(*roles: str, subject: str = "o.primerova", agency: str = "kz.sapar-demo") -> Session:
    return Session(
        subject=subject, name="О. Примерова", agency=agency,
        agency_names={"en": "Sapar-Demo, public fund", "ru": "Сапар-Демо, общественный фонд"},
        roles=roles or ("caseworker",), csrf=_secret(subject, agency), access_token="token", expires=time.time() + 3600, refresh_token="r",
    )  # fmt: skip


def settings(folder: Path, node: str = "kz", origin: str = ORIGIN) -> PortalSettings:
    secret = folder / "secret"
    secret.write_text("s")
    return PortalSettings(
        node=node,
        mode="development",
        database_url="postgresql://none",
        portal_origin=origin,
        oidc_issuer="http://idp",
        oidc_client_secret_file=secret,
        services={name: f"http://{name}" for name in _SERVICES},
        partners="kg,tj,tm,uz",
    )  # type: ignore[arg-type, call-arg]


def portal(
    folder: Path, services: FakeServices, sessions: MemorySessions, node: str = "kz", origin: str = ORIGIN
) -> FastAPI:
    http = httpx.AsyncClient(transport=services.transport())
    return create_portal(settings(folder, node, origin), sessions, http, SEAL)
