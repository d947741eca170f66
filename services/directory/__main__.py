"""Roles of the directory."""

from services.chassis.service import main
from services.directory.app import SERVICE

main(SERVICE)
