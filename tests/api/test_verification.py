"""Verification is open to anybody: what cannot be looked at is refused, in words for people and for programs."""

from dataclasses import replace
from typing import Any

from fastapi.testclient import TestClient

from app.db.session import Database
from app.main import Service
from tests.api.conftest import problem

PDF = "application/pdf"


def test_a_file_that_cannot_be_read_is_refused(client: TestClient) -> None:
    place = "/v1/verification"
    problem(client.post(place, content=b"x", headers={"content-type": "text/plain"}), 415, "unsupported-media-type")
    problem(client.post(place), 415, "unsupported-media-type")
    problem(client.post(place, content=b"", headers={"content-type": "application/pdf"}), 400, "bad-input")
    problem(client.post(place, files={"other": ("a.pdf", b"x")}), 400, "bad-input")
    problem(client.post(place, files=[("file", ("a", b"x")), ("file", ("b", b"y"))]), 400, "bad-input")
    broken = {"content-type": "multipart/form-data; boundary=x"}
    problem(client.post(place, content=b"--y", headers=broken), 400, "bad-input")
    for parameter in ("charset=undefined", "charset=idna"):
        odd = {"content-type": f"multipart/form-data; boundary=x; {parameter}"}
        form = b'--x\r\nContent-Disposition: form-data; name="%b"; filename="a"\r\n\r\na\r\n--x--\r\n' % (b"n" * 70)
        problem(client.post(place, content=form, headers=odd), 400, "bad-input")
    large = b"x" * (4 * 1024 * 1024 + 1)
    problem(client.post(place, content=large, headers={"content-type": "application/pdf"}), 413, "too-large")


def test_a_person_whose_file_cannot_be_read_gets_a_page_that_says_so(client: TestClient) -> None:
    large = b"x" * (4 * 1024 * 1024 + 1)
    asked: list[tuple[int, str, dict[str, Any], str]] = [
        (400, "POST", {"files": {"file": ("a.pdf", b"")}}, "Nid oes ffeil yn y cais y gellir ei darllen."),
        (400, "POST", {"files": [("file", ("a", b"x")), ("file", ("b", b"y"))]}, "Nid oes ffeil yn y cais"),
        (413, "POST", {"files": {"file": ("a.pdf", large)}}, "Mae&#39;r ffeil yn fwy na&#39;r 4194304 beit"),
        (415, "POST", {"data": {"file": "a.pdf"}}, "ar ffurf nad yw&#39;n cael ei darllen yma"),
        (422, "GET", {"params": {"sha256": "abc"}}, "Mae gwallau ym mharamedrau&#39;r cais."),
    ]
    for status, method, sent, welsh in asked:
        told = client.request(method, "/v1/verification", headers={"accept": "application/json"}, **sent)
        for language in ("en", "cy"):
            browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": language}
            page = client.request(method, "/v1/verification", headers=browser, **sent)
            assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
            assert page.headers["content-language"] == language
            assert "form-action 'self'" in page.headers["content-security-policy"]
            assert 'enctype="multipart/form-data"' in page.text, "what was refused can be sent again"
            said = problem(told, status, told.json()["type"].rpartition(":")[2])["detail"]
            said = said.replace("The body is larger", "The file is larger")
            assert (welsh if language == "cy" else said.replace("'", "&#39;")) in page.text
    malformed = client.get("/v1/verification", headers=browser | {"if-none-match": "no tag"})
    assert (malformed.status_code, "ffeil yn y cais" in malformed.text) == (400, False), "no file was sent"
    unannounced = client.post("/v1/verification", content=iter([large]), headers=browser | {"content-type": PDF})
    assert (unannounced.status_code, "Mae&#39;r ffeil yn fwy" in unannounced.text) == (413, True)


def test_looking_is_throttled(client: TestClient) -> None:
    answers = [client.get("/v1/determinations/nothing/verification") for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    page = client.get("/v1/verification?number=x&lang=cy", headers={"accept": "text/html"})
    assert (page.status_code, "Felly nid edrychwyd ar ddim" in page.text) == (429, True), "a person reads no JSON"
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in (answers[-1], page))


def test_a_person_gets_a_page_too_while_the_service_cannot_look(client: TestClient, app: Service) -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    app.state.running = replace(app.state.running, database=nowhere)
    page = client.get("/v1/verification?number=x&lang=cy", headers={"accept": "text/html"})
    nowhere.close()
    assert (page.status_code, "Ni all y gwasanaeth wneud hyn" in page.text) == (503, True)
    assert page.headers["retry-after"]
