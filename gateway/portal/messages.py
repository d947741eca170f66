"""The messages that code and templates say, and the catalogues that must hold each of them."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from gateway.portal.words import COMPLETE, LOCALES, catalogue

GATEWAY = Path(__file__).parent.parent
_METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]

Message = str | tuple[str, str]
Text = str | tuple[str, ...] | list[str] | None


def said() -> dict[Message, list[str]]:
    """Every message with the files that say it; a message with a plural is a pair."""
    found: dict[Message, list[str]] = {}
    for name, _line, message, _comments, _context in extract_from_dir(str(GATEWAY), method_map=_METHODS):
        key = (message[0], message[1]) if isinstance(message, tuple) else message
        places = found.setdefault(key, [])
        if name not in places:
            places.append(name)
    return found


def update() -> dict[str, list[str]]:
    """Bring the catalogues to what is said; the messages still to be translated, by language."""
    messages = said()
    missing: dict[str, list[str]] = {}
    for language in COMPLETE:
        path = LOCALES / language / "LC_MESSAGES" / "portal.po"
        before = catalogue(language) if path.exists() else Catalog(locale=language)
        catalog = Catalog(locale=language, project="Safar", fuzzy=False, header_comment="# The portal's words.")
        for message in sorted(messages, key=str):
            known = before.get(message[0] if isinstance(message, tuple) else message)
            catalog.add(message, string=_text(language, message, known.string if known else None))
        missing[language] = [str(entry.id) for entry in catalog if entry.id and not _is_complete(entry.string)]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, omit_header=False, sort_output=True, width=110)
    return missing


def _text(language: str, message: Message, known: Text) -> Text:
    """English says itself, unless its catalogue says it better."""
    if known and _is_complete(known):
        return known
    return (message if isinstance(message, tuple) else str(message)) if language == "en" else known


def _is_complete(text: object) -> bool:
    return bool(text) and (all(text) if isinstance(text, list | tuple) else True)
