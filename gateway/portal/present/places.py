"""Countries, agencies, districts and links as a page shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.portal.clients.directory import District
from gateway.portal.clients.identity import Agency
from gateway.portal.clients.notifications import Link
from gateway.portal.weave import COUNTRIES
from gateway.portal.words import _, clock, country, speech


@dataclass(frozen=True)
class Partner:
    """A country and its link."""

    country: str
    name: str
    linked: bool | None
    words: str


@dataclass(frozen=True)
class Party:
    """An agency with its country and where it is."""

    country: str
    name: str
    place: str


def named(names: Mapping[str, str] | None, fallback: str) -> str:
    """A name in the reader's language."""
    if not names:
        return fallback
    return names.get(speech().language) or names.get("en") or fallback


def agency_name(agency_id: str, agencies: Iterable[Agency]) -> str:
    """The name of an agency of this country; a partner's is its slug until its name arrives."""
    for agency in agencies:
        if agency.agency_id == agency_id:
            return named(agency.names, agency_id)
    return agency_id.partition(".")[2].replace("-", " ").title() or agency_id


def agency_country(agency_id: str) -> str:
    return agency_id.partition(".")[0]


def partners(links: Sequence[Link], nodes: Sequence[str]) -> list[Partner]:
    """One line per partner country, in the one order that all pages use; the region names none and takes all."""
    by_node = {link.node: link for link in links}
    wanted = nodes or tuple(by_node)
    return [_partner(node, by_node.get(node)) for node in COUNTRIES if node in wanted]


def _partner(node: str, link: Link | None) -> Partner:
    if link is None:
        return Partner(node, country(node), None, "")
    since = link.oldest_waiting_since
    words = _("waiting since %(time)s", time=clock(since)) if since else _("waiting")
    return Partner(node, country(node), link.state == "up", words)


def district_name(code: str | None, districts: Iterable[District]) -> str:
    """A district's name; what has no code is shown as it was written."""
    if not code:
        return ""
    for district in districts:
        if district.code == code:
            return named(district.names, code)
    return code


def district_choices(districts: Iterable[District], *nodes: str) -> list[tuple[str, str]]:
    return [
        (district.code, named(district.names, district.code)) for district in districts if district.country in nodes
    ]
