"""What a reader, a reading program and an archive find in the PDF."""

import hashlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any

import pdfplumber
import pytest
from PIL import Image
from pypdf import PdfReader
from reportlab.lib.colors import Color

from app.engine.rules import RuleSet
from app.reports import pdf_style as style
from app.reports.content import GapReport
from app.reports.gap_report import gap_report
from app.reports.pdf import gap_report_pdf
from app.reports.words import Language
from tests.reports.example import Json, complete, demonstration, evaluated, nothing_applies, untouched, wales
from tests.reports.picture import PICTURE, WORDS, words_of
from tests.reports.picture import report as pictured


@cache
def report(language: Language = "en") -> GapReport:
    return gap_report(evaluated(demonstration()), wales(), language=language)


@cache
def untouched_report(language: Language) -> GapReport:
    return gap_report(evaluated(untouched()), wales(), language=language)


@cache
def rendered(language: Language = "en") -> bytes:
    return gap_report_pdf(report(language))


def text_of(data: bytes, pages: slice = slice(None)) -> str:
    """The text as one line, without headers and footers, so that where lines and pages are broken does not matter."""
    found = [page.extract_text() for page in PdfReader(BytesIO(data)).pages]
    furniture = re.compile(rf"\A.*?\n(Page \d+ of|Tudalen \d+ o)\n{len(found)}\n", re.DOTALL)
    return " ".join(" ".join(furniture.sub("", text) for text in found[pages]).split())


