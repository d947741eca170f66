"""A bar beside its number: the share of the largest."""

from markupsafe import Markup


def bar(value: int, largest: int) -> Markup:
    """A bar of 100 units; decorative, since the number stands beside it."""
    width = round(100 * value / largest, 1) if largest else 0
    return Markup(  # noqa: S704  (a number of our own)
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="g-rest" width="100" height="10"/><rect class="g-bar" width="{width:g}" height="10"/></svg>'
    )
