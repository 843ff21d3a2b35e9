"""Canonical bytes against an independent implementation of RFC 8785."""

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.canonical import canonical_bytes
from app.engine.values import LARGEST_INTEGER
from tests.properties.strategies import worlds
from tests.properties.world import World

KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.text('\x00\x1f\x7f"\\/\b\n\u2028\uffff\U0001f3f4'),
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
    assert canonical_bytes(world.read().normal_form) == rfc8785.dumps(world.read().normal_form)
