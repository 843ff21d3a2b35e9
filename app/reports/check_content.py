"""What the page of a check says, in one language, before it has any form; text, PDF and HTML only lay it out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.engine.determination import Determination
from app.engine.forecast import Cause
from app.engine.policy import CheckReason, Outcome
from app.engine.policy_check import Check, Repeated
from app.reports.content import Fact
from app.reports.explain_text import cause_in_words
from app.reports.policy_content import policy_facts
from app.reports.speech import Speech, clean
from app.reports.words import RUNG_NAMES, STATUSES, Language, Words

SAID = {
    "title": Words("Check by a commissioner's policy", "Gwiriad yn ôl polisi comisiynydd"),
    "service": Words("Service", "Gwasanaeth"),
    "provider": Words("Provider", "Darparwr"),
    "policy": Words("Policy", "Polisi"),
    "version": Words("{name}, version {version}", "{name}, fersiwn {version}"),
    "as_of": Words("As of", "Ar ddyddiad"),
    "contract_end": Words("Contract ends", "Diwedd y contract"),
    "rule_set": Words("Rule set", "Set reolau"),
    "rung": Words("Rung", "Gris"),
    "compliance": Words("Compliance", "Cydymffurfiaeth"),
    "status": Words("Status", "Statws"),
    "known_at": Words("On what was known", "Ar sail yr hyn a wyddys"),
    "checked_at": Words("Checked", "Gwiriwyd"),
    "check": Words("Check", "Gwiriad"),
    "outcome": Words("Answer", "Ateb"),
    "determination": Words("Determination, SHA-256", "Dyfarniad, SHA-256"),
    "sha256": Words("This check, SHA-256", "Y gwiriad hwn, SHA-256"),
    "first_sha256": Words("Its SHA-256", "Ei SHA-256"),
    "without": Words("Without accreditations", "Heb achrediadau"),
    "asked": Words("What the policy asks", "Yr hyn y mae'r polisi'n ei ofyn"),
    "reasons": Words("Reasons", "Rhesymau"),
    "no_reasons": Words("None.", "Dim."),
    "ahead": Words("What changes by itself ahead", "Yr hyn sy'n newid ohono'i hun yn y dyfodol"),
    "failure": Words("Failure", "Methiant"),
    "condition": Words("Condition", "Amod"),
    "first": Words("The check that this repeats", "Y gwiriad y mae hwn yn ei ailadrodd"),
    "gone": Words("Reasons that are gone", "Rhesymau nad ydynt yno mwyach"),
    "new": Words("Reasons that are new", "Rhesymau newydd"),
    "kept": Words("How this is kept", "Sut y cedwir hyn"),
    "note": Words(
        "A check says whether a service passes one commissioner's own policy. It is no statement that the service "
        "meets the rule set.",
        "Dywed gwiriad a yw gwasanaeth yn bodloni polisi un comisiynydd. Nid yw'n ddatganiad bod y gwasanaeth yn "
        "bodloni'r set reolau.",
    ),
}
OUTCOMES: dict[Outcome, Words] = {
    "pass": Words("Pass", "Llwyddo"),
    "pass_with_conditions": Words("Pass with conditions", "Llwyddo gydag amodau"),
    "fail": Words("Fail", "Methu"),
}


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason: how much it weighs, as code and in words, and its sentence."""

    severity: Literal["failure", "condition"]
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Reasons under a title; ``empty`` is said where there is none."""

    title: str
    lines: tuple[ReasonLine, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class Section:
    """Names with what is said of each, under a title."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class FirstCheck:
    """The check that another one repeats, and what is otherwise."""

    title: str
    facts: tuple[Fact, ...]
    gone: Reasons
    new: Reasons


@dataclass(frozen=True, slots=True)
class CheckPage:
    """The page of one check.

    ``page`` is what stands before the number of pages, with ``{page}`` in it; ``draft`` that it is a demonstration.
    """

    language: Language
    title: str
    service: str
    provider: str
    rule_set: str
    as_of: str
    page: str
    draft: str | None
    outcome: Outcome
    verdict: str
    particulars: tuple[Fact, ...]
    asked: Section
    reasons: Reasons
    ahead: Section | None
    first: FirstCheck | None
    kept: str
    provenance: tuple[Fact, ...]
    note: str


