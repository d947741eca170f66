"""Every text a person sees is in every complete language."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts import terms
from gateway.portal import words
from gateway.portal.labels import LABELS, label
from gateway.portal.messages import said
from gateway.portal.render import TEMPLATES

NOW = datetime(2026, 11, 19, 6, 20, tzinfo=UTC)
_BLOCKS = re.compile(r"{[%{#].*?[%}#]}", re.DOTALL)
_TAGS = re.compile(r"<[^>]*>", re.DOTALL)
_ATTRIBUTES = re.compile(r" aria-(?:describedby|invalid)=\"[^\"]*\"")
_SHOWN = re.compile(r"(?:aria-label|title|alt|placeholder)=\"([^\"]*)\"")
_NOT_WORDS = {"&lt;"}


@pytest.fixture(autouse=True)
def _speech() -> None:
    words.speak("ru", "kz", NOW)


@pytest.mark.parametrize("language", words.COMPLETE)
def test_no_message_is_untranslated_and_no_catalogue_keeps_an_old_one(language: str) -> None:
    catalogue = words.catalogue(language)
    wanted = {message[0] if isinstance(message, tuple) else message for message in said()}

    known = {entry.id[0] if isinstance(entry.id, tuple) else entry.id: entry for entry in catalogue if entry.id}

    assert wanted - set(known) == set()
    assert set(known) - wanted == set()
    empty = [name for name, entry in known.items() if not entry.string or not all(entry.string)]
    assert empty == []


@pytest.mark.parametrize("language", words.COMPLETE)
def test_a_translation_has_the_same_values_as_its_message(language: str) -> None:
    for entry in words.catalogue(language):
        if not entry.id:
            continue
        ids = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        texts = entry.string if isinstance(entry.string, tuple) else (entry.string,)

        wanted = {name for one in ids for name in re.findall(r"%\((\w+)\)s", one)}

        for text in texts:
            assert set(re.findall(r"%\((\w+)\)s", text)) | {"n"} == wanted | {"n"}, entry.id


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_a_template_holds_no_words_of_its_own(template: Path) -> None:
    source = _BLOCKS.sub("", template.read_text())

    shown = _TAGS.sub(" ", _ATTRIBUTES.sub("", source))
    attributes = " ".join(_SHOWN.findall(source))

    for text in _NOT_WORDS:
        shown = shown.replace(text, "")
    assert re.findall(r"[^\W\d_]+", shown + attributes) == []


def test_every_term_has_a_label() -> None:
    for kind, labels in LABELS.items():
        if kind is not terms.Country:
            assert set(labels) == {member.value for member in kind}, kind


def test_an_unknown_code_is_shown_as_it_came() -> None:
    assert label(terms.Service, "svc:144") == "неизвестный код svc:144"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=40), "40 мин"),
        (timedelta(hours=1, minutes=8), "1 ч 08 мин"),
        (timedelta(days=1, hours=6), "1 день 6 ч"),
        (timedelta(days=2), "2 дня"),
        (timedelta(days=5, hours=3), "5 дней"),
        (timedelta(seconds=2), "2 с"),
    ],
)
def test_a_duration_is_short_and_unbroken(span: timedelta, text: str) -> None:
    assert words.duration(span) == text.replace(" ", "\N{NO-BREAK SPACE}")


def test_russian_plurals_follow_the_number() -> None:
    forms = [words.ngettext("%(n)s service fits", "%(n)s services fit", n) for n in (1, 2, 5, 21)]

    assert forms == ["Подходит 1 услуга", "Подходят 2 услуги", "Подходят 5 услуг", "Подходит 21 услуга"]


def test_kyrgyzstan_is_called_as_it_calls_itself() -> None:
    assert words.country("kg") == "Кыргызстан"
    assert words.country("kz") == "Казахстан"


def test_times_are_those_of_the_country() -> None:
    assert words.clock(NOW) == "11:20"
    assert words.weekday(NOW) == "Четверг, 19 ноября"
