"""Every fixed word of the stewards' commands is there in both languages, with the same places for data."""

import re
from collections.abc import Mapping

import pytest

from app.reports.words import Words
from app.stewardship.words import CONCERNS, LABELS, SCOPES, SENTENCES, WITHIN

ALL: Mapping[str, Words] = LABELS | SENTENCES | dict(CONCERNS.items()) | dict(SCOPES.items()) | {"within": WITHIN}


@pytest.mark.parametrize("name", ALL)
def test_both_languages_have_the_same_places(name: str) -> None:
    words = ALL[name]
    assert words.en
    assert words.cy
    assert sorted(re.findall(r"\{\w+\}", words.en)) == sorted(re.findall(r"\{\w+\}", words.cy))
