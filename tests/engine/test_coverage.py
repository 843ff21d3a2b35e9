"""What accreditations stand in for, on both sides of every date (semantics.md 4)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from app.engine.coverage import Code, Crosswalks, Entries, Hindrance, Shown
from app.engine.rules import Crosswalk
from app.engine.standing_in import Covering, Stretch
from tests.engine.small import (
    DAY,
    EVIDENCED,
    NOTHING,
    TOMORROW,
    VERIFIED,
    YESTERDAY,
    Json,
    certificate,
    codes,
    crosswalk,
    determine,
    entries,
    full,
    judged,
    partial,
    programme,
    reached,
    requirement,
    response,
    rule_set,
    shows,
    states,
)

SUSPENDED = {"on": "2026-02-01", "status": "suspended"}
REINSTATED = {"on": "2026-03-01", "status": "reinstated"}
PROGRAMME = requirement(concerns="programme")


def _reached(on: date = DAY, walk: Crosswalk | None = None, rule: Json | None = None, **given: Any) -> Any:
    """The rungs that a certificate alone reaches."""
    held = certificate(**{key: value for key, value in given.items() if key not in {"programmes", "profile"}})
    service = {key: value for key, value in given.items() if key in {"programmes", "profile"}}
    return reached(
        judged(rule or requirement(), crosswalks=[walk or crosswalk()], accreditations=[held], on=on, **service)
    )


class TestInForce:
    """As semantics.md has it.

    "It is *in force* on d when `awarded_on <= d <= expires_on` and its last status change on or before d, if any, is
    `reinstated`".
    """

    @pytest.mark.parametrize(
        ("fields", "rungs"),
        [
            ({"awarded_on": DAY}, (NOTHING, VERIFIED, VERIFIED)),
            ({"expires_on": DAY}, (VERIFIED, VERIFIED, NOTHING)),
            ({"status_changes": [{"on": DAY, "status": "suspended"}]}, (VERIFIED, NOTHING, NOTHING)),
            ({"status_changes": [{"on": DAY, "status": "withdrawn"}]}, (VERIFIED, NOTHING, NOTHING)),
        ],
    )
    def test_dates(self, fields: Json, rungs: tuple[object, ...]) -> None:
        known: Json = {"unchanged_declared_on": YESTERDAY, "verified_on": YESTERDAY}
        assert tuple(_reached(on=day, **known | fields) for day in (YESTERDAY, DAY, TOMORROW)) == rungs

    @pytest.mark.parametrize("order", [[SUSPENDED, REINSTATED], [REINSTATED, SUSPENDED]])
    def test_the_last_status_change_decides(self, order: list[Json]) -> None:
        days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1)]
        assert [_reached(on=day, status_changes=order) for day in days] == [VERIFIED, NOTHING, NOTHING, VERIFIED]


class TestDeclaredAndVerified:
    """As semantics.md has it.

    "it *counts* on d when in force and `d <= unchanged_declared_on + redeclare_months`, and is *verified* on d when it
    counts and `d <= verified_on + recheck_months`".
    """

    def test_a_declaration_speaks_for_twelve_months_unless_the_crosswalk_says_otherwise(self) -> None:
        fields: Json = {"unchanged_declared_on": "2025-04-01", "verified_on": "2026-03-01"}
        assert [_reached(on=day, **fields) for day in (DAY, TOMORROW)] == [VERIFIED, NOTHING]
        walk = crosswalk(redeclare_months=13)
        assert [_reached(on=day, walk=walk, **fields) for day in (date(2026, 5, 1), date(2026, 5, 2))] == [
            VERIFIED,
            NOTHING,
        ]

    def test_a_look_at_the_register_speaks_for_twelve_months_unless_the_crosswalk_says_otherwise(self) -> None:
        fields: Json = {"unchanged_declared_on": "2026-03-01", "verified_on": "2025-04-01"}
        assert [_reached(on=day, **fields) for day in (DAY, TOMORROW)] == [VERIFIED, EVIDENCED]
        walk = crosswalk(recheck_months=1)
        fields["verified_on"] = "2026-01-31"
        days = (date(2026, 2, 28), date(2026, 3, 1))
        assert [_reached(on=day, walk=walk, **fields) for day in days] == [VERIFIED, EVIDENCED]

    def test_a_later_date_holds_already(self) -> None:
        assert _reached(unchanged_declared_on="2026-12-01", verified_on="2026-12-01") == VERIFIED

    def test_a_missing_date_does_not_hold(self) -> None:
        """semantics.md: "Either date, where missing, does not hold"."""
        assert _reached(unchanged_declared_on=None) == NOTHING
        assert _reached(verified_on=None) == EVIDENCED

    @pytest.mark.parametrize(
        ("on", "rungs"), [("2026-02-28", NOTHING), ("2026-03-01", VERIFIED), ("2026-03-02", VERIFIED)]
    )
    def test_a_declaration_before_the_last_reinstatement_does_not_hold(self, on: str, rungs: object) -> None:
        """semantics.md: "one before the last `reinstated` on or before d does not hold on d"."""
        assert (
            _reached(status_changes=[SUSPENDED, REINSTATED], unchanged_declared_on=on, verified_on="2026-03-02")
            == rungs
        )

    @pytest.mark.parametrize(("on", "rungs"), [("2026-02-28", EVIDENCED), ("2026-03-01", VERIFIED)])
    def test_nor_does_a_look_at_the_register(self, on: str, rungs: object) -> None:
        assert (
            _reached(status_changes=[SUSPENDED, REINSTATED], unchanged_declared_on="2026-03-02", verified_on=on)
            == rungs
        )

    @pytest.mark.parametrize("order", [1, -1])
    def test_of_several_reinstatements_the_last_decides(self, order: int) -> None:
        changes = [
            {"on": "2026-01-10", "status": "suspended"},
            {"on": "2026-01-20", "status": "reinstated"},
            SUSPENDED,
            REINSTATED,
        ][::order]
        between: Json = {"status_changes": changes, "unchanged_declared_on": "2026-01-25", "verified_on": "2026-01-25"}
        assert _reached(**between) == NOTHING
        assert _reached(on=date(2026, 1, 31), **between) == VERIFIED

    def test_a_reinstatement_still_to_come_takes_nothing_away(self) -> None:
        changes = [{"on": TOMORROW, "status": "reinstated"}]
        assert [_reached(on=day, status_changes=changes) for day in (DAY, TOMORROW)] == [VERIFIED, NOTHING]


class TestConditions:
    """As semantics.md has it.

    "A condition is open from `opened_on` through `closed_on`."; "no condition on the accreditation that names the
    requirement is open on `as_of`".
    """

    @pytest.mark.parametrize(
        ("condition", "rungs"),
        [
            ({"opened_on": DAY}, (VERIFIED, NOTHING, NOTHING)),
            ({"opened_on": "2026-01-01", "closed_on": DAY}, (NOTHING, NOTHING, VERIFIED)),
            ({"opened_on": DAY, "closed_on": DAY}, (VERIFIED, NOTHING, VERIFIED)),
        ],
    )
    def test_dates(self, condition: Json, rungs: tuple[object, ...]) -> None:
        held = [condition | {"requirements": ["1.2", "1.1"]}]
        assert tuple(_reached(on=day, conditions=held) for day in (YESTERDAY, DAY, TOMORROW)) == rungs

    @pytest.mark.parametrize("named", ["1.1", "1.2"])
    def test_a_condition_on_one_of_two_that_are_listed_alike(self, named: str) -> None:
        both = requirement("1.1"), requirement("1.2")
        closed = {"requirements": ["1.1", "1.2"], "opened_on": "2026-01-01", "closed_on": "2026-02-01"}
        held = certificate(conditions=[{"requirements": [named], "opened_on": "2026-01-01"}, closed])
        found = entries(determine(*both, crosswalks=[crosswalk(full("1.1"), full("1.2"))], accreditations=[held]))
        assert {name for name, entry in found.items() if entry.verified} == {"1.1", "1.2"} - {named}

    def test_a_condition_on_another_requirement_is_of_no_concern(self) -> None:
        assert _reached(conditions=[{"requirements": ["1.2"], "opened_on": "2026-01-01"}]) == VERIFIED


class TestRecognised:
    """semantics.md: "the crosswalk recognises its edition and stage, lists it, the crosswalk's condition holds"."""

    def test_edition_and_stage(self) -> None:
        assert _reached(edition="2") == NOTHING
        assert _reached(stage="half") == NOTHING
        assert _reached(edition="2", walk=crosswalk(editions=["1", "2"])) == VERIFIED

    def test_what_it_does_not_list_is_not_covered(self) -> None:
        entry = judged(requirement("1.1"), requirement("1.2"), crosswalks=[crosswalk()], accreditations=[certificate()])
        assert reached(entry) == VERIFIED
        other = judged(requirement("1.2"), requirement("1.1"), crosswalks=[crosswalk()], accreditations=[certificate()])
        assert (reached(other), codes(other)) == (NOTHING, ["not_answered", "document_missing"])

    def test_another_schemes_certificate_is_not_covered(self) -> None:
        assert _reached(scheme="beta") == NOTHING

    @pytest.mark.parametrize(
        ("profile", "rungs"), [({"choice": "a"}, VERIFIED), ({"choice": "b"}, NOTHING), ({}, NOTHING)]
    )
    def test_the_condition_on_the_profile_where_unknown_means_not(self, profile: Json, rungs: object) -> None:
        assert _reached(walk=crosswalk(applies_when=states("choice", is_="a")), profile=profile) == rungs

    def test_the_condition_is_read_on_each_programme(self) -> None:
        """semantics.md 2: "Crosswalk conditions likewise."."""
        walk = crosswalk(applies_when=states("choice", is_="a"))
        both = [programme("prog-a", choice="a"), programme("prog-b", choice="b")]
        assert _reached(walk=walk, rule=PROGRAMME, programmes=both) == NOTHING
        assert _reached(walk=walk, rule=PROGRAMME, programmes=both[:1]) == VERIFIED
        assert _reached(walk=walk, rule=PROGRAMME, programmes=both, profile={"choice": "a"}) == NOTHING
        assert _reached(walk=walk, programmes=both, profile={"choice": "a"}) == VERIFIED


class TestScope:
    """As semantics.md has it.

    "its scope reaches what is judged: the organisation or the service by organisation scope or by naming the service; a
    programme by either of these or by naming that programme (and, where the scope gives a version, that version)".
    """

    @pytest.mark.parametrize("concerns", ["organisation", "service", "programme"])
    @pytest.mark.parametrize(
        ("scope", "rungs"),
        [
            ({"kind": "organisation"}, VERIFIED),
            ({"kind": "service", "services": ["svc-2", "svc-1"]}, VERIFIED),
            ({"kind": "service", "services": ["svc-2"]}, NOTHING),
        ],
    )
    def test_organisation_and_service(self, concerns: str, scope: Json, rungs: object) -> None:
        rule = requirement(concerns=concerns)
        assert _reached(rule=rule, scope=scope, programmes=[programme()]) == rungs
        assert _reached(rule=rule, scope=scope) == rungs

    @pytest.mark.parametrize(
        ("named", "version", "rungs"),
        [
            ({"id": "prog-a"}, None, VERIFIED),
            ({"id": "prog-a"}, "2", VERIFIED),
            ({"id": "prog-a", "version": "2"}, "2", VERIFIED),
            ({"id": "prog-a", "version": "2"}, "1", NOTHING),
            ({"id": "prog-a", "version": "2"}, None, NOTHING),
            ({"id": "prog-x"}, "2", NOTHING),
        ],
    )
    def test_programme(self, named: Json, version: str | None, rungs: object) -> None:
        scope = {"kind": "programme", "programmes": [{"id": "prog-z"}, named]}
        assert _reached(rule=PROGRAMME, scope=scope, programmes=[programme("prog-a", version)]) == rungs

    def test_every_programme_must_be_reached(self) -> None:
        scope = {"kind": "programme", "programmes": [{"id": "prog-a"}]}
        assert _reached(rule=PROGRAMME, scope=scope, programmes=[programme("prog-a"), programme("prog-b")]) == NOTHING
        two = [
            certificate("acc-1", scope=scope),
            certificate("acc-2", scope={"kind": "programme", "programmes": [{"id": "prog-b"}]}),
        ]
        entry = judged(
            PROGRAMME,
            crosswalks=[crosswalk()],
            accreditations=two,
            programmes=[programme("prog-a"), programme("prog-b")],
        )
        assert reached(entry) == VERIFIED

    def test_a_programme_certificate_does_not_reach_a_service_that_lists_none(self) -> None:
        """As semantics.md has it.

        "a service that lists none is judged once, as a programme without a name, reached by organisation or service
        scope only".
        """
        scope = {"kind": "programme", "programmes": [{"id": "prog-a"}]}
        assert _reached(rule=PROGRAMME, scope=scope) == NOTHING

    def test_nor_any_requirement_that_does_not_concern_programmes(self) -> None:
        scope = {"kind": "programme", "programmes": [{"id": "prog-a"}]}
        assert _reached(scope=scope, programmes=[programme("prog-a")]) == NOTHING


class TestVersionsInUse:
    """As semantics.md has it.

    "In use: for each crosswalk id, the highest version for this rule set version with `effective_from <= as_of`".
    """

    NOTHING_LISTED = partial("other", name="1.2")

    def _in_use(self, on: date, *walks: Crosswalk) -> list[tuple[str, str]]:
        two = requirement("1.1"), requirement("1.2", shows(leaf="other"))
        return [(item.id, item.version) for item in determine(*two, crosswalks=walks, on=on).crosswalks]

    def test_the_highest_in_effect(self) -> None:
        walks = [
            crosswalk(version="10", effective_from=TOMORROW),
            crosswalk(version="2", effective_from=DAY),
            crosswalk(version="1"),
        ]
        in_use = [self._in_use(day, *walks) for day in (YESTERDAY, DAY, TOMORROW)]
        assert in_use == [[("alpha--small", "1")], [("alpha--small", "2")], [("alpha--small", "10")]]

    def test_a_higher_version_rules_even_where_it_came_into_effect_earlier(self) -> None:
        walks = [
            crosswalk(version="2", effective_from="2025-01-01"),
            crosswalk(version="1", effective_from="2026-01-01"),
        ]
        assert self._in_use(DAY, *walks) == [("alpha--small", "2")]

    def test_one_for_each_id_and_none_for_another_version_of_the_rule_set(self) -> None:
        other = crosswalk(version="3", rule_set={"id": "small", "version": "2"})
        elsewhere = crosswalk(scheme="gamma", rule_set={"id": "other", "version": "1"})
        beta = crosswalk(scheme="beta")
        assert self._in_use(DAY, beta, other, elsewhere, crosswalk()) == [("alpha--small", "1"), ("beta--small", "1")]

    def test_before_the_first_there_is_none(self) -> None:
        assert self._in_use(DAY, crosswalk(effective_from=TOMORROW)) == []

    def test_a_version_is_read_until_another_says_something_else_of_the_requirement(self) -> None:
        both = full("1.1"), full("1.2")
        walks = [
            crosswalk(*both),
            crosswalk(full("1.1"), partial("other", name="1.2"), version="2", effective_from=DAY),
            crosswalk(full("1.1"), partial("other", name="1.2"), version="3", effective_from=TOMORROW, stages=["half"]),
        ]
        rules = rule_set(requirement("1.1"), requirement("1.2", shows(leaf="other")), requirement("1.3"))
        found = Crosswalks(rules, walks)
        said = [{name: item.through for name, item in found.on(day).items()} for day in (YESTERDAY, DAY, TOMORROW)]
        assert said == [{"1.1": DAY, "1.2": YESTERDAY}, {"1.1": DAY, "1.2": DAY}, {"1.1": date.max, "1.2": date.max}]

    def test_a_version_that_lists_less_covers_less_from_its_day_on(self) -> None:
        later = crosswalk(self.NOTHING_LISTED, version="2", effective_from=TOMORROW)
        two = requirement("1.1"), requirement("1.2", shows(leaf="other"))
        given: Json = {"crosswalks": [later, crosswalk()], "accreditations": [certificate()]}
        entry = judged(*two, **given)
        assert (reached(entry), entry.valid_through) == (VERIFIED, DAY)
        assert reached(judged(*two, on=TOMORROW, **given)) == NOTHING


def test_full_covers_every_leaf_and_partial_those_it_lists() -> None:
    rule = requirement(met_when={"all": [shows(leaf="a"), shows(leaf="b"), shows(leaf="c")]})
    given: Json = {"accreditations": [certificate()], "responses": [response()]}
    some = judged(rule, crosswalks=[crosswalk(partial("c", "a"))], **given)
    assert some.covered_by[0].model_dump() == {
        "accreditation": "acc-1", "coverage": "partial", "leaves": ("a", "c"), "programmes": None, "verified": True,
    }  # fmt: skip
    assert some.progress == "75.0"
    whole = judged(rule, crosswalks=[crosswalk()], **given)
    assert "leaves" not in whole.covered_by[0].model_dump()
    assert whole.progress == "100.0"


def test_two_certificates_may_share_the_leaves() -> None:
    rule = requirement(met_when={"all": [shows(leaf="a"), shows(leaf="b")]})
    walks = [crosswalk(partial("a")), crosswalk(partial("b"), scheme="beta")]
    held = [certificate(), certificate("acc-2", scheme="beta", verified_on=None)]
    entry = judged(rule, crosswalks=walks, accreditations=held, responses=[response()])
    assert (reached(entry), entry.route) == (EVIDENCED, "evidence_and_accreditation")
    assert [(item.accreditation, item.leaves, item.verified) for item in entry.covered_by] == [
        ("acc-1", ("a",), True),
        ("acc-2", ("b",), False),
    ]


def test_full_coverage_beside_a_part_is_full() -> None:
    """formats.md: "`leaves` is absent where coverage is full"; semantics.md 5.4: "some accreditation covers"."""
    rule = requirement(met_when={"all": [shows(leaf="a"), shows(leaf="b")]})
    walks = [crosswalk(), crosswalk(partial("b"), scheme="beta")]
    for first, second in (("alpha", "beta"), ("beta", "alpha")):
        held = [certificate("acc-1", scheme=first), certificate("acc-2", scheme=second)]
        entry = judged(rule, crosswalks=walks, accreditations=held)
        assert (reached(entry), entry.route) == (VERIFIED, "accreditation")
        shown = {item.accreditation: item.model_dump() for item in entry.covered_by}
        assert {name for name, item in shown.items() if "leaves" not in item} == {
            "acc-1" if first == "alpha" else "acc-2"
        }


def test_one_item_of_a_certificate_is_verified_where_every_crosswalk_says_so() -> None:
    walks = [crosswalk(id="one--small", recheck_months=0), crosswalk(id="two--small")]
    entry = judged(crosswalks=walks, accreditations=[certificate()])
    assert (reached(entry), [item.verified for item in entry.covered_by]) == (VERIFIED, [False])


HELD = SimpleNamespace(id="acc-1")


def _covering(hindrance: Hindrance | None, *, full: bool = True) -> Covering:
    certificates: Any = [(HELD, 0)]
    stretch = Stretch(certificates, (None,), [[hindrance]], date.max)
    return Covering(stretch, Entries((), (Shown(full, 1),), date.max))


def test_certificates_show_the_same_where_neither_what_hinders_nor_what_is_listed_differs() -> None:
    first = _covering(None)
    assert first.same(first)
    hindered = _covering(Hindrance(Code.EXPIRED, "expires_on", DAY))
    assert hindered.same(_covering(Hindrance(Code.EXPIRED, "expires_on", DAY)))
    assert not first.same(hindered)
    assert not hindered.same(_covering(Hindrance(Code.EXPIRED, "expires_on", DAY), full=False))
