"""Calendar feeds: read by whoever holds the address, by nobody else, and no longer than its user wants."""

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.api.conftest import Begun, Somebody, ok, problem
from tests.api.test_story import fill

PLACE = "/v1/me/calendar-feed"


def made(by: Somebody) -> str:
    """The path and query of a fresh feed."""
    found: str = ok(by.post(PLACE, None))["address"]
    assert found.startswith("http://127.0.0.1:8000/v1/calendar-feed?key=")
    return found.removeprefix("http://127.0.0.1:8000")


@pytest.fixture
def shared(begun: Begun) -> Begun:
    fill(begun)
    begun.submit(begun.people.commissioner)
    return begun


def test_a_calendar_program_reads_the_forecast_by_its_address_until_it_is_revoked(
    shared: Begun, client: TestClient
) -> None:
    people, by = shared.people, shared.people.commissioner

    def read(address: str, **headers: str) -> Response:
        return client.get(address, headers=headers)

    assert ok(by.get(PLACE)) == {"made_at": None}
    problem(by.post(f"{PLACE}/revocation", None), 404, "not-found")
    first = made(by)
    feed = read(first)
    assert (feed.status_code, feed.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert feed.content == by.get("/v1/commissioning/forecast", accept="text/calendar").content
    assert b"BEGIN:VEVENT" in feed.content
    assert read(first, **{"if-none-match": feed.headers["etag"]}).status_code == 304
    welsh = read(f"{first}&lang=cy")
    assert welsh.headers["content-language"] == "cy"
    assert welsh.content == by.get("/v1/commissioning/forecast", accept="text/calendar", accept_language="cy").content
    another = made(people.other_commissioner)
    assert b"VEVENT" not in read(another).content, "nothing is shared with them"

    second = made(by)
    assert ok(by.get(PLACE))["made_at"] is not None
    gone = [read(first), read("/v1/calendar-feed?key=guessed"), read("/v1/calendar-feed?key=%00")]
    assert read(second).status_code == 200
    assert ok(by.post(f"{PLACE}/revocation", None)) == {"made_at": None}
    gone.append(read(second))
    users = people.administrator
    place = f"/v1/users/{people.other_commissioner.user}"
    ok(users.post(f"{place}/deactivation", {}, If_Match=users.get(place).headers["etag"]))
    gone.append(read(another))
    assert [answer.status_code for answer in gone] == [404] * 5
    assert len({answer.json()["detail"] for answer in gone}) == 1
    for refused in (people.provider, people.scrutiny, people.administrator):
        problem(refused.post(PLACE, None), 403, "forbidden")
    events = [item["action"] for item in ok(users.get("/v1/audit-events?limit=200"))["items"]]
    assert [name for name in events if name.startswith("calendar")] == ["calendar_feed.made"] * 3 + [
        "calendar_feed.revoked"
    ]
    assert first.partition("=")[2] not in users.get("/v1/audit-events?limit=200").text


def test_whoever_asks_too_often_has_to_wait_and_an_erasure_ends_a_feed(shared: Begun, client: TestClient) -> None:
    people = shared.people
    address = made(people.commissioner)
    assert client.get(address).status_code == 200
    place = f"/v1/users/{people.commissioner.user}"
    etag = people.administrator.get(place).headers["etag"]
    ok(people.administrator.post(f"{place}/erasure", None, If_Match=etag))
    answers = [client.get(address) for _ in range(30)]
    assert {answer.status_code for answer in answers[:-1]} == {404}
    problem(answers[-1], 429, "too-many-attempts")
