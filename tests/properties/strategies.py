"""Small nasty rule sets, crosswalks and valid packs, with dates that lie on, just before and just after every edge.

Packs are made as JSON, so that a law can change one thing of them. They are valid by construction (a test says so).
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from app.engine.determination import RUNGS
from app.engine.rules import Crosswalk, Requirement, RuleSet
from app.engine.tree import AnswerLeaf, DocumentLeaf
from app.engine.values import Value, add_months
from tests.engine import small
from tests.engine.editions import entry, following
from tests.engine.small import DOCUMENT_TYPES, OPTIONS, TYPES, Json
from tests.packs import digest
from tests.properties.world import BASES, KEEPING, MONTHS, OPERATORS, TERM, UNUSED, World, named

Item = TypeVar("Item")

LIKELY = st.sampled_from((True, True, True, False))
SELDOM = st.sampled_from((False, False, False, True))


def often(usual: Item, *others: Item) -> SearchStrategy[Item]:
    """Mostly the usual one."""
    return st.sampled_from([usual] * 3 + list(others))


@cache
def _chosen(items: tuple[str, ...], at_least: int) -> SearchStrategy[list[str]]:
    masks = st.integers(0, 2 ** len(items) - 1).filter(lambda mask: mask.bit_count() >= at_least)
    return masks.map(lambda mask: [item for index, item in enumerate(items) if mask >> index & 1])


def subsets(items: Iterable[str], at_least: int = 0) -> SearchStrategy[list[str]]:
    """Some of them, in order."""
    return _chosen(tuple(items), at_least)


def maybe(strategy: SearchStrategy[Item]) -> SearchStrategy[Item | None]:
    """Nothing more often than something."""
    return _maybe(strategy)


@cache
def _maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.one_of(st.none(), st.none(), strategy)


@cache
def near(base: date, *, past: bool = False) -> SearchStrategy[date]:
    """On a day, or some months before or after it, give or take a day: where things begin and end."""
    months = [0, *(-item for item in MONTHS)] if past else [0, 0, *MONTHS, *(-item for item in MONTHS)]
    return st.builds(
        lambda count, days: add_months(base, count) + timedelta(days=days),
        st.sampled_from(months),
        st.sampled_from([0, 0, -1, 1, -40] if not past else [0, -1, -40]),
    )


# Rule sets.


@cache
def _compared(kind: str, base: date) -> SearchStrategy[Value]:
    """A value to compare with, or to give."""
    by_kind: dict[str, SearchStrategy[Any]] = {
        "choice": st.sampled_from(OPTIONS["choice"]),
        "choices": subsets(OPTIONS["choices"], 1),
        "boolean": st.booleans(),
        "integer": st.integers(-1, 2),
        "decimal": st.sampled_from(["1.5", "1.50", "0.1", 1, "-0.5", "10", "9"]),
        "date": near(base).map(str),
    }
    return by_kind[kind]


@cache
@st.composite
def _test(draw: DrawFn, base: date, *, of_profile: bool) -> Json:
    kind = draw(st.sampled_from(TYPES))
    operators = OPERATORS[kind]
    if of_profile:
        operators = {"choices": (*operators, "within"), "date": ("is",)}.get(kind, operators)
    operator = draw(st.sampled_from(operators))
    if operator == "within_months":
        wanted: Any = draw(st.sampled_from(MONTHS))
    elif operator == "one_of":
        wanted = draw(subsets(OPTIONS["choice"], 1))
    else:
        wanted = draw(_compared(kind, base))
    return {"field" if of_profile else "question": kind, operator: wanted}


@cache
def _conditions(base: date) -> SearchStrategy[Json]:
    leaf = _test(base, of_profile=True).map(lambda test: {"profile": test})
    return st.recursive(
        leaf,
        lambda child: st.one_of(
            child.map(lambda node: {"not": node}),
            st.lists(child, min_size=1, max_size=2).map(lambda nodes: {"all": nodes}),
            st.lists(child, min_size=1, max_size=2).map(lambda nodes: {"any": nodes}),
        ),
        max_leaves=3,
    )


@cache
@st.composite
def _document_rule(draw: DrawFn) -> Json:
    rule: Json = {"types": draw(subsets(DOCUMENT_TYPES[:2], 1)), "at_least": draw(often(1, 2))}
    return rule | draw(often({}, {"max_age_months": 6}, {"max_age_months": 12}))


@cache
def _trees(base: date) -> SearchStrategy[Json]:
    leaf = st.one_of(
        _document_rule().map(lambda rule: {"document": rule}),
        _test(base, of_profile=False).map(lambda test: {"answer": test}),
    )
    return st.recursive(
        leaf,
        lambda child: st.builds(
            lambda kind, nodes: {kind: nodes}, st.sampled_from(["all", "any"]), st.lists(child, min_size=1, max_size=3)
        ),
        max_leaves=5,
    )


@st.composite
def _requirement(draw: DrawFn, name: str, base: date) -> Json:
    must = draw(LIKELY)
    critical = must and draw(SELDOM)
    return small.requirement(
        name,
        named(draw(_trees(base)), [0]),
        obligation="must" if must else "should",
        safety_critical=critical,
        weight=draw(often(1, 2, 700)),
        concerns=draw(st.sampled_from(["organisation", "service", "programme", "programme"])),
        applies_when=draw(maybe(_conditions(base))),
        may_be_excluded=not critical and draw(st.booleans()),
    )


@st.composite
def _crosswalk(draw: DrawFn, scheme: str, version: str, rules: RuleSet, base: date) -> Crosswalk:
    entries = []
    for item in rules.requirements.values():
        if scheme == "beta" and item.concerns != "programme":
            continue
        coverage = draw(st.sampled_from(["full", "partial", "none"]))
        if coverage == "full":
            entries.append(small.full(item.id))
        elif coverage == "partial":
            entries.append(small.partial(*draw(subsets(item.tree.bit_of, 1)), name=item.id))
    walk = small.crosswalk(small.full(), scheme=scheme, version=version)
    return walk.replace(
        entries=entries,
        editions=draw(often(["1", "2"], ["1"])),
        applies_when=draw(maybe(_conditions(base))),
        redeclare_months=draw(often(12, 1)),
        recheck_months=draw(often(12, 6)),
        effective_from=draw(st.one_of(st.none(), near(base))) if version == "1" else draw(near(base)),
    )


@st.composite
def successors(draw: DrawFn, older: RuleSet) -> RuleSet:
    """A next version: of each requirement one of every kind of change, under any id."""
    known = list(older.requirements.values())
    merged = known[:2] if len(known) > 1 and draw(st.booleans()) else []
    found: list[tuple[str, list[str], Any]] = [("merged", [item.id for item in merged], merged[0])] if merged else []
    retired = []
    for item in known[len(merged) :]:
        change = draw(st.sampled_from([*KEEPING, "strengthened", "split", "retired"]))
        if change == "retired":
            retired.append(item.id)
        else:
            found.extend([(change, [item.id], item)] * (2 if change == "split" else 1))
    found.append(("new", [], known[0]))
    names = draw(st.permutations([f"1.{number}" for number in range(1, len(found) + 1)]))
    standard = older.standards[0].replace(
        requirements=tuple(item.replace(id=name) for name, (_, _, item) in zip(names, found, strict=True))
    )
    lineage = [entry(name, change, *parents) for name, (change, parents, _) in zip(names, found, strict=True)]
    rules = older.replace(standards=(standard,))
    return following(rules, *lineage, retired=tuple(retired), **draw(_fewer(rules, [row[0] for row in found])))


@st.composite
def _fewer(draw: DrawFn, rules: RuleSet, changes: list[str]) -> Json:
    """Catalogues without some entries and options, where nothing is called unchanged (which would be a problem)."""
    if "unchanged" in changes or draw(st.booleans()):
        return {}
    gone = draw(st.sets(st.sampled_from(["policy", "choice", "choices", "boolean", "a", "w", "x"])))

    def kept(fields: Iterable[Any]) -> list[Any]:
        there = [item for item in fields if item.id not in gone]
        return [item.replace(options=[option for option in item.options if option.id not in gone]) for item in there]

    return {
        "questions": kept(rules.questions),
        "profile": kept(rules.profile),
        "document_types": [item for item in rules.document_types if item.id not in gone],
    }


# Packs.


def _not_before(first: date, day: date | None) -> str | None:
    return None if day is None else str(max(day, first))


@cache
def _stated(kind: str, base: date) -> SearchStrategy[Value]:
    return st.one_of(st.none(), _compared(kind, base), _compared(kind, base))


@cache
def _profile(base: date) -> SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional={kind: _stated(kind, base) for kind in TYPES})


@cache
@st.composite
def _documents(draw: DrawFn, base: date) -> list[Json]:
    found: list[Json] = []
    for index in draw(st.permutations(range(draw(st.integers(0, 5))))):
        issued = draw(near(base, past=True))
        start = draw(often(None, issued, issued + timedelta(days=1)))
        first = start or issued
        item = small.document(
            f"doc-{index}",
            draw(st.sampled_from(DOCUMENT_TYPES[:2])),
            sha256=digest(draw(st.sampled_from("abcd"))),
            programmes=draw(often([], ["prog-a"], ["prog-b", "prog-a"])),
            issued_on=str(issued),
            valid_from=start and str(start),
            valid_until=_not_before(first, draw(maybe(near(base)))),
            withdrawn_on=_not_before(first, draw(maybe(near(base)))),
        )
        if draw(SELDOM) and found:
            old = draw(st.sampled_from(found))
            item |= {"type": old["type"], "programmes": old["programmes"], "replaces": old["id"]}
        found.append(item)
    return found


@cache
def _instants(base: date) -> SearchStrategy[str]:
    return st.builds("{}T{}Z".format, near(base, past=True), st.sampled_from(["00:00:00", "12:00:00", "23:59:59.5"]))


@st.composite
def _answers(draw: DrawFn, rules: RuleSet, base: date) -> list[Json]:
    wanted = {
        leaf.answer.question: leaf.answer.test
        for item in rules.requirements.values()
        for leaf in item.tree.leaves
        if isinstance(leaf, AnswerLeaf)
    }
    found = []
    for kind in TYPES:
        operator, value = wanted.get(kind, ("", None))
        if operator in {"", "within_months", "one_of"} or draw(SELDOM):
            value = draw(_stated(kind, base))
        if draw(LIKELY):
            given = list(value) if isinstance(value, tuple) else value
            found.append(small.answer(given, kind, at=draw(_instants(base))))
    return found


@cache
def _perhaps(base: date) -> SearchStrategy[date | None]:
    return st.one_of(near(base), near(base), st.none())


@st.composite
def _accreditation(draw: DrawFn, name: str, programmes: list[str], base: date) -> Json:
    scheme = draw(st.sampled_from(["alpha", "alpha", "beta"]))
    awarded = draw(near(base, past=True)) if draw(st.booleans()) else add_months(base, -TERM)
    last = add_months(awarded, TERM)
    expires = min(last, max(awarded, draw(maybe(near(base))) or last))
    scopes: list[Json] = [
        {"kind": "organisation"},
        {"kind": "service", "services": ["svc-1"]},
        {"kind": "service", "services": ["svc-2"]},
    ]
    if scheme == "beta":
        names = programmes or ["prog-a"]
        scopes = [{"kind": "programme", "programmes": [{"id": item} for item in names]}]
        scopes += [{"kind": "programme", "programmes": [{"id": names[0], "version": "1"}]}]
    if scheme == "beta" and not programmes:
        scheme, scopes = "alpha", [{"kind": "organisation"}]
    days = sorted(draw(st.lists(near(base), max_size=2, unique=True)))
    changes = [{"on": str(day), "status": draw(st.sampled_from(["suspended", "reinstated"]))} for day in days]
    if draw(SELDOM) and changes:
        changes[-1]["status"] = "withdrawn"
    verified = _not_before(awarded, draw(_perhaps(base)))
    opened = draw(near(base))
    condition = {"requirements": ["1.1"], "opened_on": str(opened)}
    closed = _not_before(opened, draw(maybe(near(base))))
    return small.certificate(
        name,
        scheme=scheme,
        edition=draw(often("1", "2")),
        awarded_on=str(awarded),
        expires_on=str(expires),
        scope=draw(st.sampled_from(scopes)),
        status_changes=changes,
        conditions=draw(often([], [condition | {"closed_on": closed}])),
        unchanged_declared_on=_not_before(awarded, draw(_perhaps(base))),
        verified_on=verified,
        verified_by=verified and "usr-9",
        register=verified and "entry seen",
    )


@st.composite
def _response(draw: DrawFn, item: Requirement, documents: list[Json]) -> Json:
    rating = draw(often("met", "met", None, "partly_met", "not_met", "not_applicable"))
    types = {kind for leaf in item.tree.leaves if isinstance(leaf, DocumentLeaf) for kind in leaf.document.types}
    fitting = [document["id"] for document in documents if document["type"] in types]
    linked = fitting if draw(LIKELY) else draw(subsets(document["id"] for document in documents))
    reason = draw(often("not ours", " ", None)) if rating == "not_applicable" else None
    return small.response(
        *linked, rating=rating, name=item.id, version=draw(st.integers(1, 2)), exclusion_reason=reason
    )


@st.composite
def _review(
    draw: DrawFn, item: Requirement, response: Json | None, documents: list[Json], programmes: list[str], base: date
) -> Json:
    version = response["version"] if response else 0
    decision = draw(often("accepted", "rejected", "more_information"))
    seen = {document["sha256"] for document in documents}
    decided = draw(_instants(base + timedelta(days=20)))
    found = small.review(
        name=item.id,
        response_version=draw(often(version, max(version - 1, 0))),
        decision=decision,
        programmes=draw(often(programmes, programmes[:1])),
        decided_at=decided,
        reason="because",
    ) | {"documents": draw(often(sorted(seen), sorted(seen)[:1]))}
    excluded = response is not None and response["self_rating"] == "not_applicable"
    if decision == "accepted" and not excluded and draw(SELDOM):
        day = date.fromisoformat(decided[:10])
        until = min(max(day, draw(near(base))), add_months(day, 12))
        found |= {"override": True, "until": str(until), "second_reviewer": "usr-8"}
    return found


@st.composite
def worlds(draw: DrawFn) -> World:
    """A rule set of one to three requirements, its crosswalks, a valid pack, a day."""
    base = draw(st.sampled_from(BASES))
    names = ["1.1", "1.2", "2.1"][: draw(st.integers(1, 3))]
    rules = small.rule_set(*(draw(_requirement(name, base)) for name in names))
    spare = rules.questions_by_id["boolean"].replace(id=UNUSED)
    rules = rules.replace(questions=(*rules.questions, spare))
    further = draw(st.sampled_from([[], [("alpha", "2")], [("beta", "1")]]))
    walks = [draw(_crosswalk(scheme, version, rules, base)) for scheme, version in [("alpha", "1"), *further]]
    programmes = draw(st.sampled_from([[], ["prog-a"], ["prog-b", "prog-a"]]))
    documents = draw(_documents(base))
    asked = list(rules.requirements.values())
    responses = [draw(_response(item, documents)) for item in asked if draw(LIKELY)]
    answered = {response["requirement"]: response for response in responses}
    reviewed = [item for item in asked if draw(st.booleans())]
    held = [draw(_accreditation(f"acc-{index}", programmes, base)) for index in range(draw(st.integers(0, 2)))]
    pack: Json = {
        "rule_set": {"id": rules.id, "version": rules.version},
        "service": {
            "id": "svc-1",
            "name": "Service",
            "provider": "Provider",
            "profile": draw(_profile(base)),
            "programmes": [
                {"id": name, "version": "1", "profile": draw(often({}, {"boolean": True}, {"choices": ["w"]}))}
                for name in programmes
            ],
        },
        "accreditations": held,
        "documents": documents,
        "answers": draw(_answers(rules, base)),
        "responses": responses,
        "reviews": [draw(_review(item, answered.get(item.id), documents, programmes, base)) for item in reviewed],
    }
    return World(rules, tuple(walks), pack, base, draw(st.sampled_from(RUNGS)))
