"""Column lists shared by the statements; identifiers only, never values."""

from services.coordination.domain.counts import HOURS

PUBLISHED = ("month", "origin", "destination", "service", "sex", "age_band", "status")
"""What identifies a published cell."""

OWN = ("agency_id", "side", *PUBLISHED, "urgency", "exploitation")
"""What identifies a cell in its country."""

WAITS = ("acknowledge_hours", "decide_hours")


REPLACED = f"""DO UPDATE SET count = EXCLUDED.count, updated_at = now(),
{", ".join(f"{wait} = EXCLUDED.{wait}" for wait in WAITS)}"""
"""What is published is absolute: a newer value takes the older one's place."""


def joined(names: tuple[str, ...], prefix: str = "") -> str:
    return ", ".join(prefix + name for name in names)


def summed(wait: str) -> str:
    """The buckets of many cells added up."""
    return "ARRAY[" + ", ".join(f"coalesce(sum({wait}[{n}]), 0)::bigint" for n in range(1, len(HOURS) + 2)) + "]"


def added(wait: str) -> str:
    """The buckets of a row and of one that would join it, added up."""
    return f"(SELECT array_agg(a + b ORDER BY i) FROM unnest(c.{wait}, EXCLUDED.{wait}) WITH ORDINALITY AS h(a, b, i))"
