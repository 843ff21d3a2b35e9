"""The determination as a whole: what it names, and through when everything in it stays the same (semantics.md 1, 8)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

import json
from datetime import date
from typing import Any

import pytest
import rfc8785

from app.engine.determination import Determination
from app.engine.evaluate import evaluate, glance
from app.engine.forecast import forecast
from tests.engine.small import (
    ACCEPTED,
    DAY,
    SHOWN,
    TOMORROW,
    Json,
    asked,
    certificate,
    crosswalk,
    determine,
    document,
    entries,
    full,
    gap,
    pack,
    requirement,
    response,
    review,
    rule_set,
    says,
    shows,
    states,
)


def test_what_a_determination_names() -> None:
    rules, given, walk = rule_set(), pack(**ACCEPTED), crosswalk()
    found = evaluate(rules, [walk], given, DAY)
    assert (found.rule_set.id, found.rule_set.version, found.rule_set.sha256) == ("small", "1", rules.sha256)
    assert [(item.id, item.version, item.sha256) for item in found.crosswalks] == [("alpha--small", "1", walk.sha256)]
    assert (found.pack_sha256, found.as_of) == (given.sha256, DAY)
    assert found.service.model_dump() == {"id": "svc-1", "name": "Service", "provider": "Provider"}
    assert (found.format, found.engine) == ("safonau/determination/1", "1.0.0")


def test_standards_and_requirements_come_in_file_order() -> None:
    rules = requirement("3.2"), requirement("3.1"), requirement("1.9")
    found = determine(*rules)
    assert [item.number for item in found.standards] == [3, 1]
    assert [item.id for item in found.standards[0].requirements] == ["3.2", "3.1"]
    assert found.standards[0].title.model_dump() == {"en": "Standard 3", "cy": "Standard 3 (cy)"}


def test_the_same_inputs_give_the_same_bytes() -> None:
    """semantics.md: "The same inputs give the same bytes (canonical JSON, RFC 8785)"."""
    one, other = (
        evaluate(rule_set(), [crosswalk()], pack(**SHOWN, accreditations=[certificate()]), DAY) for _ in range(2)
    )
    assert one.canonical == other.canonical == rfc8785.dumps(one.json_form)
    assert one.sha256 == other.sha256
    assert Determination.model_validate_json(one.canonical) == one


def test_the_order_of_crosswalks_given_changes_nothing() -> None:
    walks = [crosswalk(version="2", effective_from=TOMORROW), crosswalk(), crosswalk(scheme="beta")]
    found = [determine(crosswalks=order, accreditations=[certificate()]).canonical for order in (walks, walks[::-1])]
    assert found[0] == found[1]


def test_rung_only_chooses_what_gaps_lists() -> None:
    forms = [determine(rung=rung, **SHOWN).json_form for rung in ("declared", "evidenced", "verified")]
    assert [len(form.pop("gaps")) for form in forms] == [0, 0, 1]
    assert forms[0] == forms[1] == forms[2]


def test_status_and_effective_dates_of_a_rule_set_are_ignored() -> None:
    """semantics.md 2: "`evaluate` ignores `status` and effective dates (so that a coming version can be tried)"."""
    coming = rule_set().replace(status="withdrawn", effective_from=date(2030, 1, 1), effective_until=date(2030, 1, 2))
    plain, tried = (evaluate(rules, [], pack(**ACCEPTED), DAY).json_form for rules in (rule_set(), coming))
    assert plain.pop("rule_set") != tried.pop("rule_set")
    assert plain == tried


def test_fields_that_are_absent_in_the_json_form() -> None:
    """formats.md: "`leaves` is absent where coverage is full; … `programme`" absent where none is judged."""
    form = json.loads(determine(crosswalks=[crosswalk()], accreditations=[certificate(verified_on=None)]).canonical)
    [entry] = form["standards"][0]["requirements"]
    assert set(entry["covered_by"][0]) == {"accreditation", "coverage", "programmes", "verified"}
    ask = determine().json_form["gaps"][0]["asks"][0]
    assert set(ask) == {"leaf", "ask"}


def _deep(name: str = "1.1", **fields: Any) -> Json:
    """A branch asks for its only leaf; beside it, records and one report have come nearly all the way."""
    node: Json = {"all": [shows("training", leaf="y"), shows("report", leaf="z")]}
    for number in range(10):
        node = {"all": [shows("record", leaf=f"x{number}"), node]}
    return requirement(name, {"any": [shows(leaf="a"), node]}, **fields)


class TestValidThrough:
    """As semantics.md 8 has it.

    "the last date through which everything in it but `as_of` and `valid_through`s stays the same (what it `rests_on`
    and the crosswalks in use included)".
    """

    def _through(self, *rules: Json, **given: Any) -> str | None:
        found = determine(*rules, **given).valid_through
        return None if found is None else found.isoformat()

    def test_for_ever(self) -> None:
        assert self._through(**ACCEPTED) is None

    def test_the_earliest_of_its_entries(self) -> None:
        papers = [document(valid_until="2026-08-01"), document("doc-2", valid_until="2026-06-01")]
        rules = requirement("1.1"), requirement("1.2")
        rated = [response("doc-1", name="1.1"), response("doc-2", name="1.2")]
        assert self._through(*rules, documents=papers, responses=rated) == "2026-06-01"

    def test_a_crosswalk_in_use_changes_though_nobody_holds_the_scheme(self) -> None:
        walks = [crosswalk(), crosswalk(version="2", effective_from="2026-06-01")]
        assert self._through(crosswalks=walks) == "2026-05-31"

    def test_a_lower_version_that_comes_into_effect_changes_nothing(self) -> None:
        walks = [crosswalk(version="2"), crosswalk(effective_from="2026-06-01")]
        assert self._through(crosswalks=walks) is None

    def test_versions_of_a_crosswalk_that_came_before_end_nothing_and_of_those_to_come_the_next_does(self) -> None:
        walks = [crosswalk()]
        walks += [crosswalk(version=version, effective_from=f"2026-0{version}-01") for version in ("2", "3")]
        assert self._through(crosswalks=walks) is None
        walks += [crosswalk(version=version, effective_from=f"2026-0{version}-01") for version in ("8", "6")]
        assert self._through(crosswalks=walks) == "2026-05-31"

    @pytest.mark.parametrize(("end", "through"), [("2026-05-15", "2026-05-15"), ("2026-06-02", "2026-06-01")])
    def test_what_ends_first_counts_be_it_an_entry_or_what_it_rests_on(self, end: str, through: str) -> None:
        """On 2 June the evidence behind a certificate is gone, which no entry shows."""
        given: Json = {
            "crosswalks": [crosswalk()],
            "accreditations": [certificate()],
            "documents": [document(valid_until="2026-06-01"), document("doc-2", valid_until=end)],
            "responses": [response("doc-1"), response("doc-2", name="1.2")],
        }
        assert self._through(requirement("1.1"), requirement("1.2"), **given) == through

    def test_a_change_seen_only_in_what_it_rests_on(self) -> None:
        """The evidence behind a certificate expires: nothing is lost, but from then on all rests on the certificate."""
        given: Json = {
            "crosswalks": [crosswalk()],
            "accreditations": [certificate(verified_on=None)],
            "documents": [document(valid_until="2026-06-01")],
            "responses": [response("doc-1")],
        }
        before = determine(**given)
        assert before.standards[0].requirements[0].valid_through == date(2027, 3, 1)
        assert before.rests_on[0].weight.evidenced == 0
        assert before.valid_through == date(2026, 6, 1)
        after = determine(on=date(2026, 6, 2), **given)
        assert after.rests_on[0].weight.evidenced == 1
        assert after.valid_through == date(2027, 3, 1)

    def test_what_comes_after_another_change_does_not_matter(self) -> None:
        """The evidence behind the certificate of one requirement expires after that of another has."""
        rules = requirement("1.1"), requirement("1.2")
        given: Json = {
            "crosswalks": [crosswalk(full("1.1"))],
            "accreditations": [certificate(verified_on=None)],
            "documents": [document(valid_until="2026-06-01"), document("doc-2", valid_until="2026-05-01")],
            "responses": [response("doc-1", name="1.1"), response("doc-2", name="1.2")],
        }
        assert self._through(*rules, **given) == "2026-05-01"
        given["documents"][1]["valid_until"] = "2026-06-01"
        assert self._through(*rules, **given) == "2026-06-01"

    def test_changes_that_cancel_out_in_what_it_rests_on(self) -> None:
        """On one day the evidence of one requirement expires and that of another begins: the sum is the same."""
        rules = requirement("1.1"), requirement("1.2")
        given: Json = {
            "crosswalks": [crosswalk(full("1.1"), full("1.2"))],
            "accreditations": [certificate()],
            "documents": [document(valid_until="2026-06-01"), document("doc-2", valid_from="2026-06-02")],
            "responses": [response("doc-1", name="1.1"), response("doc-2", name="1.2")],
        }
        assert determine(*rules, **given).rests_on == determine(*rules, on=date(2026, 6, 2), **given).rests_on
        assert self._through(*rules, **given) == "2027-03-01"

    def test_a_change_in_what_a_gap_asks_for_is_a_change_of_its_reasons(self) -> None:
        """From the day on which a document expires the other branch is the one that asks for least."""
        first = {"all": [shows(leaf="a"), says(leaf="b")]}
        rule = requirement(met_when={"any": [first, says("integer", leaf="c", is_=1)]})
        given: Json = {"documents": [document(valid_from="2026-06-01")], "responses": [response("doc-1")]}
        assert self._through(rule, rung="declared", **given) == "2026-05-31"
        assert [asked(gap(rule, on=day, **given)) for day in (DAY, date(2026, 6, 1))] == [["c"], ["b"]]

    def test_progress_by_less_than_a_digit_ends_no_entry_but_may_end_the_whole(self) -> None:
        """semantics.md 5.7: "all of the requirement's entry", which has progress with one digit."""
        ends = document("z", "report", valid_until="2026-06-30")
        given: Json = {"documents": [document("r", "record"), ends]}
        given["responses"] = [response("r", "z")]
        before, after = (determine(_deep(), on=day, **given) for day in (DAY, date(2026, 7, 1)))
        assert entries(before) == entries(after)
        assert before.valid_through is None
        twice = _deep(weight=2), requirement("1.2")
        before, after = (determine(*twice, on=day, **given) for day in (DAY, date(2026, 7, 1)))
        assert (before.progress, after.progress) == ("66.7", "66.6")
        assert entries(before) == entries(after)
        assert str(before.valid_through) == "2026-06-30"
        # What ends on the same day elsewhere causes nothing: where another document shows it, and what is excluded.
        elsewhere = requirement("1.3", obligation="should"), requirement("1.4", may_be_excluded=True)
        reason = response("y", rating="not_applicable", name="1.4", exclusion_reason="There is no such work.")
        more = [*given["responses"], response("y", "s", name="1.3"), reason]
        papers = [*given["documents"], document("y", valid_until="2026-06-30"), document("s")]
        shown = pack(documents=papers, responses=more, reviews=[review("y", name="1.4")])
        [turn] = forecast(rule_set(*twice, *elsewhere), (), shown, DAY, date(2026, 12, 31))
        assert [(cause.kind, cause.subject) for cause in turn.causes] == [("document_expired", "z")]
        # Be it that something else changes unseen later.
        either = requirement("1.3", {"any": [shows(leaf="a"), shows("record", leaf="b")]}, obligation="should")
        papers = [*given["documents"], document("p", valid_until="2026-05-01")]
        more = [*given["responses"], response("p", "r", name="1.3")]
        assert str(determine(*twice, either, documents=papers, responses=more).valid_through) == "2026-06-30"
        # The standard's alone: overall the heavy requirement of another hides it.
        hidden = *twice, requirement("2.1", weight=1000)
        before, after = (determine(*hidden, on=day, **given) for day in (DAY, date(2026, 7, 1)))
        assert (before.progress, before.standards[0].progress) == (after.progress, "66.7")
        assert str(before.valid_through) == "2026-06-30"
        # Good practice has no progress of its own.
        apart = _deep(weight=2, obligation="should"), requirement("1.2")
        assert determine(*apart, **given).valid_through is None

    def test_progress_that_moves_back_and_forth_is_added_up_day_by_day(self) -> None:
        """From 1 July one has a little more and one as much less; from 1 August both have more."""
        rules = _deep(), _deep("1.2"), requirement("1.3")
        papers = [
            document("r", "record"),
            document("a", "report", valid_until="2026-06-30"),
            document("b", "report", valid_from="2026-08-01"),
            document("c", "report", valid_from="2026-07-01"),
        ]
        given: Json = {"documents": papers, "responses": [response("r", "a", "b"), response("r", "c", name="1.2")]}
        days = DAY, date(2026, 7, 1), date(2026, 8, 1)
        assert [determine(*rules, on=day, **given).progress for day in days] == ["66.6", "66.6", "66.7"]
        assert str(determine(*rules, **given).valid_through) == "2026-07-31"


class TestGlance:
    """Status and scores alone are those of ``evaluate``."""

    def test_the_same_scores(self) -> None:
        rules = rule_set(
            requirement("1.1", safety_critical=True),
            requirement("1.2", applies_when=states("choice", is_="a")),
            requirement("1.3", may_be_excluded=True),
            requirement("2.1", obligation="should"),
        )
        out = response(name="1.3", rating="not_applicable", exclusion_reason="no")
        given = pack(
            profile={"choice": "b"},
            documents=[document()],
            responses=[response("doc-1"), out, response("doc-1", name="2.1")],
            reviews=[review(name="1.3")],
        )
        whole, some = evaluate(rules, [crosswalk()], given, DAY), glance(rules, [crosswalk()], given, DAY)
        assert (some.status, some.compliance, some.progress) == (whole.status, whole.compliance, whole.progress)
        assert some.good_practice == whole.good_practice
        for standard in whole.standards:
            found = some.standards[standard.number]
            assert (found.status, found.compliance, found.progress) == (
                standard.status, standard.compliance, standard.progress,
            )  # fmt: skip


def test_a_document_that_ends_beside_one_that_lasts_ends_nothing() -> None:
    either = requirement(met_when={"any": [shows(leaf="a"), shows("record", leaf="b")]})
    papers = [document("doc-1", valid_until=DAY), document("doc-2", "record")]
    found = determine(either, documents=papers, responses=[response("doc-1", "doc-2")])
    assert found.valid_through is None
