"""Roles of the border exchange."""

from services.chassis.service import main
from services.notifications.app import SERVICE

main(SERVICE)
