import pytest

from app.files.people import MOST_FINDINGS, Passage, findings, masked


def kinds(text: str) -> list[str]:
    return [finding.kind for finding in findings([Passage("line 1", text)])]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("943 476 5919", "nhs_number"),
        ("NHS:9434765919.", "nhs_number"),
        ("943-476-5919", "nhs_number"),
        ("QQ123456C", None),
        ("AB 12 34 56 C", "national_insurance_number"),
        ("ab123456c", "national_insurance_number"),
        ("GB123456C", None),
        ("AB123456E", None),
        ("mair@example.org.", "email_address"),
        ("first.last+x@a-b.co.uk", "email_address"),
        ("@home, 5@", None),
        ("029 2034 5678", "telephone_number"),
        ("+44 (0)29 2034 5678", "telephone_number"),
        ("07700900123", "telephone_number"),
        ("(01632) 960 123", "telephone_number"),
        ("2026-04-01 to 2027-03-31", None),
        ("943 476 5918", None),
        ("5555555555", None),
        ("19434765919", None),
        ("1234 clients of 56789", None),
    ],
)
def test_what_looks_like_somebody(text: str, kind: str | None) -> None:
    assert kinds(text) == ([kind] if kind else [])


def test_a_finding_tells_where_and_not_what() -> None:
    found = findings([Passage("page 3", "mair@example.org, mair@example.org"), Passage("page 4", "AB123456C")])
    assert [(each.place, each.excerpt) for each in found] == [("page 3", "m***@*******.**g"), ("page 4", "A*******C")]
    assert (masked("a"), masked("- -"), masked("ab")) == ("a", "- -", "ab")


def test_at_most_so_many_are_listed_and_long_lines_take_no_time() -> None:
    lines = [Passage(f"line {number}", "mair@example.org") for number in range(MOST_FINDINGS + 9)]
    assert len(findings(lines)) == MOST_FINDINGS
    assert kinds("1 " * 5_000 + "a" * 5_000 + "." * 5_000 + "1" * 5_000) == []
