"""Answering HTTP until a signal says stop: services and portals alike."""

import asyncio
import signal

from fastapi import FastAPI


def told_to_stop() -> asyncio.Event:
    """Set by SIGTERM or SIGINT; the running loop takes both from here on."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def serve_http(app: FastAPI, host: str, port: int, stop: asyncio.Event) -> None:
    """Serve until `stop` is set."""
    import uvicorn

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)

    async def watch() -> None:
        await stop.wait()
        server.should_exit = True

    watching = asyncio.create_task(watch())
    await server._serve()  # noqa: SLF001  (serve() would take the signals that this process handles itself)
    watching.cancel()
