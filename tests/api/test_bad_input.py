"""Every bad input gets a clear refusal that says where, echoes nothing, and changes nothing."""

import json
import re
from collections.abc import Callable

import pytest
from httpx2 import Response

from tests.api.conftest import PASSWORD, Begun, People, World, ok, problem


def send(begun: Begun, path: str, content: bytes | str, *, method: str = "PUT", **headers: str) -> Response:
    provider = begun.people.provider
    etag = provider.get(f"{begun.place}/pack").headers["etag"]
    sent = {"authorization": f"Bearer {provider.token}", "content-type": "application/json", "if-match": etag}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return provider.client.request(method, path, content=content, headers=sent)


@pytest.fixture
def unchanged(begun: Begun) -> Callable[[], None]:
    """Call it to see that the record is what it was."""
    provider = begun.people.provider
    before = provider.get(f"{begun.place}/pack").content

    def check() -> None:
        assert provider.get(f"{begun.place}/pack").content == before
        assert ok(provider.get(f"{begun.service_place}/documents"))["items"] == []

    return check


def document(**changes: str) -> dict[str, str]:
    return {"id": "doc-1", "type": "policy", "issued_on": "2026-01-01", "sha256": "a" * 64} | changes


NESTED = "[" * 10_000 + "]" * 10_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"value": NaN}', "NaN"),
        ('{"value": -Infinity}', "-Infinity"),
        ('{"value": 1, "value": 2}', "used twice"),
        ('{"value": 123456789012345678901234567890}', "not a number that every reader keeps"),
        ('{"value": ', "not JSON"),
        ("", "no body"),
        (b"\xff\xfe", "not UTF-8"),
        (NESTED, "nested"),
    ],
)
def test_what_is_not_sound_json_is_a_400(
    begun: Begun, unchanged: Callable[[], None], content: str | bytes, words: str
) -> None:
    for path in (f"{begun.place}/answers/supervision_weeks", f"{begun.place}/pack"):
        refusal = problem(send(begun, path, content), 400, "bad-input")
        assert words in refusal["faults"][0]["message"]
        assert refusal["faults"][0]["hint"]
    unchanged()


