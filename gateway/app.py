"""The portal, put together: the only file that knows every room."""

import json
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from gateway.openapi import MergedOpenApi
from gateway.portal.assets import Assets
from gateway.portal.errors import install_errors
from gateway.portal.frame import Frame, HeadAsGet
from gateway.portal.memory import Known
from gateway.portal.oidc import Provider
from gateway.portal.render import Pages
from gateway.portal.routes import cases, consent, find, offering, referral, region, session, texts, work
from gateway.portal.sealing import Seal, read_key
from gateway.portal.sessions import PostgresSessions, Sessions
from gateway.portal.visit import Site
from gateway.settings import PortalSettings
from services.chassis.auth import TokenVerifier
from services.chassis.database import LOST
from services.chassis.http import NO_BUILT_IN_TELEMETRY, TraceMiddleware

_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass
class Portal:
    """A running portal: its app, and what must be closed with it."""

    app: FastAPI
    http: httpx.AsyncClient
    pool: asyncpg.Pool | None

    async def close(self) -> None:
        await self.http.aclose()
        if self.pool is not None:
            await self.pool.close()


async def open_portal(settings: PortalSettings) -> Portal:
    """Connect to the database and put the portal together."""
    pool = await asyncpg.create_pool(
        settings.database_url.get_secret_value(),
        min_size=1,
        max_size=5,
        server_settings={"application_name": "safar", "timezone": "UTC"},
    )
    key = settings.session_key_file or (settings.keys_dir / "portal-session.key" if settings.keys_dir else None)
    if key is None:
        raise SystemExit("SAFAR_SESSION_KEY_FILE or SAFAR_KEYS_DIR must be set: sessions are encrypted with a key file")
    http = httpx.AsyncClient(timeout=8.0, trust_env=False, follow_redirects=False)
    seal = Seal(read_key(key))
    return Portal(create_portal(settings, PostgresSessions(pool, seal), http, seal), http, pool)


def create_portal(settings: PortalSettings, sessions: Sessions, http: httpx.AsyncClient, seal: Seal) -> FastAPI:
    """The ASGI app, over whatever keeps its sessions and answers its calls; `seal` marks whose a form is."""
    assets = Assets()
    pages = Pages(settings.node, assets, training=settings.training, partners=settings.partner_nodes)
    verifier = TokenVerifier(settings.issuers, http, mode=settings.mode)
    secret = settings.oidc_client_secret_file.read_text().strip()
    provider = Provider(http, verifier, settings.oidc_issuer, settings.oidc_client_id, secret, settings.portal_origin)
    site = Site(
        node=settings.node,
        origin=settings.portal_origin,
        pages=pages,
        sessions=sessions,
        seal=seal,
        provider=provider,
        http=http,
        bases={name: base.rstrip("/") for name, base in settings.services.items()},
        portals=settings.portals,
        known=Known(),
        help_line=settings.help_line,
    )
    app = FastAPI(
        title="Safar portal",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=NO_BUILT_IN_TELEMETRY,
    )
    app.state.site = site
    for feature in (session, work, cases, find, offering, consent, referral, region, texts):
        app.include_router(feature.router)
    _add_files(app, assets)
    _add_machine_routes(app, site, MergedOpenApi(http, site.bases, settings.node, settings.oidc_issuer))
    install_errors(app)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Frame, node=settings.node, provider=settings.provider_origin, https=settings.is_https)
    app.add_middleware(TraceMiddleware)
    return app


def _add_files(app: FastAPI, assets: Assets) -> None:
    @app.get("/static/{digest}/{name}")
    async def read_file(digest: str, name: str) -> Response:
        found = assets.find(name)
        if found is None:
            return Response("", 404, headers={"Cache-Control": "no-store"})
        caching = _FOR_EVER if digest == assets.digest else "no-cache"
        return Response(found.content, headers={"Cache-Control": caching}, media_type=found.media_type)


def _add_machine_routes(app: FastAPI, site: Site, documents: MergedOpenApi) -> None:
    @app.get("/favicon.ico")
    async def no_icon() -> Response:
        """A page without a sign of ours asks for one: there is none."""
        return Response(status_code=204)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/ready")
    async def ready() -> JSONResponse:
        try:
            is_ready = await site.sessions.ready()
        except LOST:
            is_ready = False
        return JSONResponse({"ready": is_ready, "checks": {"database": is_ready}}, 200 if is_ready else 503)

    @app.get("/openapi.json")
    @app.get("/v1/openapi.json")
    async def read_openapi(_: Request) -> Response:
        document: dict[str, Any] = await documents.read()
        return Response(json.dumps(document), media_type="application/json")
