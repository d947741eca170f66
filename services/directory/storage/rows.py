"""Between the public part of an offering and the columns that two tables share."""

from typing import Any

import asyncpg

from contracts.terms import AgeBand, Country, Known, Language, Service, Sex
from services.directory.domain.service_offering import Capacity, Eligibility, PublicOffering, Texts

PUBLIC_COLUMNS = (
    "service_offering_id",
    "agency_id",
    "country",
    "district",
    "service",
    "name_en",
    "name_ru",
    "description_en",
    "description_ru",
    "languages",
    "sexes",
    "age_bands",
    "minimum_age",
    "maximum_age",
    "with_children",
    "around_the_clock",
    "any_nationality",
    "victim_status_required",
    "available",
    "maximum",
    "capacity_updated_at",
)


def listed(columns: tuple[str, ...]) -> tuple[str, str, str]:
    """Columns, numbered parameters and assignments from `excluded`, for an upsert."""
    parameters = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    return ", ".join(columns), parameters, ", ".join(f"{name} = excluded.{name}" for name in columns)


def public_values(offering: PublicOffering) -> tuple[Any, ...]:
    """The values of PUBLIC_COLUMNS, in their order."""
    said, capacity, texts = offering.eligibility, offering.capacity, offering.descriptions
    return (
        offering.service_offering_id,
        offering.agency_id,
        offering.country,
        offering.district,
        offering.service,
        offering.names.en,
        offering.names.ru,
        texts.en if texts else None,
        texts.ru if texts else None,
        list(offering.languages),
        list(said.sexes),
        list(said.age_bands),
        said.minimum_age,
        said.maximum_age,
        said.with_children,
        said.around_the_clock,
        said.any_nationality,
        said.victim_status_required,
        capacity.available if capacity else None,
        capacity.maximum if capacity else None,
        capacity.updated_at if capacity else None,
    )


def public_offering(row: asyncpg.Record) -> PublicOffering:
    """The public part of a row of either table."""
    descriptions = Texts(row["description_en"], row["description_ru"]) if row["description_en"] is not None else None
    return PublicOffering(
        service_offering_id=row["service_offering_id"],
        agency_id=row["agency_id"],
        country=Country(row["country"]),
        district=row["district"],
        service=Service(row["service"]),
        names=Texts(row["name_en"], row["name_ru"]),
        descriptions=descriptions,
        languages=tuple(map(Language, row["languages"])),
        eligibility=_eligibility(row),
        capacity=_capacity(row),
    )


def _capacity(row: asyncpg.Record) -> Capacity | None:
    if row["available"] is None:
        return None
    return Capacity(row["available"], row["maximum"], row["capacity_updated_at"])


def _eligibility(row: asyncpg.Record) -> Eligibility:
    return Eligibility(
        sexes=tuple(map(Sex, row["sexes"])),
        age_bands=tuple(map(AgeBand, row["age_bands"])),
        minimum_age=row["minimum_age"],
        maximum_age=row["maximum_age"],
        with_children=Known(row["with_children"]),
        around_the_clock=Known(row["around_the_clock"]),
        any_nationality=Known(row["any_nationality"]),
        victim_status_required=Known(row["victim_status_required"]),
    )
