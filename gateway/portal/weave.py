"""The woven band: motifs as rows of bits, drawn as SVG that CSS uses as a mask. Whole pixels only."""

from collections.abc import Iterable

SMALL_BITS = 9
LARGE_BITS = 15
SMALL = {
    "kz": "010.0ba.0ee.0d6.0ee.0ba.010",
    "kg": "010.038.06c.0d6.1bb.16d.0c6",
    "tj": "111.0ba.06c.1d7.06c.0ba.111",
    "tm": "1ff.111.139.16d.139.111.1ff",
    "uz": "145.16d.1d7.1bb.1d7.16d.145",
}
LARGE = {
    "kz": "0080.01c0.3b6e.2632.2c9a.09c8.2c9a.2632.3b6e.01c0.0080",
    "kg": "0080.01c0.0360.0630.0c98.19cc.3366.6633.4c99.19cc.33e6",
    "tj": "0080.1084.09c8.0770.0c98.79cf.0c98.0770.09c8.1084.0080",
    "tm": "7fff.4001.580d.51c5.4361.46b1.4361.51c5.580d.4001.7fff",
    "uz": "4949.4b69.4e39.5c9d.79cf.73e7.79cf.5c9d.4e39.4b69.4949",
}
COUNTRIES = tuple(SMALL)
_FLOWER = (0b00100, 0b01110, 0b11011, 0b01110, 0b00100)
_BAND_GAP = 3
_FRIEZE_BITS, _FRIEZE_ROWS, _FRIEZE_PIXELS = 24, 17, 6


def rows(motif: str) -> tuple[int, ...]:
    """The rows of a motif as integers, most significant bit left."""
    return tuple(int(row, 16) for row in motif.split("."))


def runs(bits: Iterable[int], width: int, left: int = 0, top: int = 0) -> str:
    """SVG path data, in bits: one rectangle per run of set bits."""
    found = []
    for y, row in enumerate(bits):
        x = 0
        while x < width:
            start = x
            while x < width and row >> (width - 1 - x) & 1:
                x += 1
            if x > start:
                found.append(f"M{left + start} {top + y}h{x - start}v1h-{x - start}z")
            x += 1
    return "".join(found)


def svg(path: str, width: int, height: int, pixels: int) -> bytes:
    """An SVG of `width` by `height` bits, `pixels` to a bit."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * pixels}" height="{height * pixels}" '
        f'viewBox="0 0 {width} {height}" shape-rendering="crispEdges"><path d="{path}"/></svg>'
    ).encode()


def files() -> dict[str, bytes]:
    """Every woven file by name: small, large, header band and frieze of each country and of the region."""
    made: dict[str, bytes] = {}
    for country in COUNTRIES:
        small, large = rows(SMALL[country]), rows(LARGE[country])
        made[f"{country}-s.svg"] = svg(runs(small, SMALL_BITS), SMALL_BITS, 7, 2)
        made[f"{country}-l.svg"] = svg(runs(large, LARGE_BITS), LARGE_BITS, 11, 2)
        gap = 0 if country == "kg" else _BAND_GAP
        made[f"{country}-b.svg"] = svg(runs(small, SMALL_BITS), SMALL_BITS + gap, 7, 2)
        made[f"{country}-f.svg"] = svg(_frieze((country,)), _FRIEZE_BITS, _FRIEZE_ROWS, _FRIEZE_PIXELS)
    step = SMALL_BITS + _BAND_GAP
    band = "".join(runs(rows(SMALL[country]), SMALL_BITS, step * i) for i, country in enumerate(COUNTRIES))
    made["region-b.svg"] = svg(band, step * len(COUNTRIES) + 6, 7, 2)
    width = _FRIEZE_BITS * len(COUNTRIES)
    made["region-f.svg"] = svg(_frieze(COUNTRIES), width, _FRIEZE_ROWS, _FRIEZE_PIXELS)
    flower = runs(_FLOWER, 5, 17, 6)
    made["flower.svg"] = svg(flower, _FRIEZE_BITS, _FRIEZE_ROWS, _FRIEZE_PIXELS)
    return made | _signs()


def _frieze(countries: tuple[str, ...]) -> str:
    """Large motifs between two dotted rows; the gaps are left for the flower."""
    dots = "".join(
        f"M{x} {y}h1v1h-1z" for y in (0, _FRIEZE_ROWS - 1) for x in range(0, _FRIEZE_BITS * len(countries), 2)
    )
    motifs = (runs(rows(LARGE[country]), LARGE_BITS, _FRIEZE_BITS * i, 3) for i, country in enumerate(countries))
    return dots + "".join(motifs)


def _signs() -> dict[str, bytes]:
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}">{}</svg>'
    hatch = '<path d="M-2 2l4-4M0 8l8-8M6 10l4-4" stroke="{}" stroke-width="1.2"/>'
    return {
        "chain.svg": head.format(10, 13, '<path d="M5 .5l4 6-4 6-4-6z"/>').encode(),
        "chain-h.svg": head.format(13, 10, '<path d="M.5 5l6-4 6 4-6 4z"/>').encode(),
        "hatch.svg": head.format(8, 8, hatch.format("#a09c92")).encode(),
    }
