"""A check as plain text: everything that a decision rests on is on the page."""

from datetime import date
from html import unescape
from io import BytesIO
from typing import get_args

from pypdf import PdfReader

from app.engine.determination import Determination
from app.engine.policy import Circumstances, Lenient, Policy, judge
from app.engine.policy_check import Check, PolicyUsed, Repeated
from app.engine.policy_words import reason_in_words
from app.reports.check_content import SAID, check_page
from app.reports.check_text import check_text
from app.reports.html import page as render
from app.reports.pdf_check import check_pdf
from app.reports.policy_content import policy_facts
from app.reports.speech import Speech
from app.reports.words import LANGUAGES
from tests.engine import small

AT = Circumstances(small.DAY, date(2027, 3, 31), small.DAY, withdrawn=False, not_in_force=None)
POLICY = Policy(
    name="Grants\u202e from April",
    rule_set="small",
    minimum_compliance="80",
    required_requirements=("1.1", "1.2"),
    accreditation_accepted=False,
    holds_to_contract_end=True,
    conditions=("compliance_below",),
)
INSTANT = "2026-04-01T09:30:00Z"


def checked(**parts: list[small.Json]) -> tuple[Check, Determination]:
    """A check that repeats another one, and the determination that it used."""
    rules = small.rule_set(small.requirement("1.1"), small.requirement("1.2"))
    pack = small.pack(**small.ACCEPTED | parts, accreditations=[small.certificate()])
    found = judge(POLICY, rules, [], pack, AT)
    reasons = found.finding.reasons
    first = Repeated(
        check="check-1",
        sha256="1" * 64,
        as_of=date(2026, 3, 1),
        known_at=INSTANT,
        outcome="fail",
        reasons=reasons,
        gone=reasons[:1],
        new=(),
        difference=None,
    )
    check = Check(
        id="check-2",
        commissioner="org-1",
        policy=PolicyUsed(id="policy-1", version=3, sha256=POLICY.sha256, content=POLICY),
        assessment="assessment-1",
        service="svc-1",
        checked_at=INSTANT,
        checked_by="usr-1",
        known_at=INSTANT,
        submitted_at=INSTANT,
        as_of=small.DAY,
        contract_end=date(2027, 3, 31),
        outcome=found.finding.outcome,
        words=found.finding.words,
        reasons=reasons,
        pack_sha256=pack.sha256,
        without_accreditations=found.without_accreditations,
        determination_sha256=found.determination.sha256,
        repeats=first,
    )
    return check, found.determination


def test_the_page_says_all_of_it_in_both_languages() -> None:
    check, used = checked()
    page = check_text(check_page(check, used, "2" * 64, "en"))
    for said in (
        "Fail: it misses what the policy insists on",
        "Grants from April, version 3",
        "Contract ends             31 March 2027",
        "Without accreditations    acc-1",
        "Compliance                50.0%",
        "Compliance                at least 80%",
        "Requirements              these satisfied: 1.1, 1.2",
        "Safety-critical gaps      none",
        "Accreditation             does not count",
        "Through the contract      all of it holds to the end",
        "Only conditions for       compliance too low",
        "Status                    Working towards",
        "- Condition: Compliance is 50.0% (weight 1 of 2); the policy asks for 80%.",
        "- Failure: 1.2 (Standard 1) is required, and is not verified.",
        "check-1",
        "1" * 64,
        used.sha256,
        "2" * 64,
        "Reasons that are new\n--------------------\nNone.\n",
    ):
        assert said in page, page
    assert all(len(line) <= 80 for line in page.splitlines() if "SHA-256" not in line)
    welsh = check_text(check_page(check, used, "2" * 64, "cy"))
    document = check_page(check, used, "2" * 64, "cy")
    pdf = check_pdf(document)
    assert pdf == check_pdf(document), "the same bytes"
    read = PdfReader(BytesIO(pdf))
    assert "2" * 64 in str(read.metadata)
    assert str(read.root_object["/Lang"]) == "cy-GB"
    html = render("check.html", "cy", check=document).decode()
    drawn = "".join("".join(page.extract_text() for page in read.pages).split())
    assert document.note.endswith("Mae Cymraeg y dudalen hon yn answyddogol: geiriad y prosiect hwn ei hun ydyw.")
    for said in (
        document.verdict,
        document.note,
        *(fact.value for fact in (*document.particulars, *document.asked.facts, *document.provenance)),
    ):
        assert "".join(said.split()) in drawn
        assert said in unescape(html)
    assert all(SAID[name].cy in welsh for name in ("title", "reasons", "condition", "first", "gone", "new"))

    plain = check.replace(repeats=None, contract_end=None, without_accreditations=(), reasons=())
    claimed = plain.policy.replace(content=POLICY.replace(rung="declared"))
    page = check_text(check_page(plain.replace(policy=claimed), used, "2" * 64, "en"))
    assert "Status" not in page, "a claim has a score, never a status"
    assert "Contract ends" not in page


def test_the_page_says_once_a_day_what_causes_what_is_missed_ahead() -> None:
    check, used = checked(documents=[small.document(valid_until="2026-12-31")])
    shown = check_page(check, used, "2" * 64, "cy")
    assert shown.ahead is not None
    assert [(fact.label, fact.value) for fact in shown.ahead.facts] == [
        ("1 Ionawr 2027", "Mae dogfen doc-1 wedi dod i ben.")
    ]
    english = check_page(check, used, "2" * 64, "en")
    title = "What changes by itself ahead"
    assert f"{title}\n{'-' * len(title)}\n1 January 2027            Document doc-1 has ended." in check_text(english)
    assert title in "".join(page.extract_text() for page in PdfReader(BytesIO(check_pdf(english))).pages)
    assert title in render("check.html", "en", check=english).decode()
    assert check_page(*checked(), "2" * 64, "en").ahead is None


def test_the_page_says_what_the_policy_asks() -> None:
    lenient = Policy(
        name="Any",
        rule_set="small",
        required_standards=(1, 2),
        no_critical_gaps=False,
        maximum_age_months=1,
        conditions=get_args(Lenient),
    )
    ages = ("at most 1 month since it was submitted", "1 mis ar y mwyaf ers ei gyflwyno")
    for language, age in zip(LANGUAGES, ages, strict=True):
        told = policy_facts(lenient, Speech(language))
        assert [fact.value for fact in told][3] == age
        assert all(fact.label and fact.value for fact in told)
        assert told[-1].value.count(", ") == len(get_args(Lenient)) - 1, "each has words of its own"
    assert policy_facts(Policy(name="Any", rule_set="small"), Speech("en"))[-1].value == "counts"


def test_dates_in_reasons_are_written_as_everywhere_else_on_the_page() -> None:
    for month in range(1, 13):
        day = date(2027, month, month)
        data = {"on": day.isoformat(), "requirement": "1.2"}
        said = reason_in_words("requirement_not_met_ahead", data, "verified", {})
        assert said.en.startswith(f"From {Speech('en').date(day)}, if nobody")
        assert (said.cy or "").startswith(f"O {Speech('cy').date(day)}, os na wneir")
