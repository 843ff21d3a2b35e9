"""The cheapest way up in words, in both languages."""

from app.engine.way_up import way_up
from app.reports.text import COLUMNS
from app.reports.way_up_text import way_up_text
from tests.engine.small import (
    DAY,
    answer,
    certificate,
    crosswalk,
    document,
    full,
    pack,
    partial,
    requirement,
    response,
    rule_set,
    says,
    shows,
    states,
)

RULES = rule_set(
    requirement("1.1", shows(at_least=2), applies_when=states("boolean", is_=True)),
    requirement("1.2", says("integer", at_least=2)),
    requirement("1.3", says("integer", is_=1)),
    requirement("1.4", {"all": [shows("record"), says("integer", leaf="a", at_least=2)]}),
)
GIVEN = pack(
    documents=[document()],
    answers=[answer(2, "integer")],
    responses=[response(name="1.2")],
    accreditations=[certificate(verified_on=None, verified_by=None, register=None)],
)
WALKS = (crosswalk(partial("doc", name="1.4")), crosswalk(full("1.1"), scheme="beta"))


def test_every_part_is_told() -> None:
    found = way_up(RULES, WALKS, GIVEN, DAY)
    text = way_up_text(found, RULES, "en")
    assert max(map(len, text.splitlines())) <= COLUMNS
    told = " ".join(text.split())
    for sentence in (
        "The cheapest way to meeting rule set small, version 1: Service, 1 April 2026",
        "As things stand: Evidenced 25.0% (Working towards), Verified 0.0% (Working towards).",
        "New documents and answers: 1. No fewer would do.",
        "1. Hand in a document: policy. - 1.1: Show doc 2. Link document doc-1, which is on file.",
        "With this, these have all they need: 1.1.",
        "Then say that you meet: 1.1, 1.3, 1.4.",
        "Reviewers must still accept: 1.1, 1.2, 1.3, 1.4.",
        "Reviewers must still see these accreditations on the register: acc-1.",
        "Nothing was found that satisfies these beside the rest: 1.3.",
        "1.1 applies only because the profile does not state: boolean.",
        "Without acc-1 (alpha): Evidenced 25.0% (Working towards), Verified 0.0% (Working towards).",
        "Requirements no longer evidenced: none; no longer verified: none. Documents and answers more to hand in: 1.",
        "An accreditation of beta that is recognised and reaches the service would cover: 1.1.",
        "Documents and answers saved: 1.",
    ):
        assert sentence in told
    welsh = way_up_text(found, RULES, "cy")
    assert welsh.endswith("yn answyddogol: geiriad y prosiect hwn ei hun ydyw.\n")
    assert "unofficial" not in text
    assert welsh.startswith("Y ffordd rataf at fodloni'r set reolau small, fersiwn 1: Service, 1 Ebrill 2026\n==")


def test_an_answer_says_what_is_asked_and_a_bound_is_told_where_there_is_no_proof() -> None:
    rules = rule_set(requirement("1.2", says("integer", at_least=2)))
    found = way_up(rules, (), pack(), DAY)
    told = " ".join(way_up_text(found, rules, "en").split())
    assert "1. Answer: integer What is asked: at least 2. - 1.2: Say ans" in told
    unproved = " ".join(way_up_text(found.replace(exact=False, fewest=3), rules, "en").split())
    assert "answers: 3. Fewer than 1 cannot do; whether 1 can was not found out." in unproved


def test_where_nothing_applies_nothing_is_scored() -> None:
    rules = rule_set(requirement(obligation="should"))
    found = way_up_text(way_up(rules, (), pack(), DAY), rules, "en")
    assert "As things stand: Nothing applies." in found
    assert found.endswith("\nNothing is left to hand in, to claim or to decide.\n"), "and not that no fewer would do"
    assert "Steps" not in found
