"""Commissioners with regions and members, the reference data they name, and changes of organisations."""

from app.db.repositories import organisations
from tests.api.conftest import People, World, ok, problem

BOARD = {
    "name": "Example regional board",
    "regions": ["gwent", "north_wales"],
    "members": [
        {"kind": "local_authority", "body": "newport"},
        {"kind": "health_board", "body": "aneurin_bevan"},
        {"kind": "police_force", "body": "gwent"},
        {"kind": "other", "body": "Example Trust"},
    ],
}


def test_a_commissioner_has_regions_and_members_that_can_be_changed(people: People) -> None:
    made = people.administrator.post("/v1/commissioners", BOARD)
    board = ok(made, 201)
    assert {name: board[name] for name in BOARD} == BOARD
    place = made.headers["location"]
    assert ok(people.provider.get(place)) == board
    changed = BOARD | {"regions": ["gwent"], "members": []}
    etag = made.headers["etag"]
    problem(people.administrator.send("PUT", place, changed), 428, "precondition-required")
    problem(people.commissioner.put(place, changed, If_Match=etag), 403, "forbidden")
    after = people.administrator.put(place, changed, If_Match=etag)
    assert ok(after)["regions"] == ["gwent"]
    assert people.administrator.get(place).headers["etag"] == after.headers["etag"] != etag
    problem(people.administrator.put(place, BOARD, If_Match=etag), 412, "precondition-failed")
    assert ok(people.administrator.get(place)) == ok(after)
    taken = people.administrator.put(place, BOARD | {"name": "Example Council"}, If_Match=after.headers["etag"])
    problem(taken, 409, "conflict")


def test_only_regions_and_bodies_that_there_are_can_be_named_and_once(people: People) -> None:
    wrong = {
        "name": "Board",
        "regions": ["gwent", "mercia", "gwent"],
        "members": [
            {"kind": "local_authority", "body": "gwent"},
            {"kind": "other", "body": "A"},
            {"kind": "other", "body": "A"},
        ],
    }
    refusal = problem(people.administrator.post("/v1/commissioners", wrong), 422, "invalid")
    pointers = [fault["pointer"] for fault in refusal["faults"]]
    assert pointers == ["/regions/1", "/regions/2", "/members/0/body", "/members/2"]


def test_providers_and_scrutiny_bodies_are_renamed_and_have_no_regions(people: People) -> None:
    body = ok(people.administrator.post("/v1/scrutiny-bodies", {"name": "Body"}), 201)
    for place in (f"/v1/scrutiny-bodies/{body['id']}", f"/v1/providers/{people.provider.organisation}"):
        assert ok(people.administrator.put(place, {"name": "New name"}))["name"] == "New name"
        refusal = problem(people.administrator.put(place, {"name": "N", "regions": ["gwent"]}), 422, "invalid")
        assert [fault["pointer"] for fault in refusal["faults"]] == ["/regions"]
    problem(people.administrator.put(f"/v1/commissioners/{body['id']}", BOARD, If_Match='"1"'), 404, "not-found")


def test_of_two_changes_at_once_one_is_told(world: World, people: People) -> None:
    with world.system() as tx:
        organisation = organisations.find(tx, organisations.page(tx, "provider", after=None, limit=1).items[0].id)
        assert organisation is not None
        assert not organisations.change(tx, organisation)  # its version is not one above what is there
    assert people.provider.organisation == str(organisation.id)


def test_the_reference_data_is_public_and_says_where_each_fact_is_from(people: People) -> None:
    client = people.provider.client
    counts = {"regions": 6, "local-authorities": 22, "health-boards": 7, "police-forces": 4}
    for name, count in counts.items():
        answer = client.get(f"/v1/{name}")
        assert answer.headers["cache-control"] == "public, no-cache"
        found = ok(answer)
        assert len(found["items"]) == count
        sources = {source["id"] for source in found["sources"]}
        for item in found["items"]:
            assert item["name"]["cy"]
            statements = [item] if "source" in item else [item["region"], item["health_board"], item["police_force"]]
            assert {statement["source"] for statement in statements} <= sources
    assert (
        client.get("/v1/regions", headers={"if-none-match": client.get("/v1/regions").headers["etag"]}).status_code
        == 304
    )
