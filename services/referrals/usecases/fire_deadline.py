"""A deadline's next stage has come: somebody is told, once; a referral that nobody acknowledged expires."""

from uuid import UUID

from contracts.terms import CustodyAct
from services.referrals.domain import rules
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import CLOCK
from services.referrals.domain.terms import Stage, Step


async def fire_deadline(desk: Desk, referral_id: UUID, step: Step) -> bool:
    """False when somebody was faster or the step ended meanwhile."""
    referral = await desk.referrals.locked(referral_id)
    timer = await desk.timers.due(referral_id, step, desk.now())
    if timer is None:
        return False
    await desk.timers.fired(referral_id, timer, desk.now())
    if timer.stage is Stage.EXPIRED and rules.lets(CustodyAct.EXPIRED, referral.side, referral.status):
        referral.expire(desk.now())
        await desk.save(referral, CLOCK)
    return True
