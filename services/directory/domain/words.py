"""Words by which a service is looked for, beside what its agency wrote."""

import re

from contracts.districts import district_of
from contracts.terms import Service
from services.directory.domain.service_offering import PublicOffering

_SERVICES: dict[Service, str] = {
    Service.SHELTER: "shelter приют кризисный центр баспана boshpana бошпана",
    Service.REHABILITATION: "rehabilitation реабилитация оңалту reabilitatsiya",
    Service.HEALTH: "health medical doctor clinic здоровье медицинская помощь врач доктор клиника "
    "дәрігер денсаулық саламаттык salomatlik тандурустӣ saglyk",
    Service.PSYCHOSOCIAL_SUPPORT: "psychosocial support психолог психологическая помощь psixolog",
    Service.LEGAL_ASSISTANCE: "legal assistance lawyer юрист юридическая помощь адвокат заңгер yurist huquqiy ҳуқуқӣ",
    Service.DOCUMENTS: "documents identity passport документы паспорт құжаттар hujjatlar ҳуҷҷатҳо документтер",
    Service.SAFE_RETURN: "safe return возвращение домой қайтару qaytish",
    Service.FAMILY_TRACING: "family tracing поиск семьи родственники отбасы oila оила",
    Service.CHILD_PROTECTION: "child protection защита детей бала bola кӯдак çaga",
    Service.LIVELIHOOD: "livelihood work job работа трудоустройство жұмыс ish иш кор",
    Service.EDUCATION: "education training school образование обучение курсы білім taʼlim таълим bilim",
    Service.CASH_ASSISTANCE: "cash assistance деньги денежная помощь пособие",
    Service.FOOD_AND_ITEMS: "food clothes items еда продукты одежда вещи",
    Service.OTHER: "",
}

_FORMS = (
    (
        "child children ребёнок ребёнка ребёнку ребёнком дети детей детям детьми детский детская детские "
        "бала балалар балдар bola bolalar кӯдак кӯдакон çaga çagalar"
    ),
    (
        "woman women женщина женщины женщин женщинам женский женская "
        "әйел әйелдер аял аялдар ayol ayollar зан занон aýal aýallar"
    ),
    "man men мужчина мужчины мужчин мужчинам мужской мужская ерлер эркек эркектер erkak erkaklar мард мардон",
)
"""Forms of one word, and that word in other languages, which look too unlike to be found by one another."""


def keywords(offering: PublicOffering) -> str:
    """The service's and the district's names in the languages people use, and other forms of what is said."""
    district = district_of(offering.district)
    places = (district.en, district.ru, *district.also) if district else (offering.district,)
    known = " ".join((_SERVICES[offering.service], *places))
    texts = [text for said in (offering.names, offering.descriptions) if said for text in (said.en, said.ru)]
    said_words = _words(" ".join((known, *texts)))
    return " ".join((known, *(forms for forms in _FORMS if not said_words.isdisjoint(_words(forms)))))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold().replace("ё", "е")))
