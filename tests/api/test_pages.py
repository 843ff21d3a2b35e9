"""Lists in pages, and cursors that are good for nothing else."""

from tests.api.conftest import SERVICE, Begun, People, Somebody, ok, problem


def walk(somebody: Somebody, path: str) -> list[list[str]]:
    """The ids on each page, following the links."""
    pages = []
    following: str | None = path
    while following:
        answer = somebody.get(following)
        document = ok(answer)
        pages.append([item.get("id") or item["key"] for item in document["items"]])
        following = document["next"]
        assert ("link" in answer.headers) == (following is not None)
        if following:
            assert answer.headers["link"] == f'<{following}>; rel="next"'
    return pages


def test_pages_hold_everything_once_in_the_order_of_making(people: People) -> None:
    made = [ok(people.provider.post("/v1/services", {**SERVICE, "name": f"S{n}"}), 201)["id"] for n in range(5)]
    assert walk(people.provider, "/v1/services?limit=2") == [made[:2], made[2:4], made[4:]]
    assert walk(people.provider, "/v1/services") == [made]
    assert walk(people.provider, "/v1/services?limit=5") == [made]


def test_a_page_is_not_sent_again_until_something_on_it_changes(people: People) -> None:
    place = "/v1/services?limit=2"
    for name in ("S1", "S2"):
        ok(people.provider.post("/v1/services", {**SERVICE, "name": name}), 201)
    tag = people.provider.get(place).headers["etag"]
    again = people.provider.get(place, If_None_Match=tag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    ok(people.provider.post("/v1/services", {**SERVICE, "name": "S3"}), 201)
    after = people.provider.get(place, If_None_Match=tag)
    assert ok(after)["next"], "nothing else on the page is new, but there is another page now"
    assert people.provider.get(place, If_None_Match=after.headers["etag"]).status_code == 304


def test_lists_of_facts_come_in_pages_too(begun: Begun) -> None:
    for requirement in ("14.1", "14.2", "4.1"):
        ok(begun.people.provider.put(f"{begun.place}/responses/{requirement}", {"self_rating": "met"}), 201)
    pages = walk(begun.people.provider, f"{begun.place}/responses?limit=1")
    assert [len(page) for page in pages] == [1, 1, 1]
    assert sorted(key for page in pages for key in page) == ["14.1", "14.2", "4.1"]


def test_a_cursor_is_good_only_for_its_list_filters_and_caller(begun: Begun) -> None:
    people = begun.people
    for n in range(3):
        ok(people.provider.post("/v1/services", {**SERVICE, "name": f"S{n}"}), 201)
    following = ok(people.provider.get("/v1/services?limit=1"))["next"]
    cursor = following.partition("cursor=")[2]
    assert ok(people.provider.get(f"/v1/services?limit=2&cursor={cursor}"))["items"], "another size is fine"

    for somebody, path in (
        (people.provider, f"/v1/assessments?cursor={cursor}"),
        (people.provider, f"/v1/providers?cursor={cursor}"),
        (people.stranger, f"/v1/services?cursor={cursor}"),
        (people.provider, f"/v1/services?cursor={cursor[:-4]}AAAA"),
        (people.provider, f"/v1/assessments?service={begun.service}&cursor={cursor}"),
        (people.provider, f"{begun.place}/responses?cursor={cursor}"),
    ):
        problem(somebody.get(path), 400, "invalid-cursor")
