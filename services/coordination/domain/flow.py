"""Corridors as one country counts them: what leaves it, what comes in, and what stays, as one axis.

A country does not count what other countries send one another, and whoever reads its tables knows that. On two
independent axes these known zeros would give its inland referrals away: what it sent in all, less what went abroad.
"""

from contracts.terms import Country
from services.coordination.domain.lattice import ALL, Dimension

AXIS = "flow"
ENDS = ("origin", "destination")

_OUTGOING, _INCOMING, _INLAND = "outgoing", "incoming", "inland"
_FROM_HOME, _TO_HOME = "from home", "to home"


def flow(home: Country) -> Dimension:
    """Three directions, under each its pairs; what leaves an agency at home, or reaches one, is a sum of two."""
    abroad = [other for other in Country if other is not home]
    parents = dict.fromkeys((_OUTGOING, _INCOMING, _INLAND), ALL)
    parents |= {pair(home, other): _OUTGOING for other in abroad}
    parents |= {pair(other, home): _INCOMING for other in abroad}
    sums = {_FROM_HOME: (_INLAND, _OUTGOING), _TO_HOME: (_INLAND, _INCOMING)}
    return Dimension(AXIS, parents | {pair(home, home): _INLAND}, sums)


def pair(origin: str, destination: str) -> str:
    return f"{origin}>{destination}"


def flow_code(home: Country, origin: str, destination: str) -> str | None:
    """The code of an asked origin and destination (`*`: any); None between two other countries."""
    named = {
        (ALL, ALL): ALL,
        (home, home): _INLAND,
        (home, ALL): _FROM_HOME,
        (ALL, home): _TO_HOME,
    }
    ends = [home if end == ALL else end for end in (origin, destination)]
    return named.get((origin, destination)) or (pair(*ends) if home in ends else None)
