"""The scores of one pack by straight-line code: no explanation, no dates ahead, no reuse.

It is what somebody would write who only wanted the numbers, and so the measure of what the engine's structure costs.
It knows the operators and rules that the benchmark's pack uses; the benchmark checks that both give the same scores.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from app.engine.pack import Answer, Document, Pack, Response, Review
from app.engine.rules import AnyCondition, Condition, Crosswalk, NotCondition, ProfileCondition, Requirement, RuleSet
from app.engine.tree import AllOf, AnyOf, DocumentLeaf, Node
from app.engine.values import add_months


def straight_line_scores(  # the yardstick is straight-line code, on purpose
    rule_set: RuleSet, crosswalks: tuple[Crosswalk, ...], pack: Pack, day: date
) -> tuple[Fraction, Fraction, Fraction]:
    """The share of ``must`` weight that is declared, evidenced and verified on ``day``."""
    documents = {item.id: item for item in pack.documents}
    answers = {item.question: item for item in pack.answers}
    responses = {item.requirement: item for item in pack.responses}
    reviews = {item.requirement: item for item in pack.reviews}
    profile = pack.service.profile
    programmes: list[tuple[str | None, dict[str, object]]] = [
        (item.id, {**profile, **item.profile}) for item in pack.service.programmes
    ]
    total = declared_weight = evidenced_weight = verified_weight = 0
    for requirement in rule_set.requirements.values():
        if requirement.obligation != "must":
            continue
        judged: list[tuple[str | None, dict[str, object]]] = [(None, profile)]
        if requirement.concerns == "programme":
            judged = programmes
        judged = [(name, held) for name, held in judged if _truth(requirement.applies_when, held) is not False]
        if not judged:
            continue
        total += requirement.weight
        response = responses.get(requirement.id)
        linked = [documents[name] for name in response.documents] if response else []
        accepted = _accepted(reviews.get(requirement.id), response, linked, judged)
        holding = _holding(requirement, linked, answers, day)
        declared = evidenced = verified = True
        for name, held in judged:
            full, full_verified, leaves, leaves_verified = _covering(requirement, crosswalks, pack, name, held, day)
            if response is not None and response.self_rating not in {None, "met"}:
                full = full_verified = False
                leaves = leaves_verified = set()
            claims = (response is not None and response.self_rating == "met") or (
                (response is None or response.self_rating is None) and full
            )
            shown = claims and (full or _tree(requirement.met_when, holding | leaves))
            declared = declared and claims
            evidenced = evidenced and shown
            verified = (
                verified
                and shown
                and (full_verified or (accepted and _tree(requirement.met_when, holding | leaves_verified)))
            )
        declared_weight += requirement.weight * declared
        evidenced_weight += requirement.weight * evidenced
        verified_weight += requirement.weight * verified
    return Fraction(declared_weight, total), Fraction(evidenced_weight, total), Fraction(verified_weight, total)


def _accepted(
    review: Review | None,
    response: Response | None,
    linked: list[Document],
    judged: list[tuple[str | None, dict[str, object]]],
) -> bool:
    return (
        review is not None
        and review.decision == "accepted"
        and response is not None
        and review.response_version == response.version
        and all(item.sha256 in review.documents for item in linked)
        and all(name is None or name in review.programmes for name, _ in judged)
    )


def _holding(requirement: Requirement, linked: list[Document], answers: dict[str, Answer], day: date) -> set[str]:
    holding: set[str] = set()
    for leaf in requirement.tree.leaves:
        if isinstance(leaf, DocumentLeaf):
            rule = leaf.document
            good = {
                item.sha256
                for item in linked
                if item.type in rule.types
                and item.issued_on <= day
                and (item.valid_until is None or day <= item.valid_until)
                and (rule.max_age_months is None or day <= add_months(item.issued_on, rule.max_age_months))
            }
            if len(good) >= rule.at_least:
                holding.add(leaf.id)
        elif leaf.answer.question in answers:
            operator, wanted = leaf.answer.test
            if _holds(operator, answers[leaf.answer.question].value, wanted, day):
                holding.add(leaf.id)
    return holding


def _covering(
    requirement: Requirement,
    crosswalks: tuple[Crosswalk, ...],
    pack: Pack,
    name: str | None,
    held: dict[str, object],
    day: date,
) -> tuple[bool, bool, set[str], set[str]]:
    full = full_verified = False
    leaves: set[str] = set()
    leaves_verified: set[str] = set()
    for crosswalk in crosswalks:
        entry = crosswalk.entry_for.get(requirement.id)
        if entry is None or (crosswalk.effective_from or day) > day:
            continue
        if _truth(crosswalk.applies_when, held) is not True:
            continue
        for item in pack.accreditations:
            scope = item.scope
            if (
                item.scheme != crosswalk.scheme
                or item.edition not in crosswalk.editions
                or item.stage not in crosswalk.stages
                or not item.awarded_on <= day <= item.expires_on
                or item.unchanged_declared_on is None
                or day > add_months(item.unchanged_declared_on, crosswalk.redeclare_months)
                or (scope.kind == "service" and pack.service.id not in scope.services)
                or (scope.kind == "programme" and name not in [one.id for one in scope.programmes])
            ):
                continue
            checked = item.verified_on is not None and day <= add_months(item.verified_on, crosswalk.recheck_months)
            if entry.coverage == "full":
                full = True
                full_verified = full_verified or checked
            leaves.update(entry.leaves)
            if checked:
                leaves_verified.update(entry.leaves)
    return full, full_verified, leaves, leaves_verified


def _tree(node: Node, holding: set[str]) -> bool:
    if isinstance(node, AllOf):
        return all(_tree(child, holding) for child in node.all)
    if isinstance(node, AnyOf):
        return any(_tree(child, holding) for child in node.any)
    return node.id in holding


def _holds(operator: str, given: object, wanted: object, day: date) -> bool:
    if operator == "within_months":
        since = date.fromisoformat(str(given))
        assert isinstance(wanted, int)
        return since <= day <= add_months(since, wanted)
    if operator in {"at_least", "at_most"}:
        one, two = Decimal(str(given)), Decimal(str(wanted))
        return one >= two if operator == "at_least" else one <= two
    if operator == "one_of":
        assert isinstance(wanted, tuple)
        return given in wanted
    if operator in {"includes_all", "includes_any", "within"}:
        assert isinstance(given, tuple)
        assert isinstance(wanted, tuple)
        common = set(given) & set(wanted)
        return {"includes_all": len(common) == len(set(wanted)), "includes_any": bool(common)}.get(
            operator, len(common) == len(set(given))
        )
    return given == wanted


def _truth(condition: Condition | None, profile: dict[str, object]) -> bool | None:
    if condition is None:
        return True
    if isinstance(condition, NotCondition):
        inner = _truth(condition.not_, profile)
        return None if inner is None else not inner
    if isinstance(condition, ProfileCondition):
        given = profile.get(condition.profile.field)
        operator, wanted = condition.profile.test
        return None if given in {None, ()} else _holds(operator, given, wanted, date.min)
    decisive, children = (True, condition.any) if isinstance(condition, AnyCondition) else (False, condition.all)
    truths = [_truth(child, profile) for child in children]
    return decisive if decisive in truths else (None if None in truths else not decisive)
