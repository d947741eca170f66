"""Bring databases to the newest schema and install each service's context key, as the owner of the tables.

    python -m deploy.image.migrate identity referrals gateway

SAFAR_MIGRATION_DATABASE_URL is an address with `{database}` in the place of the service's name, such as
`postgresql://kz_migrator@postgres/kz_{database}`: a login that may take the owners' roles, which no long-lived role is
ever given. SAFAR_CONTEXT_KEYS_DIR holds `context-<service>.key`, with which that service signs its context.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg

_DATABASES = {
    "referrals": {
        "SAFAR_MIGRATION_DATABASE_URL": "referrals",
        "SAFAR_KEYS_MIGRATION_DATABASE_URL": "referrals_keys",
    }
}


def migrate(service: str, address: str, context_keys: Path) -> None:
    """Migrate one service's databases and install its key."""
    names = _DATABASES.get(service, {"SAFAR_MIGRATION_DATABASE_URL": service})
    urls = {variable: address.replace("{database}", name) for variable, name in names.items()}
    module = service if service == "gateway" else f"services.{service}"
    subprocess.run([sys.executable, "-m", module, "migrate"], check=True, env=os.environ | urls)
    key = (context_keys / f"context-{service}.key").read_text().strip()
    for url in urls.values():
        asyncio.run(install_context_key(url, key))


async def install_context_key(url: str, key: str) -> bool:
    """Install the key as the database's owner; False where there are no tenants, so no context."""
    connection = await asyncpg.connect(url)
    try:
        owner = await connection.fetchval(
            "SELECT quote_ident(pg_get_userbyid(datdba)) FROM pg_database WHERE datname = current_database()"
        )
        await connection.execute(f"SET ROLE {owner}")
        if not await connection.fetchval("SELECT to_regprocedure('safar.install_context_key(text)') IS NOT NULL"):
            return False
        await connection.execute("SELECT safar.install_context_key($1)", key)
        return True
    finally:
        await connection.close()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        migrate(name, os.environ["SAFAR_MIGRATION_DATABASE_URL"], Path(os.environ["SAFAR_CONTEXT_KEYS_DIR"]))
        sys.stdout.write(f"{name} is at its newest schema\n")
