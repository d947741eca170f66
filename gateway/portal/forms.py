"""A posted form: what was typed, what is wrong with it, and what must travel on unseen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

LIMIT = 256 * 1024
_OURS = frozenset({"csrf"})
_LONGEST = 40_000


@dataclass
class Form:
    """Values by name (several where a name repeats); `problems` by name; `kept` goes on as hidden fields."""

    given: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, object]]) -> "Form":
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            if isinstance(value, str) and name not in _OURS and not name.startswith(":"):
                given.setdefault(name, []).append(clean(value))
        return cls(given)

    @classmethod
    def filled(cls, values: Mapping[str, str | Sequence[str] | None]) -> "Form":
        given = {name: [value] if isinstance(value, str) else list(value) for name, value in values.items() if value}
        return cls(given)

    @property
    def size(self) -> int:
        """Characters, names included."""
        return sum(len(name) + len(value) for name, values in self.given.items() for value in values)

    def value(self, name: str) -> str:
        values = self.given.get(name)
        return values[-1] if values else ""

    def take(self, name: str) -> str:
        """A value that does not travel on."""
        return (self.given.pop(name, None) or [""])[-1]

    def values(self, name: str) -> list[str]:
        return self.given.get(name, [])

    def typed(self) -> list[str]:
        """The free texts: what was written, and not chosen."""
        return [self.value(name) for name in ("question", "answer", "note", "feedback") if self.value(name)]

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """Everything as hidden fields."""
        return [(name, value) for name, values in self.given.items() if name not in without for value in values]

    def keep(self, *names: str) -> "Form":
        """Let these travel on as hidden fields."""
        self.kept = [(name, value) for name in names for value in self.values(name) if value]
        return self

    def keep_all_but(self, *names: str) -> "Form":
        self.kept = self.pairs(*names)
        return self

    def require(self, name: str, problem: str) -> None:
        if not any(value for value in self.values(name)):
            self.problems[name] = problem

    def one_of(self, name: str, codes: Iterable[str], problem: str) -> None:
        """A value outside the choices is a problem; an absent one is not."""
        if any(value and value not in set(codes) for value in self.values(name)):
            self.problems[name] = problem


def clean(text: str) -> str:
    """Without control characters and surrounding blanks, at most as long as any field may be; joiners stay."""
    kept = "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t\u200c\u200d" or c.isprintable())
    return kept.strip()[:_LONGEST]
