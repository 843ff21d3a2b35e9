"""Determinations of what is on record."""

from datetime import date

from app.engine.determination import Determination, Rung
from app.engine.evaluate import evaluate
from app.engine.issued import as_issued
from app.engine.pack import Pack
from app.engine.rules import RuleSet
from app.errors import Conflict, PackInvalid
from app.loader.catalogue import Catalogue


def determine(catalogue: Catalogue, pack: Pack, *, as_of: date, rung: Rung = "verified") -> Determination:
    """What a pack from the record shows on the civil date ``as_of``; ``rung`` chooses what its gaps list.

    Needs no transaction. Raises ``Conflict`` where the rule set was changed in a way that the record no longer fits.
    """
    rule_set = judged_by(catalogue, pack)
    return evaluate(rule_set, catalogue.crosswalks_for(rule_set), pack, as_of, rung)


def issuable(catalogue: Catalogue, pack: Pack, *, as_of: date) -> tuple[Determination, RuleSet]:
    """The determination of a pack from the record in the form in which it is issued, and the rule set that it is under.

    Raises what ``determine`` raises.
    """
    rule_set = judged_by(catalogue, pack)
    return as_issued(evaluate(rule_set, catalogue.crosswalks_for(rule_set), pack, as_of), rule_set), rule_set


def judged_by(catalogue: Catalogue, pack: Pack) -> RuleSet:
    """The rule set of a pack from the record; raises ``Conflict`` where it no longer fits it."""
    try:
        return catalogue.check(pack)
    except PackInvalid as error:
        listed = "; ".join(map(str, error.faults))
        raise Conflict(
            f"The record no longer fits the rule set as it is loaded: {listed}.",
            hint="The operator has to load the rule set that the assessment was made under.",
        ) from error
