"""Words by which a service is looked for, beside what its agency wrote."""

from contracts.districts import district_of
from contracts.terms import Service
from services.directory.domain.service_offering import PublicOffering

_SERVICES: dict[Service, str] = {
    Service.SHELTER: "shelter приют кризисный центр баспана boshpana бошпана",
    Service.REHABILITATION: "rehabilitation реабилитация оңалту reabilitatsiya",
    Service.HEALTH: "health medical doctor clinic здоровье медицинская помощь врач клиника "
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


def keywords(offering: PublicOffering) -> str:
    """The service's and the district's names in the languages people use."""
    district = district_of(offering.district)
    places = (district.en, district.ru, *district.also) if district else (offering.district,)
    return " ".join((_SERVICES[offering.service], *places))
