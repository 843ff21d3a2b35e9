"""Every fixed word of the stewards' commands is there in both languages, with the same places for data."""

import re
from collections.abc import Mapping

import pytest

from app.engine.rules import Source
from app.reports.words import Words
from app.stewardship.rules_in_words import InWords
from app.stewardship.words import CONCERNS, LABELS, SCOPES, SENTENCES, WITHIN

ALL: Mapping[str, Words] = LABELS | SENTENCES | dict(CONCERNS.items()) | dict(SCOPES.items()) | {"within": WITHIN}


@pytest.mark.parametrize("name", ALL)
def test_both_languages_have_the_same_places(name: str) -> None:
    words = ALL[name]
    assert words.en
    assert words.cy
    assert sorted(re.findall(r"\{\w+\}", words.en)) == sorted(re.findall(r"\{\w+\}", words.cy))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"section": "standard 2"}, "A document, standard 2."),
        ({"section": "sections 128 and 130"}, "A document, sections 128 and 130."),
        ({"page": 14, "section": "501.230"}, "A document, page 14, section 501.230."),
    ],
    ids=str,
)
def test_a_place_is_called_a_section_only_where_it_is_a_number(place: Mapping[str, object], said: str) -> None:
    source = Source.model_validate({"document": "A document", **place})
    assert InWords("en").source(source) == said
