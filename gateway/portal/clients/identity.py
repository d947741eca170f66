"""Identity: who is signed in, and which agencies take part."""

from gateway.portal.clients.api import Api
from gateway.portal.clients.referrals import Answer

_S = "identity"


class Agency(Answer):
    agency_id: str
    kind: str
    names: dict[str, str]
    district: str | None = None


async def agencies(api: Api) -> list[Agency]:
    """The agencies of this country."""
    found = await api.get(_S, "/v1/agencies")
    return [Agency.model_validate(one) for one in found["agencies"]]


async def own_agency(api: Api) -> Agency | None:
    found = (await api.get(_S, "/v1/me")).get("agency")
    return Agency.model_validate(found) if found else None
