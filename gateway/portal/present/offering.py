"""One service offering as its agency describes it; what nobody said is said to be unknown."""

from contracts.terms import Language, Service, Sex
from gateway.portal.clients.directory import Offering
from gateway.portal.labels import label, small
from gateway.portal.present.offers import age
from gateway.portal.words import _, listing


def facts(offering: Offering) -> list[tuple[str, str]]:
    """Whom it takes and how, in the order of the search form."""
    said = offering.eligibility
    answers = {"yes": _("yes"), "no": _("no")}
    pairs = [
        (_("What help it is"), label(Service, offering.service)),
        (_("Sex"), listing([small(label(Sex, code)) for code in said.sexes])),
        (_("Age"), age(said.minimum_age, said.maximum_age, said.age_bands)),
        (_("Languages"), listing([label(Language, code) for code in offering.languages])),
        (_("Takes people with children"), answers.get(said.with_children, "")),
        (_("Open day and night"), answers.get(said.around_the_clock, "")),
        (_("Any citizenship"), answers.get(said.any_nationality, "")),
        (_("Status of a victim needed"), answers.get(said.victim_status_required, "")),
    ]
    return [(name, words or _("not known")) for name, words in pairs]
