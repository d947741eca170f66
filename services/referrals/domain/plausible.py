"""How far another side's times are believed: they decide who is reminded here, and what is counted."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.referrals.domain.errors import ImplausibleTimeError

_SKEW = timedelta(minutes=10)
_OLDEST = timedelta(days=180)
_LONGEST_STEP = timedelta(days=60)
_LONGEST_CONSENT = timedelta(days=400)


def require_plausible(at: datetime, now: datetime) -> None:
    """Raise ImplausibleTimeError for an act of the future, or of longer ago than any message may be under way."""
    if not now - _OLDEST <= at <= now + _SKEW:
        raise ImplausibleTimeError


def require_plausible_terms(sent_at: datetime, due: Iterable[datetime], consent_until: datetime) -> None:
    """Raise ImplausibleTimeError for a deadline or a consent that is over when it begins, or has no end in sight."""
    if not all(sent_at < one <= sent_at + _LONGEST_STEP for one in due):
        raise ImplausibleTimeError
    if not sent_at < consent_until <= sent_at + _LONGEST_CONSENT:
        raise ImplausibleTimeError
