"""Building blocks of every service's migrations, and the runner behind `migrate`.

SQLAlchemy and alembic are imported by this role only: a service never pays for them at run time.
"""

import asyncio
from pathlib import Path
from typing import Protocol

_LOCK_TIMEOUT = "5s"


class Operations(Protocol):
    """The part of alembic's `op` that these blocks use."""

    def execute(self, sqltext: str) -> None: ...


def create_context(op: Operations, service: str) -> None:
    """Schema `safar`: the signing key, its installer, and `safar.agency()` which raises without a valid context."""
    op.execute("CREATE SCHEMA safar")
    op.execute("CREATE TABLE safar.context_key (inner_pad bytea NOT NULL, outer_pad bytea NOT NULL)")
    op.execute(_INSTALL_KEY)
    op.execute(_AGENCY)
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA safar FROM PUBLIC")
    op.execute(f"GRANT USAGE ON SCHEMA safar TO {service}_app")
    op.execute(f"GRANT EXECUTE ON FUNCTION safar.agency() TO {service}_app")


def create_outbox(op: Operations, service: str) -> None:
    """The outbox (nats.md §5): gapless per lane, sent when `sent_at` is set, parked when it cannot be."""
    op.execute("CREATE TABLE outbox_position (lane text PRIMARY KEY, last_sequence int NOT NULL)")
    op.execute(
        """CREATE TABLE outbox (
            id bigint GENERATED ALWAYS AS IDENTITY,
            lane text NOT NULL, sequence int NOT NULL,
            event_id uuid NOT NULL, type text NOT NULL, bus text NOT NULL DEFAULT 'node', subject text NOT NULL,
            traceparent text, payload bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(), sent_at timestamptz, parked_reason text,
            PRIMARY KEY (lane, sequence))"""
    )
    op.execute("CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO {service}_app")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON outbox_position TO {service}_app")


def index_parked(op: Operations) -> None:
    """Parked lanes are looked up for every row that is sent: without it a burst was read a hundred times too slowly."""
    op.execute("CREATE INDEX outbox_parked ON outbox (lane) WHERE parked_reason IS NOT NULL AND sent_at IS NULL")


def create_inbox(op: Operations, service: str) -> None:
    """The inbox: any arrival is stored, only the contiguous next sequence of a lane is applied."""
    op.execute(
        """CREATE TABLE inbox (
            source text NOT NULL, lane text NOT NULL, sequence int NOT NULL,
            event_id uuid NOT NULL, type text NOT NULL, payload bytea,
            received_at timestamptz NOT NULL DEFAULT now(), applied_at timestamptz, parked_code text,
            PRIMARY KEY (source, lane, sequence))"""
    )
    op.execute("CREATE INDEX inbox_pending ON inbox (source, lane) WHERE applied_at IS NULL")
    op.execute(
        """CREATE TABLE inbox_position (
            source text NOT NULL, lane text NOT NULL, last_sequence int NOT NULL, PRIMARY KEY (source, lane))"""
    )
    op.execute(
        """CREATE TABLE dead_letter (
            id uuid PRIMARY KEY, subject text NOT NULL, reason text NOT NULL, payload bytea NOT NULL,
            received_at timestamptz NOT NULL DEFAULT now())"""
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON inbox TO {service}_app")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON dead_letter TO {service}_app")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON inbox_position TO {service}_app")


def protect(
    op: Operations,
    table: str,
    service: str,
    *,
    grants: str = "SELECT, INSERT, UPDATE, DELETE",
    system: bool = False,
) -> None:
    """Put a tenant table behind the wall: forced row-level security on its `agency_id` column."""
    own = "agency_id = (SELECT safar.agency())"
    condition = f"{own} OR (SELECT safar.agency()) = '*'" if system else own
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY wall ON {table} USING ({condition}) WITH CHECK ({condition})")
    op.execute(f"GRANT {grants} ON {table} TO {service}_app")


def migrate(service: str, folder: Path, url: str) -> None:
    """Bring the database at `url` to the newest revision, as `<service>_owner`."""
    asyncio.run(_migrate(service, folder, url))


async def _migrate(service: str, folder: Path, url: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import Connection, text
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    engine = create_async_engine(_driver(url), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text(f"SET lock_timeout = '{_LOCK_TIMEOUT}'"))
        await connection.execute(text(f"SET ROLE {service}_owner"))
        await connection.commit()
        await connection.run_sync(upgrade)
        await connection.commit()
    await engine.dispose()


def run_environment() -> None:
    """The body of every service's `migrations/env.py`: run on the connection that `migrate` opened."""
    from alembic import context

    context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://", 1).replace("postgres://", "postgresql+asyncpg://", 1)


_INSTALL_KEY = """
CREATE FUNCTION safar.install_context_key(key_hex text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  padded bytea := decode(rpad(key_hex, 128, '0'), 'hex');
  inner_key bytea := padded; outer_key bytea := padded;
BEGIN
  FOR i IN 0..63 LOOP
    inner_key := set_byte(inner_key, i, get_byte(padded, i) # 54);
    outer_key := set_byte(outer_key, i, get_byte(padded, i) # 92);
  END LOOP;
  DELETE FROM safar.context_key;
  INSERT INTO safar.context_key VALUES (inner_key, outer_key);
END $$"""

_AGENCY = """
CREATE FUNCTION safar.agency() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  context text := nullif(current_setting('safar.context', true), '');
  part text[] := string_to_array(context, '|');
  mac bytea;
BEGIN
  IF context IS NULL THEN
    RAISE EXCEPTION 'no tenant context' USING ERRCODE = '28000';
  END IF;
  SELECT sha256(k.outer_pad || sha256(k.inner_pad || convert_to(part[1] || '|' || part[2] || '|' || part[3], 'UTF8')))
    INTO mac FROM safar.context_key k;
  IF mac IS NULL OR encode(mac, 'hex') IS DISTINCT FROM part[4]
     OR part[3]::bigint < extract(epoch FROM clock_timestamp()) THEN
    RAISE EXCEPTION 'tenant context refused' USING ERRCODE = '28000';
  END IF;
  RETURN part[1];
END $$"""