def without_spaces(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", ["en", "cy"])
def test_page_one_has_what_a_commissioner_must_see(language: Language) -> None:
    said, page = report(language), text_of(rendered(language), slice(1))
    assert said.critical is not None
    wanted = [
        said.service,
        said.provider,
        said.as_of,
        said.critical.title,
        *(line.value for line in said.critical.lines),
        *(verdict.words for verdict in said.verdicts),
        *(score.text for score in said.scores),
        *(score.status.words for score in said.scores if score.status),
        *(fact.value for fact in (*said.glance, *said.terms)),
        *said.rests_on.rows[0],
        said.headings.standards,
    ]
    assert [text for text in wanted if without_spaces(text) not in without_spaces(page)] == []


@pytest.mark.parametrize("language", ["en", "cy"])
def test_every_gap_with_its_reasons_and_asks_can_be_read(language: Language) -> None:
    said = untouched_report(language)
    found = without_spaces(text_of(gap_report_pdf(said)))
    for gap in said.gaps:
        wanted = [gap.id, gap.statement, gap.place, *gap.reasons, *(item.text for item in gap.hand_in), gap.basis]
        assert [text for text in wanted if without_spaces(text) not in found] == []


def test_welsh_letters_are_intact() -> None:
    found = text_of(rendered("cy"))
    assert "Cŵyn a Gŵyl" in found
    assert "Darparwr Enghreifftiol Tŷ Glas" in found
    assert "1 Ebrill 2026" in found
    assert "\ufffd" not in found


def test_each_page_says_the_service_the_date_and_which_page_it_is() -> None:
    pages = PdfReader(BytesIO(rendered())).pages
    for number, page in enumerate(pages, start=1):
        found = " ".join(page.extract_text().split())
        assert f"Page {number} of {len(pages)}" in found
        assert f"Gap report · {report().service}" in found
        assert "1 April 2026" in found


def test_the_same_report_gives_the_same_bytes_in_another_process_too() -> None:
    again = (
        "import hashlib, sys; from tests.reports.test_pdf import rendered;"
        "sys.stdout.write(hashlib.sha256(rendered()).hexdigest() + hashlib.sha256(rendered('cy')).hexdigest())"
    )
    # Rendered in the other order here, so that nothing left over from one report may show in the next.
    welsh, english = gap_report_pdf(report("cy")), gap_report_pdf(report())
    assert (english, welsh) == (rendered(), rendered("cy"))
    other = subprocess.run(
        [sys.executable, "-c", again], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert other.stdout == sha256(english) + sha256(welsh)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_reports_made_at_the_same_time_do_not_disturb_each_other() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(gap_report_pdf, [report(), report("cy")] * 2))
    assert made == [rendered(), rendered("cy")] * 2


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours as the Web Content Accessibility Guidelines reckon it, from 1 to 21."""

    def light(colour: Color) -> float:
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.rgb()]
        return float(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_every_text_stands_out_from_its_ground() -> None:
    tones = style.TONES.values()
    pairs = [(text, ground) for text in (style.INK, style.MUTED, style.ACCENT) for ground in (style.WHITE, style.PANEL)]
    pairs += [(tone.dark, ground) for tone in tones for ground in (tone.light, style.WHITE, style.PANEL)]
    pairs += [(style.INK, style.TONES["critical_gaps"].light), (style.WHITE, style.TONES["critical_gaps"].dark)]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def test_official_text_is_printed_beside_our_wording() -> None:
    form = wales().model_dump(mode="json")
    form["standards"][0]["requirements"][0]["official_text"] = {"en": "As it was published.", "cy": None}
    rule_set = RuleSet.model_validate(form)
    found = text_of(gap_report_pdf(gap_report(evaluated(untouched(), rule_set=rule_set), rule_set)))
    assert "Official text: As it was published." in found


@pytest.mark.parametrize(("language", "code"), [("en", "en-GB"), ("cy", "cy-GB")])
def test_language_and_title_are_set_and_shown(language: Language, code: str) -> None:
    reader = PdfReader(BytesIO(rendered(language)))
    catalogue: Any = reader.trailer["/Root"]
    assert catalogue["/Lang"] == code
    assert reader.pdf_header == "%PDF-1.7"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata is not None
    assert reader.metadata.title == f"{report(language).title}: {report().service}, {report(language).as_of}"


def elements(node: Json) -> Iterator[Json]:
    yield node
    for child in node.get("children", []):
        yield from elements(child)


def test_the_tags_give_headings_tables_and_figures_with_their_words() -> None:
    with pdfplumber.open(BytesIO(rendered())) as pdf:
        (document,) = pdf.structure_tree
    found = list(elements(document))
    roles = Counter(node["type"] for node in found)
    assert document["type"] == "Document"
    assert roles["H1"] == 1
    assert roles["H3"] == len(report().gaps)
    assert roles["H2"] == 7
    assert roles["TH"] >= 6
    figures = [node for node in found if node["type"] == "Figure"]
    assert len(figures) == 3 + len(report().standards)
    assert figures[0]["alt_text"] == f"Declared: {report().scores[0].text}"
    rows = [node for node in found if node["type"] == "TR"]
    assert {child["type"] for row in rows for child in row["children"]} == {"TH", "TD"}


def test_every_word_is_tagged_or_an_artifact() -> None:
    with pdfplumber.open(BytesIO(rendered())) as pdf:
        owners = {(char["tag"], char["mcid"] is None) for page in pdf.pages for char in page.chars}
    tags = {tag for tag, _ in owners}
    assert tags <= {"H1", "H2", "H3", "P", "Artifact"}
    assert {tag for tag, unmarked in owners if unmarked} == {"Artifact"}


def test_a_paragraph_over_two_pages_is_one_element() -> None:
    pack = demonstration()
    for item in pack["reviews"]:
        if item["requirement"] == "21.1":
            item["reason"] = "A long story. " * 1400
    said = gap_report(evaluated(pack), wales())
    with pdfplumber.open(BytesIO(gap_report_pdf(said))) as pdf:
        (document,) = pdf.structure_tree
        marked = Counter(
            (page.page_number, char["mcid"]) for page in pdf.pages for char in page.chars if char["tag"] == "P"
        )
    longest = max(marked, key=lambda mark: marked[mark])
    assert longest[0] > 1
    assert len([node for node in elements(document) if node["type"] == "H3"]) == len(said.gaps)


def test_bookmarks_lead_to_the_parts_and_the_gaps() -> None:
    reader = PdfReader(BytesIO(rendered()))
    flat = [item for entry in reader.outline for item in (entry if isinstance(entry, list) else [entry])]
    titles = [str(item.title) for item in flat if not isinstance(item, list)]
    assert report().headings.gaps in titles
    assert len([title for title in titles if re.match(r"\d+\.\d+", title)]) == len(report().gaps)


def test_what_people_typed_is_shown_and_not_obeyed() -> None:
    pack = demonstration()
    pack["service"]["name"] = "<b>&amp; </para> 😀 {x} %s"
    found = text_of(gap_report_pdf(gap_report(evaluated(pack), wales())))
    assert "<b>&amp; </para>" in found
    assert "{x} %s" in found


def test_long_names_ids_and_stories_do_not_break_the_layout() -> None:
    pack = demonstration()
    pack["service"] |= {"name": "W" * 200, "provider": "Ŵ" * 200}
    pack["service"]["programmes"] = [{"id": f"{number}{'x' * 190}"} for number in range(8)]
    pack["accreditations"][0]["id"] = "a" * 200
    for item in pack["reviews"]:
        item["reason"] = "x" * 20_000 if item["requirement"] == "19.3" else item.get("reason")
    with pdfplumber.open(BytesIO(gap_report_pdf(gap_report(evaluated(pack), wales())))) as pdf:
        for page in pdf.pages:
            assert all(char["x0"] > 40 and char["x1"] < page.width - 40 for char in page.chars)
            assert all(char["top"] > 20 and char["bottom"] < page.height - 10 for char in page.chars)


def test_an_id_is_broken_where_it_has_a_joint_and_nowhere_else_if_that_can_be() -> None:
    pack = demonstration()
    for name, pieces in (
        ("demonstration-respect-certificate-2025", ["demonstration-", "respect-", "certificate-2025"]),
        ("respect-2025-09", ["respect-2025-09"]),
    ):
        pack["accreditations"][0]["id"] = name
        made = gap_report_pdf(gap_report(evaluated(pack), wales()))
        with pdfplumber.open(BytesIO(made)) as pdf:
            words = [word["text"] for page in pdf.pages[:2] for word in page.extract_words()]
        assert [word for word in words if word in pieces] == pieces


def test_the_picture_in_the_readme_is_of_the_report_as_it_reads_now() -> None:
    with Image.open(PICTURE) as picture:
        assert picture.info[WORDS] == words_of(pictured()), "write it anew: python -m tests.reports.picture"


def test_a_report_of_125_requirements_with_over_100_gaps_is_made_in_reasonable_time() -> None:
    assert len(untouched_report("en").gaps) > 100
    start = process_time()
    gap_report_pdf(untouched_report("en"))
    assert process_time() - start < 10


def test_reports_without_gaps_and_without_requirements_read_well() -> None:
    clean = gap_report(evaluated(complete(wales(), {})), wales())
    assert "There are no gaps: every applicable requirement is satisfied" in text_of(gap_report_pdf(clean))
    rule_set, pack = nothing_applies()
    empty = text_of(gap_report_pdf(gap_report(evaluated(pack, rule_set=rule_set), rule_set)))
    assert "That is not a pass: nothing was assessed." in empty
    assert "○ Not assessed" in empty
