"""The conditions of a rule set in the languages of other rule engines, and the facts that they judge.

What is said in those languages: whether a requirement applies, and whether its tree holds, documents with their types
and dates included. Two things they cannot say are worked out for them beforehand, and not timed: which date lies how
many months back, and which document is replaced. What they leave out: declarations, reviews, accreditations,
programmes, scores, status.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeAlias

import celpy
import json_logic
import zen
from celpy.adapter import json_to_cel

from app.engine.evaluate import evaluate
from app.engine.judge import Bench, Case
from app.engine.pack import Document, Pack
from app.engine.plan import plans
from app.engine.rules import Requirement, RuleSet
from app.engine.tree import AllOf, AnyOf, DocumentLeaf, Node
from app.engine.values import add_months
from tests.packs import Filler, document

Verdicts: TypeAlias = dict[str, int]
Facts: TypeAlias = dict[str, Any]
Term: TypeAlias = tuple[Any, ...]
HOLDS, HOLDS_NOT, NOT_APPLICABLE = 1, 0, 2
_EVER = date.max.toordinal()
_LONGEST_MONTH = 31
DOCUMENTS = 300
SHOWN_WHOLE = 7


def facts_of(rule_set: RuleSet, pack: Pack) -> Facts:
    """What the rules look at, as JSON: days are counted, numbers that may be decimals are floats."""
    documents = {item.id: item for item in pack.documents}
    replaced = {item.replaces for item in pack.documents}
    answers = {item.question: item.value for item in pack.answers}
    linked = {item.requirement: item.documents for item in pack.responses}
    return {
        "profile": {item.id: _fact(item.type, pack.service.profile.get(item.id)) for item in rule_set.profile},
        "answers": {item.id: _fact(item.type, answers.get(item.id)) for item in rule_set.questions},
        "linked": {
            key_of(name): [_document(documents[one], replaced) for one in linked.get(name, ())]
            for name in rule_set.requirements
        },
    }


def key_of(requirement: str) -> str:
    """The id of a requirement as a name that every language takes."""
    return f"r{requirement.replace('.', '_')}"


def _document(item: Document, replaced: set[str | None]) -> dict[str, object]:
    return {
        "type": item.type,
        "issued": item.issued_on.toordinal(),
        "first": (item.valid_from or date.min).toordinal(),
        "last": item.valid_until.toordinal() if item.valid_until else _EVER,
        "gone": item.withdrawn_on.toordinal() if item.withdrawn_on else _EVER,
        "replaced": item.id in replaced,
    }


def _fact(kind: str, value: object) -> object:
    if kind == "choices":
        return list(value) if isinstance(value, tuple) else []
    if value is None or kind not in {"integer", "decimal", "date"}:
        return value
    return date.fromisoformat(str(value)).toordinal() if kind == "date" else float(Fraction(str(value)))


@dataclass(frozen=True)
class Rules:
    """The rules of a rule set on one day as terms, which each language writes in its own way.

    ``("and" | "or", terms)``, ``("not", term)``, ``("stated", place)``, ``("filled", place)``,
    ``("==" | ">=" | "<=", place, value)``, ``("in", place, values)``, ``("has", place, value)`` of a list,
    ``("documents", key, how many, term)``, whose term is about one document.
    """

    rule_set: RuleSet
    day: date

    def of(self, requirement: Requirement) -> tuple[Term, Term]:
        """Whether the requirement applies, and whether its tree holds."""
        applies = self._condition(requirement.applies_when, unknown=True)
        return applies, self._tree(requirement.met_when, key_of(requirement.id))

    def _condition(self, node: Any, *, unknown: bool) -> Term:  # noqa: ANN401 -- any kind of condition
        """True where the condition holds, or may hold if ``unknown`` is true, by Kleene's logic."""
        if node is None:
            return ("and", [])
        for word, children in (("and", getattr(node, "all", None)), ("or", getattr(node, "any", None))):
            if children is not None:
                return (word, [self._condition(child, unknown=unknown) for child in children])
        if getattr(node, "not_", None) is not None:
            return ("not", self._condition(node.not_, unknown=not unknown))
        place = f"profile.{node.profile.field}"
        field = next(item for item in self.rule_set.profile if item.id == node.profile.field)
        known, test = self._test(place, field.type, {item.id for item in field.options}, *node.profile.test)
        return ("or", [("not", known), test]) if unknown else ("and", [known, test])

    def _tree(self, node: Node, key: str) -> Term:
        if isinstance(node, AllOf):
            return ("and", [self._tree(child, key) for child in node.all])
        if isinstance(node, AnyOf):
            return ("or", [self._tree(child, key) for child in node.any])
        if isinstance(node, DocumentLeaf):
            return ("documents", key, node.document.at_least, self._good(node))
        question = next(item for item in self.rule_set.questions if item.id == node.answer.question)
        options = {item.id for item in question.options}
        return ("and", list(self._test(f"answers.{question.id}", question.type, options, *node.answer.test)))

    def _good(self, leaf: DocumentLeaf) -> Term:
        today = self.day.toordinal()
        months = leaf.document.max_age_months
        return (
            "and",
            [
                ("in", "document.type", list(leaf.document.types)),
                *([("<=", f"document.{name}", today) for name in ("issued", "first")]),
                (">=", "document.last", today),
                (">=", "document.gone", today + 1),
                (">=", "document.issued", 1 if months is None else self._earliest(months)),
                ("==", "document.replaced", False),
            ],
        )

    def _test(self, place: str, kind: str, options: set[str], operator: str, wanted: Any) -> tuple[Term, Term]:  # noqa: ANN401 -- as above
        """Whether there is a value, and whether it is as wanted."""
        if kind == "choices":
            held: list[Term] = [("has", place, name) for name in wanted]
            others: list[Term] = [("not", ("has", place, name)) for name in sorted(options - set(wanted))]
            tests = {"includes_any": ("or", held), "includes_all": ("and", held), "within": ("and", others)}
            return ("filled", place), tests.get(operator, ("and", held + others))
        known = ("stated", place)
        if operator == "within_months":
            bounds = [(">=", place, self._earliest(wanted)), ("<=", place, self.day.toordinal())]
            return known, ("and", bounds)
        if operator == "one_of":
            return known, ("in", place, list(wanted))
        return known, ({"is": "==", "at_least": ">=", "at_most": "<="}[operator], place, _fact(kind, wanted))

    def _earliest(self, months: int) -> int:
        """The first day that lies no more than so many months back."""
        found = self.day - timedelta(days=_LONGEST_MONTH * (months + 1))
        while add_months(found, months) < self.day:
            found += timedelta(days=1)
        return found.toordinal()


