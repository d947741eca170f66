from services.chassis.service import main
from services.coordination.app import SERVICE

main(SERVICE)
