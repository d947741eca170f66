from services.chassis.service import main
from services.identity.app import SERVICE

main(SERVICE)