Peer: TypeAlias = Callable[[], Verdicts]


def json_logic_peer(rules: Rules, facts: Facts) -> Peer:
    """One rule of JsonLogic for each requirement, read from JSON once."""
    written = {}
    for name, requirement in rules.rule_set.requirements.items():
        applies, holds = map(_json_logic, rules.of(requirement))
        rule = {"if": [applies, {"if": [holds, HOLDS, HOLDS_NOT]}, NOT_APPLICABLE]}
        written[name] = json.loads(json.dumps(rule))
    return lambda: {name: json_logic.jsonLogic(rule, facts) for name, rule in written.items()}


def _json_logic(term: Term) -> object:
    word, *rest = term
    if word in {"and", "or"}:
        return {word: [_json_logic(item) for item in rest[0]]} if rest[0] else word == "and"
    if word == "documents":
        listed, good = {"var": f"linked.{rest[0]}"}, _json_logic(rest[2])
        if rest[1] == 1:
            return {"some": [listed, good]}
        return {">=": [{"reduce": [{"filter": [listed, good]}, {"+": [1, {"var": "accumulator"}]}, 0]}, rest[1]]}
    if word == "not":
        return {"!": [_json_logic(rest[0])]}
    place = {"var": str(rest[0]).removeprefix("document.")}
    alone = {"stated": {"!==": [place, None]}, "filled": {"!!": [place]}}
    if word in alone:
        return alone[word]
    return {"in": [rest[1], place]} if word == "has" else {"===" if word == "==" else word: [place, rest[1]]}


