"""Notifications: how the links with partner countries are. Public: counts by country, nothing of any agency."""

from datetime import datetime

from gateway.portal.clients.api import Api
from gateway.portal.clients.referrals import Answer

_S = "notifications"


class Link(Answer):
    """The link with a partner country: `up`, or `waiting` when messages have not crossed for a while."""

    node: str
    state: str
    waiting: int = 0
    oldest_waiting_since: datetime | None = None


async def links(api: Api) -> list[Link]:
    found = await api.get(_S, "/v1/links")
    return [Link.model_validate(one) for one in found["items"]]
