"""The table of acts: whose they are, from which states, into which. Everything about a referral's states is here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.terms import CustodyAct, ReferralStatus
from services.referrals.domain.terms import Side, Verb

_S = ReferralStatus
_EITHER = frozenset(Side)
_REFERRING = frozenset({Side.REFERRING})
_RECEIVING = frozenset({Side.RECEIVING})
_UNDECIDED = frozenset({_S.ACKNOWLEDGED, _S.INFORMATION_REQUESTED})
_SERVING = frozenset({_S.ACCEPTED, _S.IN_PROGRESS, _S.SERVICE_DELIVERED, _S.NOT_DELIVERED, _S.CLOSED})
_BEFORE_ACCEPTED = frozenset({_S.SENT, _S.DELIVERED}) | _UNDECIDED

RANK: Mapping[ReferralStatus, int] = {_S.CONSENT_WITHDRAWN: 2, _S.WITHDRAWN: 1, _S.EXPIRED: 1}
"""Side exits win over acts that crossed them on the way, the beneficiary's over all: so both copies end alike."""


@dataclass(frozen=True)
class Rule:
    """`after` is None where an act changes no state; `verb` is None where a machine acts."""

    sides: frozenset[Side]
    before: frozenset[ReferralStatus]
    after: ReferralStatus | None
    verb: Verb | None


RULES: Mapping[CustodyAct, Rule] = {
    CustodyAct.SENT: Rule(_REFERRING, frozenset({_S.DRAFT}), _S.SENT, Verb.SEND),
    CustodyAct.ACKNOWLEDGED: Rule(_RECEIVING, frozenset({_S.SENT, _S.DELIVERED}), _S.ACKNOWLEDGED, Verb.ACKNOWLEDGE),
    CustodyAct.INFORMATION_REQUESTED: Rule(
        _RECEIVING, frozenset({_S.ACKNOWLEDGED}), _S.INFORMATION_REQUESTED, Verb.REQUEST_INFORMATION
    ),
    CustodyAct.INFORMATION_GIVEN: Rule(
        _REFERRING, frozenset({_S.INFORMATION_REQUESTED}), _S.ACKNOWLEDGED, Verb.GIVE_INFORMATION
    ),
    CustodyAct.ACCEPTED: Rule(_RECEIVING, _UNDECIDED, _S.ACCEPTED, Verb.ACCEPT),
    CustodyAct.IDENTITY_RELEASED: Rule(_REFERRING, _SERVING, None, None),
    CustodyAct.DECLINED: Rule(_RECEIVING, _UNDECIDED, _S.DECLINED, Verb.DECLINE),
    CustodyAct.REDIRECTED: Rule(_RECEIVING, _UNDECIDED, _S.REDIRECTED, Verb.REDIRECT),
    CustodyAct.SERVICE_STARTED: Rule(_RECEIVING, frozenset({_S.ACCEPTED}), _S.IN_PROGRESS, Verb.START_SERVICE),
    CustodyAct.SERVICE_DELIVERED: Rule(
        _RECEIVING, frozenset({_S.IN_PROGRESS}), _S.SERVICE_DELIVERED, Verb.RECORD_SERVICE
    ),
    CustodyAct.SERVICE_NOT_DELIVERED: Rule(
        _RECEIVING, frozenset({_S.ACCEPTED, _S.IN_PROGRESS}), _S.NOT_DELIVERED, Verb.RECORD_SERVICE
    ),
    CustodyAct.CLOSED: Rule(_RECEIVING, frozenset({_S.SERVICE_DELIVERED, _S.NOT_DELIVERED}), _S.CLOSED, Verb.CLOSE),
    CustodyAct.WITHDRAWN: Rule(_REFERRING, _BEFORE_ACCEPTED, _S.WITHDRAWN, Verb.WITHDRAW),
    CustodyAct.CONSENT_WITHDRAWN: Rule(
        _EITHER, _BEFORE_ACCEPTED | _SERVING, _S.CONSENT_WITHDRAWN, Verb.WITHDRAW_CONSENT
    ),
    CustodyAct.CONSENT_WITHDRAWAL_ACKNOWLEDGED: Rule(_EITHER, frozenset({_S.CONSENT_WITHDRAWN}), None, None),
    CustodyAct.EXPIRED: Rule(_REFERRING, frozenset({_S.SENT, _S.DELIVERED}), _S.EXPIRED, None),
}

_NEVER_LATE = frozenset({CustodyAct.SENT, CustodyAct.CONSENT_WITHDRAWAL_ACKNOWLEDGED})
_LATE_IS_FINE: Mapping[CustodyAct, frozenset[ReferralStatus]] = {
    CustodyAct.INFORMATION_GIVEN: _SERVING | {_S.DECLINED, _S.REDIRECTED},
}


def possible_verbs(side: Side, status: ReferralStatus) -> frozenset[Verb]:
    """The verbs that side has in that state."""
    return frozenset(rule.verb for rule in RULES.values() if rule.verb and side in rule.sides and status in rule.before)


def verbs_of(side: Side) -> tuple[Verb, ...]:
    """All verbs of a side, in the order of a referral's life."""
    found = (rule.verb for rule in RULES.values() if rule.verb and side in rule.sides)
    return tuple(dict.fromkeys(found))


def lets(act: CustodyAct, side: Side, status: ReferralStatus) -> bool:
    """Whether that side may do the act in that state."""
    rule = RULES[act]
    return side in rule.sides and status in rule.before


def state_after_arrival(act: CustodyAct, status: ReferralStatus) -> ReferralStatus | None:
    """The state that an arrived act leads to; the same state when it came too late to matter, None when impossible."""
    rule = RULES[act]
    if status in rule.before:
        return rule.after or status
    if status is _S.DRAFT or act in _NEVER_LATE:
        return None
    if rule.after is not None and rule.after in RANK:
        return rule.after if RANK[rule.after] > RANK.get(status, 0) else status
    return status if status in RANK or status in _LATE_IS_FINE.get(act, ()) else None


def names(verbs: Iterable[Verb]) -> list[str]:
    return [verb.value for verb in verbs]
