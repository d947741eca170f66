"""Make a node's streams and durable consumers, as deployment: `python -m deploy.image.streams kz,uz`.

The argument names every country of the installation, so that a country that joins later gets its pair of streams on
the next run. What is there already is brought up to date; running it again changes nothing.
"""

import asyncio
import os
import ssl
import sys

import nats

from deploy.local.errors import LauncherError
from deploy.local.plan import plan
from deploy.local.streams import apply, declared

_SEED_FILES = {"NODE": "SAFAR_NODE_DEPLOYER_SEED_FILE", "BORDER": "SAFAR_BORDER_DEPLOYER_SEED_FILE"}
_PATIENCE = 10


async def create(node: str, countries: str) -> int:
    """Make every stream and consumer of the node; how many streams it has now."""
    streams = declared(plan(countries, "8400"), node)
    for account, seed_file in _SEED_FILES.items():
        connection = await nats.connect(
            os.environ["SAFAR_NATS_URL"],
            tls=ssl.create_default_context(cafile=os.environ["SAFAR_NATS_CA_FILE"]),
            nkeys_seed=os.environ[seed_file],
            connect_timeout=_PATIENCE,
            max_reconnect_attempts=5,
        )
        try:
            await asyncio.gather(*(apply(connection, stream) for stream in streams if stream.account == account))
        finally:
            await connection.close()
    return len(streams)


if __name__ == "__main__":
    try:
        made = asyncio.run(create(os.environ["SAFAR_NODE"], ",".join(sys.argv[1:])))
    except LauncherError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{made} streams\n")