def test_what_is_not_sound_json_has_its_other_faults_told_as_well(begun: Begun, unchanged: Callable[[], None]) -> None:
    answers = '"answers": [{"question": "a", "answered_at": "2026-03-01T09:30:00Z"}, '
    answers += '{"question": "a", "answered_at": "2026-03-01T09:30:00Z"}]'
    for start, status, code, first in (
        (
            '{"format": NaN,\n',
            400,
            "bad-input",
            "NaN is not a number that every reader keeps exactly, at line 1, column 12",
        ),
        ('{"format": 1,\n', 422, "pack-invalid", "`format` must be 'safonau/assessment-pack/1', not a number"),
    ):
        refusal = problem(send(begun, f"{begun.place}/pack", f'{start} "service": 7, {answers}}}'), status, code)
        assert [(fault["pointer"], fault["message"]) for fault in refusal["faults"]] == [
            ("/format", first),
            ("", "`rule_set` is missing"),
            ("/service", "`service` must be an object, not a number"),
            ("/answers/1/question", "two answers to the question `a`"),
        ]
    place = f"{begun.place}/responses/14.1"
    refusal = problem(send(begun, place, '{"narrative": "", "narrative": "", "self_rating": "best"}'), 400, "bad-input")
    assert [fault["pointer"] for fault in refusal["faults"]] == ["/narrative", "/self_rating"]
    twice = {"content-type": "application/x-www-form-urlencoded"}
    form = begun.people.provider.client.post("/v1/token", content="username=a&username=b&username=c", headers=twice)
    assert [fault["pointer"] for fault in problem(form, 400, "bad-input")["faults"]] == ["/username"]
    unchanged()


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("{place}/answers/supervision_weeks", {"value": 1.5}, "/value"),
        ("{place}/answers/supervision_weeks", {"value": "\ud800"}, "/value"),
        ("{place}/answers/supervision_weeks", {"value": "a\0b"}, "/value"),
        ("{place}/answers/supervision_weeks", {"value": ["\0"]}, "/value"),
        ("{place}/answers/supervision_weeks", {"value": "many"}, "/value"),
        ("{place}/answers/supervision_weeks", {}, ""),
        ("{place}/answers/supervision_weeks", {"value": 1, "made_up": 1}, "/made_up"),
        ("{place}/answers/supervision_weeks", [], ""),
        ("{place}/responses/14.1", {"self_rating": "great"}, "/self_rating"),
        ("{place}/responses/14.1", {"self_rating": True}, "/self_rating"),
        ("{place}/responses/14.1", {"narrative": "x" * 70_000}, "/narrative"),
        ("{place}/responses/14.1", {"documents": ["doc-9"]}, "/documents/0"),
        ("{service}/documents/doc-1", document(id="doc-2"), "/id"),
        ("{service}/documents/doc-1", document(issued_on="9999-12-31"), "/issued_on"),
        ("{service}/documents/doc-1", document(issued_on="2026-02-30"), "/issued_on"),
        ("{service}/documents/doc-1", document(type="spell"), "/type"),
        ("{service}", {"name": ""}, "/name"),
        ("{service}", {"name": "a\0b"}, "/name"),
        ("{service}", {"name": "x", "profile": {"a\0b": "c"}}, "/profile/a\0b"),
        ("{service}", {"name": "x", "profile": {"made_up": 1}}, "/profile/made_up"),
    ],
)  # fmt: skip
def test_what_has_faults_is_a_422_with_each_place(
    begun: Begun, unchanged: Callable[[], None], path: str, body: object, pointer: str
) -> None:
    address = path.format(place=begun.place, service=begun.service_place)
    headers = {} if address == begun.service_place else {"if_none_match": "*"}
    provider = begun.people.provider
    if not headers:
        headers = {"if_match": provider.get(address).headers["etag"]}
    sent = {"authorization": f"Bearer {provider.token}", "content-type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    refusal = problem(provider.client.put(address, content=json.dumps(body), headers=sent), 422, "invalid")
    assert pointer in [fault["pointer"] for fault in refusal["faults"]]
    unchanged()


def test_a_body_of_nothing_but_faults_is_answered_with_so_many_of_them_and_soon(
    begun: Begun, unchanged: Callable[[], None]
) -> None:
    body = json.dumps({f"made_up_{number}": number for number in range(1200)})
    for path, code in ((f"{begun.place}/responses/14.1", "invalid"), (f"{begun.place}/pack", "pack-invalid")):
        faults = problem(send(begun, path, body), 422, code)["faults"]
        assert len(faults) == 1001
        assert faults[-1]["pointer"] == ""
        assert re.fullmatch("20[0-9] more faults are not listed", faults[-1]["message"])
    responses = [{"requirement": "14.1", "version": 1, "documents": [f"doc-{number}" for number in range(1100)]}]
    pack = ok(begun.people.provider.get(f"{begun.place}/pack")) | {"responses": responses}
    faults = problem(send(begun, f"{begun.place}/pack", json.dumps(pack)), 422, "pack-invalid")["faults"]
    assert [len(faults), faults[-1]["message"]] == [1001, "further faults are not listed"]
    long = begun.people.provider.send("PATCH", f"{begun.place}/answers", {"items": [{}] * 10_001})
    (fault,) = problem(long, 422, "invalid")["faults"]
    assert (fault["pointer"], fault["message"]) == ("/items", "a list of 10001 entries, more than 10000")
    unchanged()


def test_ten_megabytes_of_narrative_are_too_large_however_they_are_sent(
    begun: Begun, unchanged: Callable[[], None]
) -> None:
    body = json.dumps({"narrative": "x" * 10_000_000}).encode()
    place = f"{begun.place}/responses/14.1"
    assert "4194304 bytes" in problem(send(begun, place, body), 413, "too-large")["detail"]
    provider = begun.people.provider
    sent = {"authorization": f"Bearer {provider.token}", "content-type": "application/json", "if-none-match": "*"}
    parts = (body[at : at + 65536] for at in range(0, len(body), 65536))
    streamed = provider.client.put(place, content=parts, headers=sent)
    assert "4194304 bytes" in problem(streamed, 413, "too-large")["detail"]
    unsigned = provider.client.put(place, content=body)  # answered by the framework, in place of our 401
    assert "4194304 bytes" in problem(unsigned, 413, "too-large")["detail"]
    unchanged()


@pytest.mark.parametrize("form", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])
def test_a_body_in_another_form_is_a_415(begun: Begun, unchanged: Callable[[], None], form: str) -> None:
    answer = send(begun, f"{begun.place}/answers/supervision_weeks", '{"value": 4}', content_type=form)
    problem(answer, 415, "unsupported-media-type")
    unchanged()


