"""Runs on the connection that the chassis opened."""

from services.chassis.migrations import run_environment

run_environment()
