"""Everything that a demonstration shows says that it is one, and a draft does there for what is checked."""

from dataclasses import replace
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from app.main import Service, create_app
from app.settings import Settings
from tests.api.conftest import People, ok
from tests.api.test_determinations import published
from tests.api.test_policies import CHECKS, LIST, POLICY, begin
from tests.services.world import catalogue as tiny

FACETS = "/v1/commissioning/portfolio/facets"


@pytest.fixture
def demonstration(app: Service) -> Service:
    """The service as it is in a demonstration, with the small rule set as a draft."""
    running = app.state.running
    draft = published(tiny().rule_sets["tiny", "1"], status="draft")
    app.state.running = replace(running, catalogue=draft, press=replace(running.press, demonstration=True))
    return app


def test_every_answer_of_a_demonstration_says_so_in_a_header(settings: Settings) -> None:
    for demonstration, said in ((True, "true"), (False, None)):
        answer = TestClient(create_app(settings, demonstration=demonstration)).get("/nothing")
        assert (answer.status_code, answer.headers.get("safonau-demonstration")) == (404, said)


def test_counts_and_checks_are_marked_and_a_draft_can_pass(demonstration: Service, people: People) -> None:
    begun, commissioner = begin(people, "Group work"), people.commissioner
    ok(begun.decide({"requirement": "1.1", "response_version": 1, "decision": "accepted"}), 201)
    for query in ("", "?as_of=2026-05-01"):
        assert ok(commissioner.get(f"{FACETS}{query}"))["demonstration"]

    policy = ok(commissioner.post(LIST, POLICY), 201)["id"]
    tried = ok(commissioner.post(f"{LIST}/{policy}/trial", {}))
    assert tried["outcomes"]["pass"] == 1
    made = ok(commissioner.post(CHECKS, {"policy": policy, "assessment": begun.assessment}), 201)["check"]
    assert (made["outcome"], made["reasons"], made["draft"]) == ("pass", [], True)
    place = f"{CHECKS}/{made['id']}"
    again = ok(commissioner.post(f"{place}/repetition", {}), 201)["check"]
    assert (again["outcome"], again["draft"]) == ("pass", True)
    for language, mark in (("en", "DEMONSTRATION. This rests on"), ("cy", "ARDDANGOSIAD. Mae hyn yn")):
        forms = {
            kind: commissioner.get(place, Accept=kind, Accept_Language=language) for kind in ("text/plain", "text/html")
        }
        assert all(mark in form.text for form in forms.values())
        pdf = commissioner.get(place, Accept="application/pdf", Accept_Language=language).content
        assert mark in PdfReader(BytesIO(pdf)).pages[0].extract_text()

    running = demonstration.state.running
    demonstration.state.running = replace(running, press=replace(running.press, demonstration=False))
    assert not ok(commissioner.get(FACETS))["demonstration"]
    plain = ok(commissioner.post(CHECKS, {"policy": policy, "assessment": begun.assessment}), 201)["check"]
    assert ([reason["code"] for reason in plain["reasons"]], plain["draft"]) == (["rule_set_not_in_force"], False)
