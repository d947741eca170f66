"""One referral: the page with its crossing, sending it, and every verb."""

from asyncio import gather

from fastapi import APIRouter
from fastapi.responses import Response

from contracts.terms import Outcome
from gateway.portal.clients import referrals
from gateway.portal.clients.api import ApiError, segment
from gateway.portal.clients.referrals import Case, Referral
from gateway.portal.forms import Form
from gateway.portal.labels import given_away
from gateway.portal.present import referral as show
from gateway.portal.present.cases import person, search_of
from gateway.portal.present.crossing import crossing
from gateway.portal.present.places import Party, agency_name, district_name, named
from gateway.portal.present.verbs import VERBS, body_of, check, words_of
from gateway.portal.routes.session import kept_and_gone, see
from gateway.portal.routes.work import Caseworker
from gateway.portal.signs import CAME_BACK, WITHDRAWN
from gateway.portal.visit import Visit, form_of
from gateway.portal.words import _, clock, day

router = APIRouter()


@router.get("/referrals/{referral_id}")
async def show_referral(found: Caseworker, referral_id: str) -> Response:
    referral, timeline = await gather(
        referrals.referral(found.api, referral_id), referrals.timeline(found.api, referral_id)
    )
    if referral.status == "draft":
        return see(f"/referrals/{segment(referral_id)}/send")
    origin, destination = await _parties(found, referral)
    onward = await _onward(found, referral)
    view = await _view(found, referral, origin, destination, came_back=bool(onward))
    partner = destination if referral.side == "referring" else origin
    return found.page(  # type: ignore[no-any-return]
        "referral.html",
        section="/inbox" if referral.side == "receiving" else "/cases",
        r=view,
        x=crossing(referral, timeline, origin, destination),
        actions=show.actions(referral, partner, onward),
        notices=_notices(referral, view.advised),
    )


@router.get("/referrals/{referral_id}/send")
async def check_before_sending(found: Caseworker, referral_id: str) -> Response:
    return await _send_page(found, referral_id, Form())


@router.post("/referrals/{referral_id}/send")
async def send_referral(found: Caseworker, referral_id: str) -> Response:
    try:
        await referrals.act(found.api, referral_id, "send", {})
    except ApiError as error:
        if error.code not in {"consent_missing", "corridor_closed"}:
            raise
        form = Form(problems={"send": _refusal(error.code)})
        return await _send_page(found, referral_id, form, 409)
    return see(f"/referrals/{segment(referral_id)}")


@router.get("/referrals/{referral_id}/identity")
async def lead_to_the_referral(_: Caseworker, referral_id: str) -> Response:
    """What names a person is asked for on purpose, never by an address: a bookmark, another language, a sign-in."""
    return see(f"/referrals/{segment(referral_id)}")


@router.post("/referrals/{referral_id}/identity")
async def show_identity(found: Caseworker, referral_id: str) -> Response:
    """The person's data that the consent let through; the service writes the reading into its audit log."""
    referral = await referrals.referral(found.api, referral_id)
    identity, until = await referrals.identity(found.api, referral_id)
    origin, destination = await _parties(found, referral)
    return found.page(  # type: ignore[no-any-return]
        "identity.html",
        section="/inbox",
        here=f"/referrals/{referral.referral_id}",
        r=await _view(found, referral, origin, destination),
        person=person(identity),
        valid=_("Access until %(day)s.", day=day(referral.consent.valid_until)) if until and referral.consent else "",
    )


@router.get("/referrals/{referral_id}/{verb}")
async def ask_for_verb(found: Caseworker, referral_id: str, verb: str) -> Response:
    return await _verb_page(found, referral_id, verb, Form())


@router.get("/referrals/{referral_id}/{verb}/{name}")
async def ask_again(found: Caseworker, referral_id: str, verb: str, name: str, checked: bool = False) -> Response:
    """With what was typed; `checked` says what is wrong with it."""
    form = found.kept(name, f"/referrals/{segment(referral_id)}")
    if checked and verb in VERBS:
        check(verb, form)
    return await _verb_page(found, referral_id, verb, form)


@router.post("/referrals/{referral_id}/{verb}")
async def do_verb(found: Caseworker, referral_id: str, verb: str) -> Response:
    """Do it; a refusal names the fields and keeps every answer."""
    form = form_of(found.request)
    if verb not in VERBS:
        raise ApiError("portal", 404, {"code": "not_found"})
    here = f"/referrals/{segment(referral_id)}"
    if go := form.take("go"):
        kept = f"{here}/{verb}/{await found.keep(form)}"
        return see(kept_and_gone(go, kept) or kept)
    check(verb, form)
    if form.problems:
        return see(f"{here}/{verb}/{await found.keep(form)}?checked=1")
    try:
        await referrals.act(found.api, referral_id, verb, body_of(verb, form))
    except ApiError as error:
        if error.status != 422:  # noqa: PLR2004  (HTTP)
            raise
        problem = _("This answer was not accepted. Correct it and send again.")
        if error.code == "outcome_contradicted":
            problem = _("The service was not given: choose another outcome")
        if error.code == "names_the_person":
            problem = given_away(error.recorded)
        form.problems |= dict.fromkeys(error.fields or ["note"], problem)
        return await _verb_page(found, referral_id, verb, form, 422)
    return see(here)


