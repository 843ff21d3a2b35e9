"""All that a determination is made from, and what a law compares of two of them."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.engine.determination import RUNGS, Determination, RequirementResult, Rung
from app.engine.evaluate import evaluate
from app.engine.pack import Pack
from app.engine.rules import Crosswalk, RuleSet, Scheme
from tests.engine import small
from tests.engine.small import Json

BASES = (date(2026, 4, 1), date(2028, 2, 29), date(2026, 2, 28), date(2026, 8, 31))
MONTHS = (1, 2, 6, 12)
TERM = 36
UNUSED = "unused"  # a question that no requirement asks
SCHEMES = {
    name: Scheme.model_validate(
        {
            "id": name,
            "title": name,
            "editions": ["1", "2"],
            "stages": ["whole", "half"],
            "scope": scope,
            "usual_term_months": TERM,
        }
    )
    for name, scope in (("alpha", "service"), ("beta", "programme"))
}
OPERATORS = {
    "choice": ("is", "one_of"),
    "choices": ("is", "includes_all", "includes_any"),
    "boolean": ("is",),
    "integer": ("is", "at_least", "at_most"),
    "decimal": ("is", "at_least", "at_most"),
    "date": ("within_months",),
}
KEEPING = ("unchanged", "clarified", "weakened")


@dataclass(frozen=True)
class World:
    """All that ``evaluate`` is given; the pack as JSON."""

    rule_set: RuleSet
    crosswalks: tuple[Crosswalk, ...]
    pack: Json
    day: date
    rung: Rung

    def read(self) -> Pack:
        return Pack.model_validate(self.pack)

    def determine(self, day: date | None = None) -> Determination:
        return evaluate(self.rule_set, self.crosswalks, self.read(), day or self.day, self.rung)

    def entries(self, day: date | None = None) -> dict[str, RequirementResult]:
        return small.entries(self.determine(day))

    def having(self, **parts: Any) -> "World":
        """The same with other parts of the pack."""
        return replace(self, pack=self.pack | parts)

    def changed(self, part: str, index: int, **fields: Any) -> "World":
        """The same with other fields of one item."""
        items = list(self.pack[part])
        items[index] = items[index] | fields
        return self.having(**{part: items})


def rungs(entry: RequirementResult) -> list[bool | None]:
    return [entry.declared, entry.evidenced, entry.verified]


def lowered(before: RequirementResult, after: RequirementResult) -> list[Rung]:
    pairs = zip(RUNGS, rungs(before), rungs(after), strict=True)
    return [rung for rung, was, is_now in pairs if was and not is_now]


def raised(before: RequirementResult, after: RequirementResult) -> list[Rung]:
    """Rungs that a requirement which applied has gained."""
    return lowered(after, before) if before.applicability == "applicable" else []


def named(node: Json, count: list[int]) -> Json:
    """Give each leaf an id of its own, not in file order."""
    for kind in ("all", "any"):
        if kind in node:
            return {kind: [named(child, count) for child in node[kind]]}
    count[0] += 1
    return {"id": f"leaf-{7 - count[0] if count[0] < 7 else count[0]}", "ask": small.text("Show it")} | node
