"""Canonical bytes against an independent implementation of RFC 8785."""

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.canonical import canonical_bytes
from app.engine.values import LARGEST_INTEGER
from tests.engine import small
from tests.properties.strategies import worlds
from tests.properties.world import World

KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126))
ODD = '\x00\x1f\x7f"\\/\b\n\u2028\uffff\U0001f3f4'
TEXTS = st.text(ODD.removeprefix("\x00"), min_size=1) | st.text(
    st.characters(exclude_categories=["Cs"], min_codepoint=1), min_size=1
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.text(ODD),
    lambda child: st.lists(child, max_size=4) | st.dictionaries(KEYS, child, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_bytes_of_values(value: object) -> None:
    """Strings, integers up to 2^53-1, true, false and null under ASCII keys: all that our documents hold."""
    assert canonical_bytes(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # drawn to be JSON


@given(worlds())
@settings(max_examples=30)
def test_bytes_of_documents(world: World) -> None:
    found = world.determine()
    assert found.canonical == rfc8785.dumps(found.json_form)
    pack = world.read()
    assert pack.canonical == rfc8785.dumps(pack.normal_form)


@given(TEXTS)
def test_bytes_of_packs(text: str) -> None:
    """Every text that a pack can hold, in the values that are written as they are kept."""
    one = small.pack(
        profile={"text": text},
        answers=[small.answer("text", text)],
        documents=[small.document(title=text)],
        responses=[small.response(narrative=text, exclusion_reason=text)],
        reviews=[small.review(reason=text)],
    )
    assert one.canonical == rfc8785.dumps(one.normal_form)
    assert one.normal_form["reviews"][0]["reason"] == text