def check_page(check: Check, determination: Determination, sha256: str, language: Language) -> CheckPage:
    """The check and what it rests on.

    ``determination`` is the one that it used, ``sha256`` that of its own document.
    """
    speech = Speech(language)
    provenance = [
        ("check", check.id),
        ("checked_at", speech.instant(check.checked_at)),
        ("known_at", speech.instant(check.known_at)),
        ("determination", check.determination_sha256),
        ("sha256", sha256),
    ]
    return CheckPage(
        language=language,
        title=speech.words(SAID["title"]),
        service=clean(determination.service.name),
        provider=clean(determination.service.provider),
        rule_set=f"{determination.rule_set.id} {determination.rule_set.version}",
        as_of=speech.date(check.as_of),
        page=speech.say("page", page="{page}"),
        draft=speech.say("draft") if check.draft else None,
        outcome=check.outcome,
        verdict=speech.text(check.words),
        particulars=_facts(speech, _particulars(speech, check, determination)),
        asked=Section(speech.words(SAID["asked"]), policy_facts(check.policy.content, speech)),
        reasons=_reasons(speech, "reasons", check.reasons),
        ahead=_ahead(speech, check.reasons),
        first=None if check.repeats is None else _first(speech, check.repeats),
        kept=speech.words(SAID["kept"]),
        provenance=_facts(speech, provenance),
        note=f"{speech.words(SAID['note'])} {speech.say('welsh_own')}"
        if language == "cy"
        else speech.words(SAID["note"]),
    )


def _particulars(speech: Speech, check: Check, determination: Determination) -> Iterator[tuple[str, str]]:
    """Whose check it is, by what policy, and where the service stands: a score never without its rung and status."""
    policy, rung = check.policy.content, check.policy.content.rung
    yield "service", clean(determination.service.name)
    yield "provider", clean(determination.service.provider)
    yield "policy", speech.words(SAID["version"], name=clean(policy.name), version=check.policy.version)
    yield "rule_set", f"{determination.rule_set.id} {determination.rule_set.version}"
    yield "as_of", speech.date(check.as_of)
    if check.contract_end is not None:
        yield "contract_end", speech.date(check.contract_end)
    if check.without_accreditations:
        yield "without", ", ".join(map(clean, check.without_accreditations))
    yield "rung", speech.words(RUNG_NAMES[rung])
    score = getattr(determination.compliance, rung)
    yield "compliance", speech.say("nothing_applies") if score is None else speech.say("percent", score=score)
    if rung != "declared":
        yield "status", speech.words(STATUSES[getattr(determination.status, rung)])


def _first(speech: Speech, first: Repeated) -> FirstCheck:
    said = [
        ("check", first.check),
        ("outcome", speech.words(OUTCOMES[first.outcome])),
        ("as_of", speech.date(first.as_of)),
        ("known_at", speech.instant(first.known_at)),
        ("first_sha256", first.sha256),
    ]
    return FirstCheck(
        title=speech.words(SAID["first"]),
        facts=_facts(speech, said),
        gone=_reasons(speech, "gone", first.gone),
        new=_reasons(speech, "new", first.new),
    )


def _reasons(speech: Speech, name: str, reasons: Iterable[CheckReason]) -> Reasons:
    lines = tuple(
        ReasonLine(reason.severity, speech.words(SAID[reason.severity]), speech.text(reason.words))
        for reason in reasons
    )
    return Reasons(speech.words(SAID[name]), lines, speech.words(SAID["no_reasons"]))


def _ahead(speech: Speech, reasons: Iterable[CheckReason]) -> Section | None:
    """What ends or begins on each day ahead that a reason names, the first day first."""
    days = {reason.data["on"]: reason.data["causes"] for reason in reasons if "causes" in reason.data}
    facts = tuple(
        Fact(
            speech.date(date.fromisoformat(day)),
            " ".join(cause_in_words(Cause.model_validate(cause), speech) for cause in days[day]),
        )
        for day in sorted(days)
    )
    return Section(speech.words(SAID["ahead"]), facts) if facts else None


def _facts(speech: Speech, said: Iterable[tuple[str, str]]) -> tuple[Fact, ...]:
    return tuple(Fact(speech.words(SAID[name]), value) for name, value in said)
