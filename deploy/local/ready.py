"""Whether a component answers."""

import asyncio
import http.client
import socket
from urllib.parse import urlsplit

from deploy.local.component import Component

_PATIENCE = 3.0
_OK = range(200, 300)


async def answers(component: Component) -> bool:
    """True when its ready address answers 2xx, or its port accepts a connection."""
    if component.ready:
        return await asyncio.to_thread(answers_http, component.ready)
    return await asyncio.to_thread(_accepts, component.port)


def answers_http(url: str, patience: float = _PATIENCE) -> bool:
    """One GET; anything but a 2xx answer in time is no."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=patience)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status in _OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE).close()
    except OSError:
        return False
    return True