async def _verb_page(found: Visit, referral_id: str, verb: str, form: Form, status: int = 200) -> Response:
    if verb not in VERBS:
        raise ApiError("portal", 404, {"code": "not_found"})
    referral = await referrals.referral(found.api, referral_id)
    if not any(one.verb == verb and one.possible for one in referral.verbs):
        if not form.typed():
            return see(f"/referrals/{segment(referral_id)}")
        found.request.state.posted = form
        raise ApiError("portal", 409, {"code": "wrong_state"})
    origin, destination = await _parties(found, referral)
    agencies = await found.site.known.agencies(found.api) if verb == "redirect" else []
    others = [
        (one.agency_id, named(one.names, one.agency_id)) for one in agencies if one.agency_id != found.session.agency
    ]
    partner = destination if referral.side == "referring" else origin
    question = await _question(found, referral_id) if verb == "give_information" else ""
    return found.page(  # type: ignore[no-any-return]
        "verb.html",
        section="/inbox" if referral.side == "receiving" else "/cases",
        status=status,
        form=form,
        r=await _view(found, referral, origin, destination),
        v=words_of(verb, partner, others, referral.status),
        question=question,
    )


async def _question(found: Visit, referral_id: str) -> str:
    """What the other side last asked."""
    timeline = await referrals.timeline(found.api, referral_id)
    asked = [entry.text for entry in timeline.entries if entry.act == "information_requested" and entry.text]
    return asked[-1] if asked else ""


async def _send_page(found: Visit, referral_id: str, form: Form, status: int = 200) -> Response:
    referral = await referrals.referral(found.api, referral_id)
    if referral.status != "draft":
        return see(f"/referrals/{segment(referral_id)}")
    origin, destination = await _parties(found, referral)
    case = await referrals.case(found.api, referral.case_id) if referral.case_id else None
    return found.page(  # type: ignore[no-any-return]
        "send.html",
        section="/cases",
        status=status,
        form=form,
        r=await _view(found, referral, origin, destination),
        may_go=referral.consent is not None and referral.consent.status == "valid",
        offering=referral.service_offering_id,
        search=_search(case, referral, referral.receiving_agency) if case else [],
        later=show.fields_of(referral),
        answer_line=show.when_answered(referral),
    )


async def _view(
    found: Visit, referral: Referral, origin: Party, destination: Party, *, came_back: bool = False
) -> show.View:
    districts = await found.site.known.districts(found.api)
    to = referral.redirected_to if referral.side == "referring" else None
    advised = named(referral.redirected_to_names, agency_name(to, [])) if to else ""
    place = district_name(referral.district, districts)
    return show.view(referral, origin, destination, place, advised, came_back=came_back)


async def _parties(found: Visit, referral: Referral) -> tuple[Party, Party]:
    """Referring and receiving agency, by name in the reader's language."""
    agencies = await found.site.known.agencies(found.api)
    partner_name = named(referral.partner_names, agency_name(referral.partner_agency, agencies))
    own = Party(found.site.node, named(found.session.agency_names, found.session.agency), "")
    partner = Party(referral.partner_country, partner_name, "")
    return (own, partner) if referral.side == "referring" else (partner, own)


def _notices(referral: Referral, advised: str) -> list[dict[str, str]]:
    """What happened that a person must know of: advice, a withdrawn consent, a missed deadline."""
    found = []
    if advised:
        title = _("A better agency was named: %(agency)s", agency=advised)
        found.append(_notice("lapis", "right", title, _("Decide with the person, then take consent for that agency.")))
    if referral.status == "consent_withdrawn":
        found.append(_notice("madder", "late", _("The person withdrew consent"), _("Access to the data is closed.")))
    for one in referral.notices[-1:]:
        if one.stage in {"supervisor", "national_coordinator"} and referral.next_deadline:
            title = _("The supervisor was told of the missed deadline at %(time)s", time=clock(one.at))
            found.append(_notice("saffron", "clock", title, ""))
    return found


async def _onward(found: Visit, referral: Referral) -> list[tuple[str, str]]:
    """The search for another service, where this one ended without help and none has followed it."""
    without_help = referral.status in CAME_BACK or referral.outcome == Outcome.NEED_NOT_MET
    if referral.side != "referring" or not without_help or not referral.case_id:
        return []
    case = await referrals.case(found.api, referral.case_id)
    return [] if _followed(referral, case) else _search(case, referral, referral.redirected_to or "")


def _followed(referral: Referral, case: Case) -> bool:
    """Whether a newer referral for this need has gone out, and was not withdrawn."""
    nowhere = {"draft", *WITHDRAWN}
    return any(
        one.service == referral.service and one.created_at > referral.created_at and one.status not in nowhere
        for one in case.referrals
        if one.referral_id != referral.referral_id
    )


def _search(case: Case, referral: Referral, agency_id: str) -> list[tuple[str, str]]:
    """What the case asks for, for this need, at that agency if there is one."""
    asked = search_of(case)
    own = [(name, value) for name, value in asked if name != "need"]
    return [*own, ("need", referral.service), *([("agency", agency_id)] if agency_id else [])]


def _notice(colour: str, icon: str, title: str, words: str) -> dict[str, str]:
    return {"colour": colour, "icon": icon, "title": title, "words": words}


def _refusal(code: str) -> str:
    if code == "consent_missing":
        return _("There is no valid consent for this agency and service. Take consent first.")
    return _("Referrals to this country are closed at the moment. The draft is kept.")