@pytest.mark.parametrize(
    "query",
    ["as_of=9999-12-31", "as_of=2026-02-30", "as_of=today", "rung=top", "known_at=now", "as_off=2026-01-01",
     "as_of=2026-01-01&as_of=2026-01-02", "known_at=9999-12-31T00:00:00Z"],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_a_422_that_names_it(begun: Begun, query: str) -> None:
    refusal = problem(begun.people.provider.get(f"{begun.place}/gaps?{query}"), 422, "invalid")
    assert {fault["pointer"] for fault in refusal["faults"]} == {"?" + query.partition("=")[0]}


@pytest.mark.parametrize("day", ["1900-01-01", "2999-12-31"])
def test_the_ends_of_the_calendar_are_answered(begun: Begun, day: str) -> None:
    assert ok(begun.people.provider.get(f"{begun.place}/compliance?as_of={day}"))["as_of"] == day
    assert ok(begun.people.provider.get(f"{begun.place}/gaps?as_of={day}"))["as_of"] == day


@pytest.mark.parametrize("query", ["cursor=made-up", "cursor=", "cursor=%00", "cursor=" + "A" * 3000])
def test_a_made_up_cursor_is_a_400(people: People, query: str) -> None:
    (fault,) = problem(people.provider.get(f"/v1/services?{query}"), 400, "invalid-cursor")["faults"]
    assert (fault["pointer"], fault["message"]) == ("?cursor", "this cursor is not one of ours")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1e3", "999999999999999999999"])
def test_a_limit_out_of_bounds_is_a_422(people: People, limit: str) -> None:
    refusal = problem(people.provider.get(f"/v1/services?limit={limit}"), 422, "invalid")
    assert [fault["pointer"] for fault in refusal["faults"]] == ["?limit"]


@pytest.mark.parametrize("header", ["3", '"3', "'3'", '"3" "4"'])
def test_an_if_match_that_is_no_list_of_tags_is_a_400(begun: Begun, header: str) -> None:
    answer = begun.people.provider.put(begun.service_place, {"name": "x"}, If_Match=header)
    problem(answer, 400, "bad-input")


def test_conditions_that_contradict_each_other_or_make_no_sense_are_a_400(begun: Begun) -> None:
    provider, place = begun.people.provider, f"{begun.place}/answers/supervision_weeks"
    problem(provider.put(place, {"value": 4}, If_Match='"1"', If_None_Match="*"), 400, "bad-input")
    problem(provider.put(place, {"value": 4}, If_None_Match='"1"'), 400, "bad-input")


def test_a_change_without_a_condition_is_a_428_and_on_another_version_a_412(
    begun: Begun, unchanged: Callable[[], None]
) -> None:
    provider, place = begun.people.provider, f"{begun.place}/answers/supervision_weeks"
    for path in (place, begun.service_place, f"{begun.place}/pack"):
        problem(provider.send("PUT", path, {"value": 4}), 428, "precondition-required")
    problem(provider.put(place, {"value": 4}, If_Match='"1"'), 412, "precondition-failed")
    problem(provider.put(place, {"value": 4}, If_Match="*"), 412, "precondition-failed")
    problem(provider.put(begun.service_place, {"name": "x"}, If_Match='"0", W/"1"'), 412, "precondition-failed")
    problem(provider.put(begun.service_place, {"name": "x"}, If_None_Match="*"), 412, "precondition-failed")
    unchanged()
    ok(provider.put(place, {"value": 4}), 201)
    problem(provider.put(place, {"value": 5}, If_None_Match="*"), 412, "precondition-failed")
    assert ok(provider.put(place, {"value": 5}, If_Match="*"))["value"] == 5
    etag = provider.get(place).headers["etag"]
    assert ok(provider.put(place, {"value": 6}, If_Match=f'"elsewhere", {etag}'))["value"] == 6


def test_no_refusal_echoes_what_was_sent(people: People) -> None:
    secret = "Tr0ub4dor-short"
    new = {
        "email": secret,
        "name": secret * 100,
        "organisation": secret,
        "role": "provider_lead",
        "password": secret[:5],
    }
    refusal = people.administrator.post("/v1/users", new)
    problem(refusal, 422, "invalid")
    assert secret[:5] not in refusal.text
    assert {fault["pointer"] for fault in refusal.json()["faults"]} == {"/name", "/organisation", "/password"}


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ("grant_type=password&username=a@example.org", 422),
        ("grant_type=client_credentials&username=a@example.org&password=x", 422),
        ("grant_type=password&username=a@example.org&password=x&password=y", 400),
        ("grant_type=password&username=%ff&password=x", 400),
        ("&".join(f"x{number}=1" for number in range(50)), 400),
        ("\u00e9", 400),
    ],
)
def test_a_form_that_cannot_be_used_is_refused(world: World, form: str, status: int) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = world.client.post("/v1/token", content=form.encode(), headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_sign_in_as_json_is_a_415(world: World) -> None:
    body = {"grant_type": "password", "username": "a@example.org", "password": PASSWORD}
    problem(world.client.post("/v1/token", json=body), 415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"content_encoding": "gzip"}, "Content-Encoding"),
        ({"content_encoding": ""}, "Content-Encoding"),
        ({"content_type": "application/json; charset=iso-8859-1"}, "charset"),
        ({"content_type": 'application/json; charset="utf-16"'}, "charset"),
        ({"content_type": "application/json; charset="}, "charset"),
    ],
)
def test_a_body_that_would_have_to_be_decoded_first_is_a_415(
    begun: Begun, unchanged: Callable[[], None], headers: dict[str, str], words: str
) -> None:
    answer = send(begun, f"{begun.place}/answers/supervision_weeks", '{"value": 4}', **headers)
    assert words in problem(answer, 415, "unsupported-media-type")["detail"]
    unchanged()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/v1/services?limit=0", "this is less than 1"),
        ("/v1/services?limit=201", "this is more than 200"),
        ("/v1/services?limit=x", "this is not a whole number"),
        (f"/v1/services?limit={'9' * 5000}", "this is not a whole number of a size that is read"),
        ("/v1/assessments?service=x", "this is not an id of the service, which is a UUID"),
        ("{place}/gaps?rung=x", "this is none of 'declared', 'evidenced' or 'verified'"),
        ("{place}/gaps?as_of=x", "a date is written YYYY-MM-DD"),
        ("/v1/rule-sets/wales-perpetrator-services/versions/2018.1/changes", "this parameter is missing"),
        (
            f"/v1/rule-sets/wales-perpetrator-services/versions/2018.1/changes?since={'1' * 101}",
            "this is longer than 100 characters",
        ),
    ],
)
def test_faults_of_parameters_are_said_in_plain_words(begun: Begun, path: str, message: str) -> None:
    refusal = problem(begun.people.provider.get(path.format(place=begun.place)), 422, "invalid")
    assert [fault["message"] for fault in refusal["faults"]] == [message]


def test_utf_8_may_be_named(begun: Begun) -> None:
    named = {"content_type": "application/json; charset=UTF-8", "if_match": '"1"'}
    problem(
        send(begun, f"{begun.place}/answers/supervision_weeks", '{"value": 4}', **named), 412, "precondition-failed"
    )


def test_a_method_that_is_not_there_is_a_405_that_says_which_are(begun: Begun) -> None:
    places = {begun.place: "GET, HEAD", f"{begun.place}/pack": "GET, HEAD, PUT", "/v1/services": "GET, HEAD, POST"}
    for place, allowed in places.items():
        answer = begun.people.provider.send("DELETE", place)
        assert allowed in problem(answer, 405, "method-not-allowed")["hint"]
        assert answer.headers["allow"] == allowed
    assert begun.people.provider.post("/docs", {}).headers["allow"] == "GET, HEAD"
