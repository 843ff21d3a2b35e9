"""Random sequences of what several tenants do over HTTP, and what each of them sees, against a model in a few lines.

The model knows nothing of how the service works: it has a state, whom it is shared with, what its provider says, and
what of that was handed in last.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies as st

from app.main import Service
from tests.api.conftest import People, Somebody, World, ok, problem
from tests.services.world import catalogue as tiny

REQUIREMENTS: Final = ("1.1", "1.2")
# In which states something can be done, where it can be seen.
LEGAL: Final = {
    "edit": {"draft", "returned"},
    "submit": {"draft", "returned"},
    "withdraw": {"draft", "submitted", "in_review", "returned"},
    "share": {"submitted", "in_review", "returned", "completed"},
    "end_share": {"submitted", "in_review", "returned", "completed", "withdrawn"},
    "start_review": {"submitted"},
    "decide": {"in_review"},
    "return": {"in_review"},
    "complete": {"in_review"},
}
BY_REVIEWERS: Final = {"start_review", "decide", "return", "complete"}
AFTER: Final = {
    "submit": "submitted",
    "withdraw": "withdrawn",
    "start_review": "in_review",
    "return": "returned",
    "complete": "completed",
}
PLACES: Final = {
    "submit": "submission",
    "withdraw": "withdrawal",
    "share": "shares",
    "start_review": "review",
    "decide": "reviews",
    "return": "return",
    "complete": "completion",
}


@dataclass
class Modelled:
    """One assessment, as everybody should find it."""

    owner: Somebody
    id: str
    state: str = "draft"
    said: dict[str, str] = field(default_factory=dict)
    handed_in: dict[str, str] = field(default_factory=dict)
    shared_with: set[str] = field(default_factory=set)
    reopened: set[str] = field(default_factory=set)
    reviews: int = 0

    @property
    def place(self) -> str:
        return f"/v1/assessments/{self.id}"

    def seen_by(self, somebody: Somebody) -> dict[str, str] | None:
        """What somebody reads of its responses; ``None`` where there is nothing for them."""
        if somebody.organisation == self.owner.organisation:
            return self.said
        return self.handed_in if somebody.organisation in self.shared_with else None

    def allows(self, what: str, requirement: str) -> bool:
        if what == "edit" and self.state == "returned":
            return requirement in self.reopened
        return self.state in LEGAL[what] and (what != "end_share" or bool(self.shared_with))


@dataclass
class Tenants:
    """Two providers with an assessment each, and two commissioners with a reviewer each."""

    providers: tuple[Somebody, Somebody]
    commissioners: tuple[Somebody, Somebody]
    reviewers: tuple[Somebody, Somebody]
    others: tuple[Somebody, ...]
    assessments: tuple[Modelled, ...] = ()

    def begin(self) -> None:
        """A draft of each provider."""
        self.assessments = tuple(map(_begun, self.providers))

    def check(self, one: Modelled, callers: tuple[Somebody, ...]) -> None:
        """Compare the state, and every word of the responses, that callers see with the model."""
        for somebody in callers:
            wanted = one.seen_by(somebody)
            answer = somebody.get(f"{one.place}/responses")
            if wanted is None:
                problem(answer, 404, "not-found")
                continue
            assert {item["key"]: item["value"]["narrative"] for item in ok(answer)["items"]} == wanted
            assert ok(somebody.get(one.place))["state"] == one.state

    def check_all(self) -> None:
        """The same for everybody and every assessment, with lists and reviews."""
        for one in self.assessments:
            self.check(one, (*self.providers, *self.commissioners, *self.reviewers))
            for somebody in self.reviewers:
                if one.seen_by(somebody) is not None:
                    assert len(ok(somebody.get(f"{one.place}/reviews"))["items"]) == one.reviews
            for somebody in self.others:
                problem(somebody.get(one.place), 403, "forbidden")
        for somebody in (*self.providers, *self.commissioners, *self.reviewers):
            ids = {item["id"] for item in ok(somebody.get("/v1/assessments?limit=200"))["items"]}
            seen = {each.id for each in self.assessments if each.seen_by(somebody) is not None}
            assert ids & {each.id for each in self.assessments} == seen


def _begun(owner: Somebody) -> Modelled:
    stated = {"name": "S", "profile": {"forms_of_abuse": ["domestic_abuse"]}, "regions": ["gwent"]}
    service = ok(owner.post("/v1/services", stated), 201)["id"]
    rule_set = {"id": "tiny", "version": "1"}
    return Modelled(owner, ok(owner.post("/v1/assessments", {"service": service, "rule_set": rule_set}), 201)["id"])


def _tried(tenants: Tenants, one: Modelled, what: str, number: int, requirement: str) -> None:
    """Let whoever may ever do it try, and hold the answer against the model, which is moved on."""
    whom = tenants.commissioners[number % 2]
    by = tenants.reviewers[number % 2] if what in BY_REVIEWERS else one.owner
    answer = _sent(one, by, what, whom.organisation, requirement, f"in words {number}")
    if one.seen_by(by) is None:
        problem(answer, 404, "not-found")
    elif not one.allows(what, requirement):
        problem(answer, 409, "conflict")
    elif what == "end_share" and whom.organisation not in one.shared_with:
        problem(answer, 404, "not-found")
    else:
        assert answer.status_code < 300, answer.text
        _moved(one, what, whom.organisation, requirement, f"in words {number}")


def _sent(one: Modelled, by: Somebody, what: str, whom: str, requirement: str, words: str) -> Any:  # noqa: ANN401  # an answer
    if what == "edit":
        return by.put(f"{one.place}/responses/{requirement}", {"self_rating": "met", "narrative": words})
    bodies: dict[str, Any] = {
        "submit": {"share_with": [whom]},
        "withdraw": {"reason": "Closed."},
        "share": {"commissioner": whom},
        "decide": {"requirement": requirement, "response_version": 0, "decision": "more_information", "reason": "Why?"},
        "return": {"requirements": [{"requirement": requirement, "reason": "Too old."}]},
    }
    etag = by.get(f"{one.place}/pack" if what == "decide" else one.place).headers.get("etag", '"0"')
    if what == "end_share":
        return by.send("DELETE", f"{one.place}/shares/{whom}", If_Match=etag)
    return by.post(f"{one.place}/{PLACES[what]}", bodies.get(what), If_Match=etag)


def _moved(one: Modelled, what: str, whom: str, requirement: str, words: str) -> None:
    one.state = AFTER.get(what, one.state)
    if what == "edit":
        one.said[requirement] = words
    elif what == "submit":
        one.handed_in = dict(one.said)
        one.shared_with.add(whom)
    elif what == "share":
        one.shared_with.add(whom)
    elif what == "end_share":
        one.shared_with.remove(whom)
    elif what == "return":
        one.reopened = {requirement}
    elif what == "decide":
        one.reviews += 1


@pytest.fixture(autouse=True)
def _small_rules_and_long_tokens(app: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    running = app.state.running
    monkeypatch.setattr(running.tokens, "lifetime", timedelta(days=1))  # the clock moves on with every look at it
    app.state.running = replace(running, catalogue=tiny())
    yield
    app.state.running = running


@pytest.fixture
def tenants(people: People, world: World) -> Tenants:
    with world.system() as tx:
        other_reviewer = world.somebody(tx, "reviewer", UUID(people.other_commissioner.organisation))
    return Tenants(
        providers=(people.provider, people.stranger),
        commissioners=(people.commissioner, people.other_commissioner),
        reviewers=(people.reviewer, other_reviewer),
        others=(people.scrutiny, people.administrator),
    )


@hypothesis.settings(
    max_examples=2,
    phases=[hypothesis.Phase.generate],  # to make a failing sequence shorter would take minutes
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
    database=None,
)
@hypothesis.given(data=st.data())
def test_whatever_is_done_everybody_sees_what_the_model_says(tenants: Tenants, data: st.DataObject) -> None:
    tenants.begin()
    for step in range(data.draw(st.integers(12, 16), "steps")):
        one = data.draw(st.sampled_from(tenants.assessments), "assessment")
        requirement = data.draw(st.sampled_from(REQUIREMENTS), "requirement")
        # What can be done just now is drawn more often: else most sequences would never leave a draft.
        can = [what for what in LEGAL if one.allows(what, requirement)]
        what = data.draw(st.sampled_from([*LEGAL, *can * 3]), "what")
        _tried(tenants, one, what, data.draw(st.integers(0, 9), "number"), requirement)
        tenants.check(one, (*tenants.providers, tenants.commissioners[step % 2], tenants.reviewers[1 - step % 2]))
    tenants.check_all()
