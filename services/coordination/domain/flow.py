"""Corridors as one country counts them: what leaves it, what comes in, and what stays, as one axis.

A country does not count what other countries send one another, and whoever reads its tables knows that. On two
independent axes these known zeros would give its inland referrals away: what it sent in all, less what went abroad.
"""

from collections.abc import Mapping

from contracts.terms import Country
from services.coordination.domain.lattice import ALL, Dimension

AXIS = "flow"
ENDS = ("origin", "destination")

_OUTGOING, _INCOMING, _INLAND = "outgoing", "incoming", "inland"

Way = Mapping[str, int]
"""Codes of the axis with the sign they are added up with."""


def flow(home: Country) -> Dimension:
    """Three directions, and under each its pairs."""
    abroad = [other for other in Country if other is not home]
    parents = dict.fromkeys((_OUTGOING, _INCOMING, _INLAND), ALL)
    parents |= {pair(home, other): _OUTGOING for other in abroad}
    parents |= {pair(other, home): _INCOMING for other in abroad}
    return Dimension(AXIS, parents | {pair(home, home): _INLAND})


def pair(origin: str, destination: str) -> str:
    return f"{origin}>{destination}"


def ways(home: Country, origin: str, destination: str) -> tuple[Way, ...]:
    """How a reader adds up an asked origin and destination (`*`: any); nothing at all between two other countries."""
    if origin == destination == ALL:
        return ({ALL: 1},)
    if origin == destination == home:
        return ({_INLAND: 1},)
    if origin == home and destination == ALL:
        return ({_INLAND: 1, _OUTGOING: 1}, {ALL: 1, _INCOMING: -1})
    if origin == ALL and destination == home:
        return ({_INLAND: 1, _INCOMING: 1}, {ALL: 1, _OUTGOING: -1})
    ends = [home if end == ALL else end for end in (origin, destination)]
    return ({pair(*ends): 1} if home in ends else {},)
