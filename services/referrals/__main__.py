"""`python -m services.referrals <role>`."""

from services.chassis.service import main
from services.referrals.app import SERVICE

main(SERVICE)
