"""How long each step may take, and who hears of silence (Ukraine inter-agency form; domain.md §3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.terms import DECISION_HOURS, RECEIPT_HOURS, ReferralStatus, Urgency
from services.referrals.domain.terms import Side, Stage, Step

_MONTH = dict.fromkeys(Urgency, 30 * 24)
_WEEK = dict.fromkeys(Urgency, 7 * 24)
_DAY = dict.fromkeys(Urgency, 24)
_HOURS = {
    Step.ACKNOWLEDGE: RECEIPT_HOURS,
    Step.DECIDE: DECISION_HOURS,
    Step.GIVE_INFORMATION: RECEIPT_HOURS,
    Step.START_SERVICE: DECISION_HOURS,
    Step.RECORD_SERVICE: _MONTH,
    Step.CLOSE: _WEEK,
    Step.CONFIRM_WITHDRAWAL: _DAY,
}
_SHARES = {Stage.REMINDER: 0.5, Stage.SUPERVISOR: 1.0, Stage.NATIONAL_COORDINATOR: 1.5, Stage.EXPIRED: 2.0}
_STEPS = {
    ReferralStatus.SENT: (Step.ACKNOWLEDGE, Step.DECIDE),
    ReferralStatus.DELIVERED: (Step.ACKNOWLEDGE, Step.DECIDE),
    ReferralStatus.ACKNOWLEDGED: (Step.DECIDE,),
    ReferralStatus.INFORMATION_REQUESTED: (Step.GIVE_INFORMATION, Step.DECIDE),
    ReferralStatus.ACCEPTED: (Step.START_SERVICE,),
    ReferralStatus.IN_PROGRESS: (Step.RECORD_SERVICE,),
    ReferralStatus.SERVICE_DELIVERED: (Step.CLOSE,),
    ReferralStatus.NOT_DELIVERED: (Step.CLOSE,),
}


@dataclass(frozen=True)
class Deadline:
    """One step of one referral."""

    step: Step
    started_at: datetime
    due_at: datetime

    def at(self, stage: Stage) -> datetime:
        """When that stage comes."""
        return self.started_at + (self.due_at - self.started_at) * _SHARES[stage]


@dataclass(frozen=True)
class Timer:
    """A deadline on one side's clock; `stage` comes next."""

    step: Step
    side: Side
    deadline: Deadline
    stage: Stage


def allowed(step: Step, urgency: Urgency) -> timedelta:
    """How long this step may take."""
    return timedelta(hours=_HOURS[step][urgency])


def begin(step: Step, urgency: Urgency, at: datetime) -> Deadline:
    """The deadline of a step that begins now."""
    return Deadline(step, at, at + allowed(step, urgency))


def steps_in(status: ReferralStatus) -> tuple[Step, ...]:
    """The steps that run in that state, the expected one first."""
    return _STEPS.get(status, ())


def who(step: Step) -> Side:
    """Whose step it is."""
    return Side.REFERRING if step is Step.GIVE_INFORMATION else Side.RECEIVING


def stages(step: Step, side: Side) -> tuple[Stage, ...]:
    """The stages that fire on this side; only the referring agency's clock lets a referral expire."""
    told = (Stage.REMINDER, Stage.SUPERVISOR, Stage.NATIONAL_COORDINATOR)
    return (*told, Stage.EXPIRED) if step is Step.DECIDE and side is Side.REFERRING else told


def next_stage(step: Step, side: Side, fired: Stage | None) -> Stage | None:
    """The stage after the one that fired last."""
    line = stages(step, side)
    position = 0 if fired is None else line.index(fired) + 1
    return line[position] if position < len(line) else None
