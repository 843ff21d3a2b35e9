"""All that a determination is made from, and what a law compares of two of them."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.engine.determination import RUNGS, Determination, RequirementResult, Rung
from app.engine.evaluate import evaluate
from app.engine.pack import Pack
from app.engine.rules import Crosswalk, RuleSet
from tests.engine import small
from tests.engine.small import Json


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
