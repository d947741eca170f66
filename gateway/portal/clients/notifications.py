"""Notifications: how the links with partner countries are."""

from datetime import datetime

from gateway.portal.clients.api import Api
from gateway.portal.clients.referrals import Answer

_S = "notifications"


class Link(Answer):
    """The link with a partner country; `linked` is None while nobody knows."""

    partner: str
    linked: bool | None = None
    since: datetime | None = None
    waiting: int = 0


async def links(api: Api) -> list[Link]:
    found = await api.get(_S, "/v1/links")
    return [Link.model_validate(one) for one in found["links"]]
