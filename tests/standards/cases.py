"""Worked cases: files of ``standards/cases`` as values, and how what they expect is compared with what comes out.

A case is a service, a day and what a person worked out by hand from semantics.md and the content. Only what is listed
is compared; what is listed must match exactly. ``standards/cases/README.md`` explains the format to people.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from app.engine.determination import (
    Ask,
    Determination,
    Gap,
    Reason,
    RequirementResult,
    RestsOn,
    Rung,
    Scores,
    Statuses,
)
from app.engine.pack import Pack
from app.engine.rules import RuleSetRef
from app.engine.values import CivilDate, Frozen, NotEmpty, Str, Text
from app.loader.source import read_source
from tests.packs import digest, pack_of

Json: TypeAlias = dict[str, Any]


class AskOf(Frozen):
    """A leaf that a gap asks for, for one programme."""

    leaf: Str
    programme: Str


class ExpectedRequirement(Frozen):
    """What a case expects of one requirement; fields that are left out are not compared."""

    applicability: Literal["applicable", "excluded", "not_applicable"] | None = None
    rungs: tuple[Rung, ...] | None = None
    route: Str | None = None
    progress: Str | None = None
    valid_through: CivilDate | None = None
    covered_by: tuple[Json, ...] | None = None
    override: Json | None = None
    reasons: tuple[Str | Json, ...] | None = None
    asks: tuple[Str | AskOf, ...] | None = None
    would_be_covered_by: tuple[Str, ...] | None = None


class ExpectedScores(Frozen):
    """What a case expects of the service, or of one standard."""

    status: Statuses | None = None
    compliance: Scores | None = None
    progress: Str | None = None


class Expected(ExpectedScores):
    """What a case expects; ``gaps_in_order`` may leave gaps out, but those listed come in this order."""

    requirements: Annotated[dict[str, ExpectedRequirement], Field(min_length=1)]
    standards: dict[str, ExpectedScores] = Field(default={})
    gaps_in_order: tuple[Str, ...] = ()
    rests_on: tuple[RestsOn, ...] | None = None
    valid_through: CivilDate | None = None


class CaseFile(Frozen):
    """One file of ``standards/cases``."""

    case: Text
    story: Annotated[Str, Field(min_length=1)]
    rule_set: RuleSetRef
    as_of: CivilDate
    pack: Json
    expect: Annotated[Expected, NotEmpty]

    def read_pack(self) -> Pack:
        """The pack, its documents given a made-up SHA-256 where the case has none."""
        written: Json = {"rule_set": self.rule_set.model_dump()} | self.pack
        documents = [{"sha256": digest(item["id"])} | item for item in written.get("documents", [])]
        files = {item["id"]: item["sha256"] for item in documents}
        reviews = [
            item | {"documents": [files.get(name, name) for name in item.get("documents", [])]}
            for item in written.get("reviews", [])
        ]
        return pack_of(written | {"documents": documents, "reviews": reviews})


def read_case(root: Path, path: Path) -> CaseFile:
    """The case in a file; raises ``AssertionError`` with every problem of it, by line and column."""
    source = read_source(root, path)
    case = source.checked(CaseFile)
    assert case is not None, "\n".join(map(str, source.problems))
    assert not source.problems, "\n".join(map(str, source.problems))
    return case


def differences(expected: Expected, got: Determination) -> list[str]:
    """What is not as expected, a line each: where, which field, what was expected and what came out."""
    entries = {item.id: item for standard in got.standards for item in standard.requirements}
    gaps = {gap.requirement: gap for gap in got.gaps}
    found: list[str] = []
    for name, wanted in expected.requirements.items():
        shown = _shown(entries[name], gaps.get(name)) if name in entries else None
        found += [f"{name}: there is no such requirement"] if shown is None else _compared(name, wanted, shown)
    standards = {str(item.number): _scores(item) for item in got.standards}
    for number, scores in expected.standards.items():
        found += _compared(f"standard {number}", scores, standards.get(number, {}))
    whole = _scores(got) | {"rests_on": _plain(got.rests_on), "valid_through": _plain(got.valid_through)}
    whole["gaps_in_order"] = [gap.requirement for gap in got.gaps if gap.requirement in expected.gaps_in_order]
    return found + _compared("the service", expected, whole, leave_out={"requirements", "standards"})


def _shown(entry: RequirementResult, gap: Gap | None) -> Json:
    held = {"declared": entry.declared, "evidenced": entry.evidenced, "verified": entry.verified}
    return {
        "applicability": entry.applicability,
        "rungs": [rung for rung, holds in held.items() if holds],
        "route": entry.route,
        "progress": entry.progress,
        "valid_through": _plain(entry.valid_through),
        "covered_by": _plain(entry.covered_by),
        "override": _plain(entry.override),
        "reasons": [dict(reason) for reason in entry.reasons],
        "asks": [_ask(ask) for ask in gap.asks] if gap else [],
        "would_be_covered_by": _plain(gap.would_be_covered_by) if gap else [],
    }


def _ask(ask: Ask) -> object:
    return ask.leaf if ask.programme is None else {"leaf": ask.leaf, "programme": ask.programme}


def _scores(got: Any) -> Json:  # noqa: ANN401 -- a determination or one of its standards
    return {"status": _plain(got.status), "compliance": _plain(got.compliance), "progress": got.progress}


def _plain(value: Any) -> Any:  # noqa: ANN401 -- a result becomes JSON, whatever it is
    if isinstance(value, Frozen):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | dict) else value.isoformat()


def _compared(place: str, wanted: Frozen, got: Json, leave_out: Collection[str] = ()) -> list[str]:
    lines = []
    for name in type(wanted).model_fields:
        if name in leave_out or name not in wanted.model_fields_set:
            continue
        value = _plain(getattr(wanted, name))
        shown = got.get(name)
        if name == "reasons":
            shown = _shortened(value, shown or [])
        if value != shown:
            lines.append(f"{place}: {name}: expected {value!r}, got {shown!r}")
    return lines


def _shortened(wanted: list[Any], got: list[Reason]) -> list[Any]:
    """Reasons as the case writes them: a code alone where the case has no more."""
    codes = [isinstance(item, str) for item in wanted] + [False] * len(got)
    return [reason["code"] if short else reason for reason, short in zip(got, codes, strict=False)]
