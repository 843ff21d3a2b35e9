"""Forms and languages that a caller asks for."""

import pytest

from app.api.negotiation import JSON, PDF, TEXT, language, media_type
from app.errors import NotAcceptable

OFFERED = (JSON, PDF, TEXT)


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/pdf", PDF),
        ("application/*", JSON),
        ("text/*", TEXT),
        ("application/pdf;q=0.5, text/plain", TEXT),
        ("application/pdf, application/json;q=0.9", PDF),
        ("text/html, */*;q=0.1", JSON),
        ("application/json;q=0, */*", PDF),
    ],
)
def test_the_form_liked_best_is_given(header: str | None, form: str) -> None:
    assert media_type(header, OFFERED) == form


@pytest.mark.parametrize("header", ["text/html", "image/*", "application/json;q=0", "*/*;q=0", "garbage"])
def test_a_form_that_is_not_to_be_had_is_refused_with_those_that_are(header: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        media_type(header, (JSON,))
    assert JSON in caught.value.hint


@pytest.mark.parametrize(
    ("header", "given"),
    [
        (None, "en"),
        ("", "en"),
        ("cy", "cy"),
        ("CY-gb", "cy"),
        ("cy-GB, en;q=0.5", "cy"),
        ("en-GB;q=0.5,cy;q=0.4", "en"),
        ("en;q=0.1, cy-GB", "cy"),
        ("cy;q=0", "en"),
        ("fr, de", "en"),
        ("*", "en"),
        (";;;,,,", "en"),
    ],
)
def test_welsh_is_given_where_it_is_liked_better(header: str | None, given: str) -> None:
    assert language(header) == given
