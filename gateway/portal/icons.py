"""Icons on a grid of 24, drawn with strokes; solid parts carry their own fill."""

from markupsafe import Markup

_RING = '<circle cx="12" cy="12" r="9"/>'
_SOLID = '<path d="M12 1.5 22.5 12 12 22.5 1.5 12z" fill="currentColor" stroke="none"/>'
_WHITE = 'stroke="var(--surface)" stroke-width="2.4"'
_PIE = '<path d="M12 12V6{}z" fill="currentColor" stroke="none"/>'
_RHOMB = '<path d="M12 2 22 12 12 22 2 12z"/>'

ICONS: dict[str, str] = {
    "clock": _RING + '<path d="M12 7v5l3 2"/>',
    "quarter": _RING + _PIE.format("a6 6 0 0 1 6 6"),
    "half": _RING + _PIE.format("a6 6 0 0 1 0 12"),
    "three": _RING + _PIE.format("a6 6 0 1 1-6 6"),
    "late": _SOLID + f'<path d="M12 7v6m0 3.4v.2" {_WHITE}/>',
    "silent": _SOLID + f'<path d="m8 12 4-4 4 4m-8 4.5 4-4 4 4" {_WHITE}/>',
    "met": _RING + '<path d="m8 12.2 2.8 2.8 5.2-5.6"/>',
    "queued": '<circle cx="12" cy="12" r="9" stroke-dasharray="3 3.3"/>',
    "pen": '<path d="m4 20 1-4L16 5l3 3L8 19z"/>',
    "right": '<path d="M4 12h16m-6-6 6 6-6 6"/>',
    "left": '<path d="M20 12H4m6-6-6 6 6 6"/>',
    "tray": '<path d="M4 13 6 5h12l2 8v6H4zh5l1.5 3h3L15 13h5"/>',
    "eye": '<path d="M2 12s3.6-6 10-6 10 6 10 6-3.6 6-10 6S2 12 2 12z"/><circle cx="12" cy="12" r="2.4"/>',
    "hidden": '<path d="M2 12s3.6-6 10-6 10 6 10 6-3.6 6-10 6S2 12 2 12zM5 20 19 4"/>',
    "ask": '<path d="M4 4h16v12h-9l-4 4v-4H4z"/><path d="M10 8.2c.3-1.6 4-1.6 4 .5 0 1.5-2 1.4-2 2.8m0 2v.1"/>',
    "tick": '<path d="m5 12.5 4.5 4.5L19 7"/>',
    "cross": '<path d="M6 6l12 12M18 6 6 18"/>',
    "sheet": '<path d="M5 3h14v18H5zM9 8h6m-6 4h6m-6 4h3"/>',
    "lock": '<path d="M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4"/>',
    "open": '<path d="M5 11h14v10H5zM8 11V7a4 4 0 0 1 7.6-1.8M12 15v2"/>',
    "linked": '<path d="M2 12h20M9 8v8m6-8v8"/>',
    "cut": '<path d="M2 12h6m8 0h6M9 8v8m6-8v8m-5 0 4-8"/>',
    "exit": '<path d="M13 4H5v16h8M10 12h11m-4-4 4 4-4 4"/>',
    "phone": '<path d="M6 3 9 8 7 10c1 3 4 6 7 7l2-2 5 3c-1 3-3 3-5 3C9 20 4 14 3 8c0-2 1-4 3-5z"/>',
    "print": '<path d="M7 9V3h10v6M7 17H3V9h18v8h-4M7 14h10v7H7z"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 6 6"/>',
    "folder": '<path d="M3 5h7l2 3h9v12H3z"/>',
    "help": _RING + '<path d="M9.5 9.5c.4-2.6 5-2.4 5 .4 0 2-2.5 2-2.5 4m0 2.8v.1"/>',
    "unknown": (
        '<circle cx="12" cy="12" r="10" stroke-dasharray="2 2.5"/>'
        '<path d="M9.5 9.5c.4-2.6 5-2.4 5 .4 0 2-2.5 2-2.5 4m0 2.8v.1"/>'
    ),
    "no": _RING + '<path d="m6 6 12 12"/>',
    "seal": _RHOMB + '<path d="m8 12.2 2.8 2.8 5-5.4"/>',
    "sealwait": '<path d="M12 2 22 12 12 22 2 12z" stroke-dasharray="3 2.4"/><path d="M12 8.5V12l2.4 1.6"/>',
    "sealtorn": _RHOMB + '<path d="m9 9 6 6m0-6-6 6"/>',
    "receipt": '<path d="M6 3h12v18l-3-2-3 2-3-2-3 2z"/><path d="m9 10.5 2.3 2.3L15.5 8"/>',
    "chart": '<path d="M3 21h18M6 17v-6m6 6V5m6 12v-9"/>',
}


def symbol(name: str) -> Markup:
    """An icon as a symbol of the page's sprite."""
    return Markup(f'<symbol id="i-{name}" viewBox="0 0 24 24">{ICONS[name]}</symbol>')  # noqa: S704  (our own drawing)
