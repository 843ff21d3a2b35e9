"""Whatever stands in a header or a cursor, it is read or refused: nothing else can come of it."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from app.api.cursors import Cursors
from app.api.etags import read_tags
from app.api.negotiation import JSON, PDF, language, media_type
from app.errors import BadInput, InvalidCursor, NotAcceptable, NotSignedIn
from app.security.jose import KeyRing, Tokens
from app.security.keys import new_key
from tests.api.conftest import Clock

# What a server lets through in a header's value, with the signs that the grammars are made of more often.
HEADERS = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0")) | st.text('cyenGB*/-_;=q01.,"W \\x')
KEY = new_key()
TOKENS = Tokens(
    KeyRing(lambda: (KEY,)),
    issuer="i",
    audience="a",
    lifetime=Clock.now - Clock.now,
)


@given(HEADERS)
def test_a_language_is_always_chosen(header: str) -> None:
    assert language(header) in ("en", "cy")


@given(HEADERS)
def test_a_form_is_chosen_or_refused(header: str) -> None:
    try:
        assert media_type(header, (JSON, PDF)) in (JSON, PDF)
    except NotAcceptable:
        return


@given(HEADERS)
def test_tags_are_read_or_refused(header: str) -> None:
    try:
        tags = read_tags(header)
    except BadInput:
        return
    assert tags.anything or tags.strong or tags.weak


@given(st.text() | st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_a_cursor_that_was_not_given_out_is_refused(cursor: str) -> None:
    try:
        Cursors(b"secret").open(cursor, "services")
    except InvalidCursor:
        return
    raise AssertionError(cursor)


@given(HEADERS | st.lists(st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode())).map(".".join))
def test_a_token_that_was_not_issued_is_refused(token: str) -> None:
    try:
        TOKENS.verify(token, Clock.now)
    except NotSignedIn:
        return
    raise AssertionError(token)