def zen_peer(rules: Rules, facts: Facts) -> Peer:
    """One decision of JSON for the whole rule set, an expression a requirement, compiled once."""
    written = _expressions(rules, _ZEN)
    expressions = [{"id": key_of(name), "key": key_of(name), "value": text} for name, text in written.items()]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "rules", "type": "expressionNode", "name": "rules", "content": {"expressions": expressions}},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "rules", "type": "edge"},
        {"id": "2", "sourceId": "rules", "targetId": "out", "type": "edge"},
    ]
    content = {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
    decision = zen.ZenEngine().create_decision(json.dumps(content))

    def work() -> Verdicts:
        found = decision.evaluate(facts)["result"]
        return {name: int(found[key_of(name)]) for name in written}

    return work


def cel_peer(rules: Rules, facts: Facts) -> Peer:
    """One program of CEL for each requirement, compiled once; the facts are turned into its values beforehand."""
    environment = celpy.Environment()
    written = _expressions(rules, _CEL)
    programs = {name: environment.program(environment.compile(text)) for name, text in written.items()}
    given: Any = json_to_cel(_without_nulls(facts))

    def work() -> Verdicts:
        found: dict[str, Any] = {name: program.evaluate(given) for name, program in programs.items()}
        return {name: int(verdict) for name, verdict in found.items()}

    return work


def ours(rule_set: RuleSet, pack: Pack, day: date) -> Verdicts:
    """What ``evaluate`` says of the same: for a pack whose provider claims everything, without certificates."""
    pack.benches.clear()  # the others too judge it anew each time
    found = evaluate(rule_set, (), pack, day)
    verdicts = {True: HOLDS, False: HOLDS_NOT, None: NOT_APPLICABLE}
    return {item.id: verdicts[item.evidenced] for standard in found.standards for item in standard.requirements}


def conditions_alone(rule_set: RuleSet, pack: Pack, day: date) -> Verdicts:
    """The same from the parts of the engine that judge: no scores, no reasons, nothing said of other days."""
    ready = plans(rule_set, ())
    bench = Bench(ready, pack)
    return {name: _verdict(bench.case(plan), day) for name, plan in ready.of.items()}


def _verdict(case: Case, day: date) -> int:
    if case.applicability != "applicable":
        return NOT_APPLICABLE
    return HOLDS if case.state(day).outcome.evidence else HOLDS_NOT


def claiming_pack(rule_set: RuleSet) -> Pack:
    """300 documents; everything is claimed, and of three requirements in ten only half is shown."""
    filler = Filler(rule_set)
    for index, requirement in enumerate(rule_set.requirements.values()):
        leaves = requirement.tree.leaves
        filler.satisfy(requirement, leaves=leaves if index % 10 < SHOWN_WHOLE else leaves[: len(leaves) // 2])
    own = [response["documents"] for response in filler.responses if response["documents"]]
    kinds = {item["id"]: str(item["type"]) for item in filler.documents}
    for number in range(DOCUMENTS - len(filler.documents)):
        linked = own[number % len(own)]
        assert isinstance(linked, list)
        name = f"doc-more-{number}"
        filler.documents.append(document(name, kinds[linked[0]], valid_until="2027-01-31"))
        linked.append(name)
    # Some fields are not stated, so that conditions are unknown, and some conditions are false.
    return filler.pack(service={"profile": {"forms_of_abuse": ["domestic_abuse"], "client_groups": ["adult_men"]}})


PEERS: Mapping[str, Callable[[Rules, Facts], Peer]] = {
    "zen-engine": zen_peer,
    "cel-python": cel_peer,
    "panzi-json-logic": json_logic_peer,
}


def _without_nulls(facts: Facts) -> Facts:
    return {
        part: {name: value for name, value in values.items() if value is not None} for part, values in facts.items()
    }


def _expressions(rules: Rules, language: "_Infix") -> dict[str, str]:
    found = {}
    for name, requirement in rules.rule_set.requirements.items():
        applies, holds = map(language.write, rules.of(requirement))
        found[name] = f"{applies} ? ({holds} ? {HOLDS} : {HOLDS_NOT}) : {NOT_APPLICABLE}"
    return found


@dataclass(frozen=True)
class _Infix:
    """Terms as text with brackets around everything."""

    words: Mapping[str, str]
    document: str
    stated: str
    filled: str
    some: str
    several: str

    def write(self, term: Term) -> str:
        word, *rest = term
        if word in {"and", "or"}:
            parts = [self.write(item) for item in rest[0]]
            return f"({f' {self.words[word]} '.join(parts) or json.dumps(word == 'and')})"
        if word == "not":
            return f"({self.words['not']} {self.write(rest[0])})"
        if word in {"stated", "filled"}:
            return (self.stated if word == "stated" else self.filled).format(rest[0])
        if word == "documents":
            return (self.some if rest[1] == 1 else self.several).format(
                f"linked.{rest[0]}", self.write(rest[2]), rest[1]
            )
        place = rest[0].replace("document.", self.document)
        return f"({json.dumps(rest[1])} in {place})" if word == "has" else f"({place} {word} {json.dumps(rest[1])})"


_ZEN = _Infix(
    words={"and": "and", "or": "or", "not": "not"},
    document="#.",
    stated="({} != null)",
    filled="(len({}) > 0)",
    some="some({}, {})",
    several="(count({}, {}) >= {})",
)
_CEL = _Infix(
    words={"and": "&&", "or": "||", "not": "!"},
    document="d.",
    stated="has({})",  # this implementation refuses to compare a number with null
    filled="(size({}) > 0)",
    some="{}.exists(d, {})",
    several="({}.filter(d, {}).size() >= {})",
)
