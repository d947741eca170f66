"""Around every answer: the reader's language, and the headers that keep a page to itself."""

from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie

from babel import negotiate_locale
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.portal.words import COMPLETE, speak

_FIRST = "ru"


class Frame:
    """Pure ASGI: sets the speech of the request, and the security headers of the response."""

    def __init__(self, app: ASGIApp, node: str, provider: str, *, https: bool) -> None:
        self._app = app
        self._node = node
        self._headers = {
            "Content-Security-Policy": (
                "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; font-src 'none'; "
                f"form-action 'self' {provider}; frame-ancestors 'none'; base-uri 'none'"
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        speak(language_of(Headers(scope=scope)), self._node, datetime.now(UTC))

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, dressed)


class HeadAsGet:
    """Pure ASGI: HEAD is answered like GET, without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, bodiless)


def language_of(headers: Headers) -> str:
    """The chosen language, else the browser's first that is complete, else Russian."""
    try:
        chosen = SimpleCookie(headers.get("cookie", "")).get("safar-language")
    except CookieError:
        chosen = None
    if chosen is not None and chosen.value in COMPLETE:
        return chosen.value
    wanted = [
        part.partition(";")[0].strip().replace("-", "_") for part in headers.get("accept-language", "").split(",")
    ]
    return negotiate_locale([one for one in wanted if one], COMPLETE) or _FIRST
