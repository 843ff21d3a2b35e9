"""Whoever has an answer already is told so before anything of it is worked out (RFC 9110, 13.1.2)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from httpx2 import Response

from app.api.remembered import Remembered
from app.api.validators import OnRecord
from app.db.repositories import assessments
from app.db.session import Transaction
from app.engine.pack import Pack
from app.loader.catalogue import Catalogue
from app.main import Service
from app.services import issued, packs
from tests.api.conftest import Begun, Clock, Somebody, World, ok, problem
from tests.api.test_story import fill

WORKED_OUT = (
    "compliance",
    "compliance?as_of=2026-09-01",
    "summary",
    "gaps",
    "gaps?rung=declared",
    "forecast",
    "way-up",
    "impact?rule_set_version=2018.2",
    "pack",
)


@pytest.fixture
def evening(clock: Clock) -> Clock:
    """Shortly before another day, so that whoever signs in now still is tomorrow."""
    clock.now = clock.now.replace(hour=23, minute=50)
    return clock


@pytest.fixture
def reviewed(evening: Clock, begun: Begun, app: Service) -> Begun:
    """An assessment with evidence, handed in and reviewed."""
    assert evening.now.hour == 23
    app.state.running = replace(app.state.running, press=replace(app.state.running.press, demonstration=True))
    fill(begun)
    begun.submit(begun.people.commissioner)
    begun.start_review()
    ok(begun.complete())
    return begun


def etag(answer: Response) -> str:
    assert answer.status_code == 200, answer.text
    found: str = answer.headers["etag"]
    return found


def unchanged(by: Somebody, place: str, tag: str, **headers: str) -> bool:
    answer = by.get(place, If_None_Match=tag, **headers)
    assert answer.status_code in (200, 304), answer.text
    if answer.status_code == 304:
        assert (answer.content, answer.headers["etag"]) == (b"", tag)
    return answer.status_code == 304


def never(*_: object, **__: object) -> object:
    raise AssertionError("worked out without need")


def test_what_is_unchanged_is_not_worked_out_again(
    reviewed: Begun, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    people, place = reviewed.people, reviewed.place
    planned = {"requirement": "14.2", "rung": "evidenced", "what": "Write it.", "owner_role": "Manager"}
    action = ok(people.provider.post(f"{place}/actions", planned | {"due_on": "2026-09-30"}), 201)["key"]
    read = people.reviewer.get(f"{place}/pack").headers["etag"]
    number = ok(people.reviewer.send("POST", f"{place}/determinations", If_Match=read), 201)["number"]
    places = [f"{place}/{name}" for name in (*WORKED_OUT, f"actions/{action}/standing")]
    places += [f"/v1/determinations/{number}", f"{place}/compliance?known_at={clock.now:%Y-%m-%dT%H:%M:%SZ}"]
    known = {each: people.commissioner.get(each) for each in places}
    bare = etag(people.scrutiny.get(f"/v1/determinations/{number}"))
    with monkeypatch.context() as patched:
        patched.setattr(OnRecord, "pack", never)
        patched.setattr(packs, "assembled", never)
        patched.setattr(issued, "drift", never)
        for each, answer in known.items():
            assert unchanged(people.commissioner, each, etag(answer)), each
        assert unchanged(people.scrutiny, f"/v1/determinations/{number}", bare)
        assert people.commissioner.get(places[0]).status_code == 500, "this is what is never called"
    assert people.commissioner.get(places[0], If_None_Match="*").status_code == 304
    problem(people.commissioner.get(f"{place}/impact?rule_set_version=9", If_None_Match="*"), 422, "invalid")
    assert len({answer.headers["etag"] for answer in known.values()}) == len(known), "each question has tags of its own"

    clock.now = clock.now.replace(hour=0, minute=1) + timedelta(days=1)
    assert unchanged(people.commissioner, f"{place}/pack", etag(known[f"{place}/pack"])), "it is the same on every day"
    monkeypatch.setattr(OnRecord, "pack", never)
    monkeypatch.setattr(packs, "assembled", never)
    monkeypatch.setattr(issued, "drift", never)
    for each, answer in known.items():
        if not each.endswith("pack") and "as_of" not in each:
            again = people.commissioner.get(each, If_None_Match=etag(answer))
            assert again.status_code == 500, f"{each} has to be worked out on another day"


def test_whatever_an_answer_rests_on_is_in_its_tag(
    reviewed: Begun, app: Service, catalogue: Catalogue, world: World
) -> None:
    people, place = reviewed.people, f"{reviewed.place}/gaps"
    lead, running = people.provider, app.state.running
    first = etag(lead.get(place))
    other_forms = {
        etag(lead.get(place, accept="text/plain")),
        etag(lead.get(place, accept="text/plain", accept_language="cy")),
        etag(people.editor.get(place)),
        etag(people.commissioner.get(place)),
    }
    assert len({first, *other_forms}) == 5, "form, language, and who looks"
    assert etag(lead.get(place, accept_language="cy")) == first, "JSON has both languages"
    assert unchanged(lead, place, first)
    changed: tuple[Callable[[], object], ...] = (
        lambda: replace(running, release="0"),
        lambda: replace(running, catalogue=replace(catalogue, schemes=dict(list(catalogue.schemes.items())[1:]))),
    )
    for change in changed:
        app.state.running = change()
        assert not unchanged(lead, place, first)
    app.state.running = running
    document = {"id": "doc-new", "type": "policy", "issued_on": "2026-01-15", "sha256": "1" * 64}
    ok(lead.put(f"{reviewed.service_place}/documents/doc-new", document), 201)
    assert not unchanged(lead, place, first)
    mine = etag(people.commissioner.get(place))
    ends = lead.get(reviewed.place).headers["etag"]
    commissioner = people.commissioner.organisation
    ok(lead.send("DELETE", f"{reviewed.place}/shares/{commissioner}", If_Match=ends))
    problem(people.commissioner.get(place, If_None_Match=mine), 404, "not-found")
    with world.system() as tx:
        assert assessments.page(tx, after=None, limit=1).items == (), "administrators see none of it"


def test_a_pack_is_read_once_for_all_who_see_it_alike_until_something_is_recorded(
    reviewed: Begun, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    read: list[str] = []
    assembled = packs.assembled

    def counted(tx: Transaction, assessment_id: UUID, *, known_at: datetime | None = None) -> Pack:
        read.append(tx.actor.role)
        return assembled(tx, assessment_id, known_at=known_at)

    monkeypatch.setattr(packs, "assembled", counted)
    people, place = reviewed.people, reviewed.place
    for name in ("compliance", "compliance?as_of=2026-09-01", "summary", "gaps", "forecast", "pack"):
        etag(people.commissioner.get(f"{place}/{name}"))
    assert read == ["commissioner"]
    before = ok(people.provider.get(f"{place}/compliance"))
    etag(people.reviewer.get(f"{place}/compliance"))
    assert read == ["commissioner", "provider_lead", "reviewer"], "not everybody sees the same"
    document = {"id": "doc-new", "type": "policy", "issued_on": "2026-01-15", "sha256": "1" * 64}
    ok(people.provider.put(f"{reviewed.service_place}/documents/doc-new", document), 201)
    after = ok(people.provider.get(f"{place}/compliance"))
    assert after["pack_sha256"] != before["pack_sha256"]
    assert read[3:] == ["provider_lead"]
    # An instant may be settled in the very transaction that reads, and is not if that fails.
    instant = f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"
    for _ in range(2):
        etag(people.provider.get(f"{place}/compliance?known_at={instant}"))
    assert len(read) == 6, "as known at an instant nothing is kept"


def test_only_those_asked_for_last_are_remembered() -> None:
    known = Remembered[str](2)
    known.keep("a", "A")
    known.keep("b", "B")
    assert known.get("a") == "A"
    known.keep("c", "C")
    assert [known.get(name) for name in ("a", "b", "c")] == ["A", None, "C"]
