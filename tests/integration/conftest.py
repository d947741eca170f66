"""Real parts for integration tests; a missing one fails, it never skips."""

from collections.abc import Iterator

import pytest

from tests.support.postgres import PostgresServer, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One real Postgres for the whole run."""
    with running_postgres() as server:
        yield server
