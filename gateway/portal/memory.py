"""What the portal remembers for a short while: public facts only, never anything of a person or an agency's work."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.portal.clients import directory, identity, notifications
from gateway.portal.clients.api import Api, ApiError, ServiceAwayError
from gateway.portal.clients.directory import District
from gateway.portal.clients.identity import Agency
from gateway.portal.clients.notifications import Link

_LINKS, _NAMES = 5.0, 300.0


@dataclass
class Known:
    """Links, districts and agencies of the node, each asked for again when it is old."""

    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[float, Any]] = field(default_factory=dict)

    async def links(self, api: Api) -> list[Link]:
        return await self._fresh("links", _LINKS, lambda: notifications.links(api)) or []

    async def districts(self, api: Api) -> list[District]:
        return await self._fresh("districts", _NAMES, lambda: directory.districts(api)) or []

    async def agencies(self, api: Api) -> list[Agency]:
        return await self._fresh("agencies", _NAMES, lambda: identity.agencies(api)) or []

    async def _fresh(self, name: str, age: float, ask: Callable[[], Awaitable[Any]]) -> Any:
        when, value = self._kept.get(name, (float("-inf"), None))
        if self.clock() - when < age:
            return value
        try:
            value = await ask()
        except (ServiceAwayError, ApiError):
            return value  # a side column must not take the page down
        self._kept[name] = (self.clock(), value)
        return value
