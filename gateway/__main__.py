"""The portal's commands.

`portal` serves it, `migrate` prepares its database, `messages` brings the catalogues to what pages say and names what
is not translated.

"""

import gc
import os
import sys
from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"


def main(words: list[str]) -> None:
    """Run one role."""
    role = words[0] if words else ""
    if role == "portal":
        import uvloop

        uvloop.run(_serve())
    elif role == "migrate":
        from services.chassis.migrations import migrate

        migrate("gateway", MIGRATIONS, os.environ["SAFAR_MIGRATION_DATABASE_URL"])
    elif role == "messages":
        from gateway.portal.messages import update

        missing = update()
        sys.exit("\n".join(f"{language}: {text}" for language, texts in missing.items() for text in texts) or 0)
    else:
        sys.exit("usage: python -m gateway portal|migrate|messages")


async def _serve() -> None:
    from gateway.app import open_portal
    from gateway.settings import PortalSettings
    from services.chassis import logs, telemetry
    from services.chassis.serving import serve_http, told_to_stop

    settings = PortalSettings()
    logs.set_up(f"{settings.node}.portal", settings.log_level)
    telemetry.set_up("portal", settings.node, settings.trace_file, dict(os.environ))
    portal = await open_portal(settings)
    stop = told_to_stop()
    gc.collect()
    gc.freeze()
    logs.Log("portal").info("started", port=settings.http_port)
    await serve_http(portal.app, settings.http_host, settings.http_port, stop)
    logs.Log("portal").info("stopping")
    await portal.close()


main(sys.argv[1:])
