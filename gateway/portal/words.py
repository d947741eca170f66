"""Words in the reader's language: gettext from .po catalogues, dates, numbers and durations by Babel."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import c2py
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALES = Path(__file__).parent.parent / "locales"
COMPLETE = ("en", "ru")
NBSP = "\N{NO-BREAK SPACE}"
TONGUES = {
    "ru": "Русский",
    "en": "English",
    "kk": "Қазақша",
    "ky": "Кыргызча",
    "tg": "Тоҷикӣ",
    "tk": "Türkmençe",
    "uz": "Oʻzbekcha",
    "uz-Cyrl": "Ўзбекча",
}
ZONES = {
    "kz": "Asia/Almaty",
    "kg": "Asia/Bishkek",
    "tj": "Asia/Dushanbe",
    "tm": "Asia/Ashgabat",
    "uz": "Asia/Tashkent",
    "region": "Asia/Almaty",
}


@dataclass(frozen=True)
class Speech:
    """The language and the clock of the one who reads."""

    language: str
    zone: ZoneInfo
    now: datetime


_speech: ContextVar[Speech] = ContextVar("speech")


def speak(language: str, node: str, now: datetime) -> None:
    """Set the language, time zone and moment of the running request."""
    zone = ZoneInfo(ZONES[node])
    _speech.set(Speech(language, zone, now.astimezone(zone)))


def speech() -> Speech:
    return _speech.get()


@lru_cache(maxsize=8)
def catalogue(language: str) -> Catalog:
    """The parsed catalogue of a language."""
    with (LOCALES / language / "LC_MESSAGES" / "portal.po").open("rb") as file:
        return read_po(file, locale=language)


@lru_cache(maxsize=4096)
def _found(language: str, message: str, number: int | None) -> str:
    entries = catalogue(language)
    entry = entries.get(message)
    if entry is None:
        return message
    text = entry.string
    if isinstance(text, tuple | list):
        text = text[c2py(entries.plural_expr)(number or 0)]
    return text or message


def _(message: str, /, **values: object) -> str:
    """The message in the reader's language, with its values."""
    text = _found(speech().language, message, None)
    return text % values if values else text


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """The message in the form that the number asks for; `%(n)s` is the number itself."""
    text = _found(speech().language, one, n)
    if text == one and n != 1:
        text = many
    return text % {"n": number(n), **values}


def locale() -> Locale:
    return Locale.parse(speech().language)


def number(value: float) -> str:
    return format_decimal(value, locale=locale())


def country(code: str) -> str:
    """A country's name; Russian follows the country's own wish for Кыргызстан."""
    if code == "region":
        return _("Region")
    if speech().language == "ru" and code == "kg":
        return "Кыргызстан"
    return str(locale().territories.get(code.upper(), code.upper()))


def duration(span: timedelta, *, in_hours: bool = False) -> str:
    """A span in its two largest units, unbroken: "1 day 6 h", "1 h 08 min", "40 min"; `in_hours` up to four days."""
    seconds = max(0, int(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if in_hours and days < 4:  # noqa: PLR2004  (a comparison with 24 h or 72 h reads better in hours)
        days, hours = 0, hours + 24 * days
    if days >= 3 or (days and not hours):  # noqa: PLR2004  (beyond three days hours say nothing)
        text = ngettext("%(n)s day", "%(n)s days", days)
    elif days:
        text = ngettext("%(n)s day", "%(n)s days", days) + " " + _("%(n)s h", n=hours)
    elif hours:
        text = _("%(n)s h", n=hours) + (" " + _("%(n)s min", n=f"{minutes:02d}") if minutes else "")
    elif minutes:
        text = _("%(n)s min", n=minutes)
    else:
        text = _("%(n)s s", n=seconds)
    return text.replace(" ", NBSP)


def local(moment: datetime) -> datetime:
    return moment.astimezone(speech().zone)


def clock(moment: datetime) -> str:
    """09:40, always with 24 hours."""
    return format_time(local(moment), "HH:mm", locale=locale())


def day(moment: datetime | date) -> str:
    """19 November; with the year when it is not this one."""
    when = local(moment).date() if isinstance(moment, datetime) else moment
    pattern = "d MMMM" if when.year == speech().now.year else "d MMMM y"
    return format_date(when, pattern, locale=locale()).replace(" ", NBSP)


def weekday(moment: datetime) -> str:
    """Thursday, 19 November."""
    return _capital(format_date(local(moment), "EEEE, d MMMM", locale=locale()))


def until(moment: datetime) -> str:
    """The shortest that is clear: 13:00 today, "Fri 20 Nov, 18:00" this week, "29 Nov" later."""
    when, now = local(moment), speech().now
    distance = (when.date() - now.date()).days
    if distance == 0:
        return clock(moment)
    pattern = "EEE d MMM, HH:mm" if abs(distance) < 7 else "d MMM"  # noqa: PLR2004  (a week)
    return format_datetime(when, pattern, locale=locale()).replace(" ", NBSP).replace("," + NBSP, ", ")


def ago(moment: datetime) -> str:
    """When something was last said: "2 h ago", "yesterday, 16:05", "9 days ago"."""
    when, now = local(moment), speech().now
    if now - when < timedelta(hours=12):
        whole = now - when
        if whole >= timedelta(hours=1):
            whole -= whole % timedelta(hours=1)
        return _("%(span)s ago", span=duration(whole))
    days = (now.date() - when.date()).days
    if days == 0:
        return _("today, %(time)s", time=clock(moment))
    if days == 1:
        return _("yesterday, %(time)s", time=clock(moment))
    return _("%(span)s ago", span=duration(timedelta(days=days)))


def month(code: str) -> str:
    """September 2026 from 2026-09."""
    year, part = code.split("-")
    return _capital(format_date(date(int(year), int(part), 1), "LLLL y", locale=locale()))


def month_short(code: str) -> str:
    """Sep from 2026-09."""
    year, part = code.split("-")
    return _capital(format_date(date(int(year), int(part), 1), "LLL", locale=locale()).rstrip("."))


def listing(words: list[str]) -> str:
    return ", ".join(words)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
