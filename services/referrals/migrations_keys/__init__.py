"""Alembic, run by the chassis."""
