"""A case is opened for a beneficiary; what identifies the person is encrypted before it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from contracts.terms import AgeBand, ExploitationForm, IdentityField, Language, Risk, Service, Sex, Urgency
from services.referrals.domain.case import Case, age_band_of
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor


@dataclass(frozen=True)
class NewCase:
    """What a caseworker wrote down. `age_band` gives way to `birth_year`, and that to the date of birth."""

    id: UUID
    identity: Mapping[IdentityField, str]
    sex: Sex
    birth_year: int | None
    age_band: AgeBand | None
    district: str | None
    languages: tuple[Language, ...]
    with_children: bool | None
    needs: tuple[Service, ...]
    risk: Risk
    urgency: Urgency
    exploitation: ExploitationForm


async def create_case(desk: Desk, actor: Actor, new: NewCase) -> Case:
    now = desk.now()
    born = new.identity.get(IdentityField.BIRTH_DATE)
    year = int(born[:4]) if born else new.birth_year
    band = age_band_of(year, now.date()) if year else new.age_band or AgeBand.UNKNOWN
    case = Case(
        id=new.id,
        agency=desk.agency,
        code=await desk.cases.free_code(desk.node, now.year),
        sex=new.sex,
        birth_year=new.birth_year,
        age_band=band,
        district=new.district,
        languages=new.languages,
        with_children=new.with_children,
        needs=new.needs,
        risk=new.risk,
        urgency=new.urgency,
        exploitation=new.exploitation,
        created_at=now,
        created_by=actor.subject,
        identity_fields=frozenset(new.identity),
    )
    await desk.people.open(case.id)
    await desk.cases.add(case)
    await desk.people.write(case.id, new.identity)
    await desk.audit(actor, "create_case", "case", case.id)
    return case
