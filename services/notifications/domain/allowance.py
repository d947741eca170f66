"""How much a country may make this node hold and take in a day, and one agency send of that: the rest waits."""

from dataclasses import dataclass

HELD = 256 * 2**20
A_DAY = 256 * 2**20
"""Bytes: some 70,000 small envelopes, or a thousand of the largest."""

AN_AGENCYS_DAY = A_DAY // 8
"""What one agency sends to one country in a day: a stolen client must not use up what is everybody's."""


@dataclass(frozen=True)
class Taken:
    """Bytes of a country's messages: `held` unopened, unopenable or not passed on; `today` all that came."""

    held: int
    today: int

    def hindrance(self) -> str | None:
        """Why nothing more is taken in for now."""
        if self.held >= HELD:
            return "held"
        return "a_day" if self.today >= A_DAY else None
