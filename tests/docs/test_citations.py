"""Whoever cites a page by section finds the section: in code, tests, scripts, standards and the pages themselves."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A citation may be broken over two lines of a docstring or comment.
GAP = r"[\s#]+"
NUMBER = r"\d+(?:\.\d+)?"
CITATION = re.compile(
    rf"(?P<page>[A-Za-z0-9_-]+\.md)\]?(?:\([^)]*\))?"
    rf"(?:{GAP}(?:section{GAP})?(?P<sections>{NUMBER}(?:(?:,|{GAP}and|{GAP}to){GAP}{NUMBER})*)(?![\w-])"
    rf'|,{GAP}decision{GAP}(?P<decision>\d+)|,{GAP}"(?P<title>[^"\n]+)")?'
)


def cited(text: str) -> Iterator[tuple[int, str, list[str], str | None, str | None]]:
    """Every citation as line, page, numbers of sections, title of a section, and number of a decision."""
    for match in CITATION.finditer(text):
        numbers = re.findall(NUMBER, match["sections"] or "")
        yield text.count("\n", 0, match.start()) + 1, match["page"].lower(), numbers, match["title"], match["decision"]


@cache
def pages() -> dict[str, str]:
    """The pages that can be cited, by file name in small letters."""
    places = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("standards/**/*.md")]
    return {path.name.lower(): path.read_text(encoding="utf-8") for path in places}


def sections(page: str) -> set[str]:
    """Numbers and names of the headings of a page, and the words that it prints in bold."""
    headings = re.findall(r"^#+ (?:(\d+(?:\.\d+)?)\.? )?(.+)$", page, re.MULTILINE)
    bold = re.findall(r"\*\*([^*]+?)\.?\*\*", page)
    return {part for heading in headings for part in heading if part} | set(bold)


def dangling(text: str, known: dict[str, str]) -> Iterator[str]:
    """What is wrong with the citations in ``text``."""
    for line, page, numbers, title, decision in cited(text):
        if page not in known:
            yield f"{line}: there is no page {page}"
            continue
        missing = [name for name in (*numbers, *filter(None, [title])) if name not in sections(known[page])]
        yield from (f"{line}: {page} has no section {name}" for name in missing)
        if decision and not any(name.startswith(f"{int(decision):04}-") for name in known):
            yield f"{line}: there is no decision {decision}"


def _files() -> list[Path]:
    found = [*ROOT.glob("*.md"), *(path for path in ROOT.glob("scripts/*") if path.is_file())]
    for folder in ("app", "tests", "alembic", "docs", "standards"):
        found += [path for kind in ("py", "md", "yaml") for path in ROOT.glob(f"{folder}/**/*.{kind}")]
    return sorted(path for path in found if path.parent != Path(__file__).resolve().parent)


def test_every_citation_leads_somewhere() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{wrong}"
        for path in _files()
        for wrong in dangling(path.read_text(encoding="utf-8"), pages())
    ]
    assert not found, "\n".join(found)


def test_the_contract_has_all_its_sections() -> None:
    semantics = sections(pages()["semantics.md"])
    assert {str(number) for number in range(1, 12)} <= semantics
    assert {f"5.{number}" for number in range(1, 8)} <= semantics


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("as semantics.md 5.9 has it", "1: semantics.md has no section 5.9"),
        ("(semantics.md 5.7, 99)", "1: semantics.md has no section 99"),
        ("semantics.md\n    # 12 to 14", "1: semantics.md has no section 12"),
        ("\nsee elsewhere.md", "2: there is no page elsewhere.md"),
        ('(formats.md, "No such words")', "1: formats.md has no section No such words"),
        ("(architecture.md, decision 99)", "1: there is no decision 99"),
        ("[semantics.md](semantics.md) section 77", "1: semantics.md has no section 77"),
    ],
)
def test_a_dangling_citation_is_found(text: str, wrong: str) -> None:
    assert wrong in list(dangling(text, pages()))


def test_citations_as_people_write_them_are_understood() -> None:
    good = """semantics.md 2 and 4; formats.md, "Files of the standards tree". (semantics.md 5.7, 7) semantics.md
    # 3 says so. semantics.md 2 to 4, and architecture.md, decision 5. See semantics.md."""
    assert not list(dangling(good, pages()))
    assert sum(len(numbers) for _, _, numbers, _, _ in cited(good)) == 7
