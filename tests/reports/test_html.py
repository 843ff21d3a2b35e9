"""The workings of the public pages; what they show of the standards is in tests/api/test_standards_pages.py."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from app.reports.html import Branch, PageWords, content_policy, nested, web_address
from app.reports.html_words import PAGE_WORDS
from app.reports.words import ENTRY_BASES, Words

TEMPLATES = Path("app/reports/templates")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
EVERY_WORD = {**PAGE_WORDS, **{f"entry basis {name}": words for name, words in ENTRY_BASES.items()}}


class Line(NamedTuple):
    text: str
    depth: int


def test_lines_stand_under_the_last_one_that_is_less_deep() -> None:
    lines = [Line("a", 0), Line("b", 1), Line("c", 2), Line("d", 1), Line("e", 0)]
    assert nested(lines) == (Branch("a", (Branch("b", (Branch("c", ()),)), Branch("d", ()))), Branch("e", ()))
    assert nested([]) == ()


@pytest.mark.parametrize("url", ["https://example.org/a", "http://example.org"])
def test_links_lead_to_web_addresses(url: str) -> None:
    assert web_address(url) == url


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "data:text/html,x", " https://example.org", "//x"])
def test_links_lead_nowhere_else(url: str | None) -> None:
    assert web_address(url) is None


def test_the_policy_allows_the_one_style_and_nothing_else() -> None:
    policy = dict(part.strip().split(" ", 1) for part in content_policy().split(";"))
    assert policy.pop("style-src").startswith("'sha256-")
    assert policy.keys() == {"default-src", "base-uri", "form-action", "frame-ancestors"}
    assert set(policy.values()) == {"'none'"}


@pytest.mark.parametrize("words", EVERY_WORD.values(), ids=EVERY_WORD.keys())
def test_both_languages_are_there_and_take_the_same_data(words: Words) -> None:
    assert words.en
    assert words.cy
    assert sorted(PLACEHOLDER.findall(words.en)) == sorted(PLACEHOLDER.findall(words.cy))


def test_every_fixed_word_is_used_and_words_that_are_not_there_are_refused() -> None:
    used = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    by_status = {"draft", "draft_note", "withdrawn", "withdrawn_note"}
    assert [name for name in PAGE_WORDS if f'"{name}"' not in used and name not in by_status] == []
    with pytest.raises(KeyError):
        PageWords("en")("nothing of the kind")


def test_templates_switch_escaping_off_for_the_style_only() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    assert re.findall(r"(\w+)\s*\|\s*safe", text) == ["style"]
    assert "autoescape" not in text
    assert " style=" not in text


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear: Callable[[float], float] = lambda part: part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: E731 - a formula of WCAG 2.2 as it stands there
    red, green, blue = map(linear, parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "pair",
    [
        *(f"{name} white" for name in ("ink", "muted", "accent", "red", "amber", "green")),
        *(f"{name} panel" for name in ("ink", "muted", "accent")),
        "white red",
        "ink red-ground",
        "ink amber-ground",
        "amber amber-ground",
    ],
)
def test_text_stands_out_from_its_ground(pair: str) -> None:
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    colours = {"white": "#ffffff", **dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", style))}
    dark, light = sorted(luminance(colours[name]) for name in pair.split())
    assert (light + 0.05) / (dark + 0.05) >= 4.5
