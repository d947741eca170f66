"""nanoidp with a sign-in page of our own: no other origin is asked for anything, in English and Russian.

    python -m deploy.nanoidp.server <directory written by `provider-files`>

For development on loopback only. nanoidp's own page loads its style and fonts from a public network.
"""

import logging
import os
import sys
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def application(directory: Path) -> tuple[Any, int]:
    """The WSGI app over that directory, and the port it is told to listen on."""
    from jinja2 import ChoiceLoader, FileSystemLoader
    from nanoidp.app import create_app  # type: ignore[import-untyped]  # published without types
    from nanoidp.config import get_config  # type: ignore[import-untyped]  # published without types

    app = create_app(str(directory), strict_config=True)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), app.jinja_loader])
    app.after_request(_with_headers)
    return app, int(get_config().settings.port)


def _with_headers(response: Any) -> Any:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def main() -> None:
    """Serve until stopped."""
    directory = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else sys.exit(__doc__)
    os.umask(0o077)
    app, port = application(directory)
    for chatty in ("werkzeug", "nanoidp"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    from werkzeug.serving import make_server

    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


if __name__ == "__main__":
    main()
