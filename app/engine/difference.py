"""The difference of two determinations, requirement by requirement, in words (semantics.md 8, 9)."""

from collections.abc import Iterator

from pydantic import Field

from app.engine.determination import (
    Applicability,
    Determination,
    RequirementResult,
    Route,
    Score,
    Scores,
    Statuses,
)
from app.engine.rules import Lineage, Obligation
from app.engine.values import Frozen, Name, Text, is_none


class Overview(Frozen):
    """What a determination says in short: status and scores, overall and for each standard (by its number)."""

    status: Statuses
    compliance: Scores
    progress: Score | None
    good_practice: Scores
    standards: dict[int, "StandardOverview"]


class StandardOverview(Frozen):
    """What a determination says of one standard in short."""

    status: Statuses
    compliance: Scores
    progress: Score | None


class Counting(Frozen):
    """How a requirement counts in status and scores."""

    obligation: Obligation
    safety_critical: bool
    weight: int


class Standing(Frozen):
    """How one requirement stands; rungs and progress are ``None`` where it does not apply or is excluded.

    ``counting`` is there only where a version of the rule set changes it.
    """

    applicability: Applicability
    declared: bool | None
    evidenced: bool | None
    verified: bool | None
    route: Route
    progress: Score | None
    counting: Counting | None = Field(default=None, exclude_if=is_none)


class Change(Frozen):
    """A requirement that stands otherwise; ``before`` or ``after`` is ``None`` where it is new, or gone.

    ``requirement`` is its id after (before, where it is gone), ``formerly`` its id before. What follows from several
    has a change for each of them, and what was split has one for each that follows.
    """

    requirement: Name
    formerly: Name | None
    before: Standing | None
    after: Standing | None
    words: Text


class Difference(Frozen):
    """Two determinations side by side, and what stands otherwise, in rule set order, with what is gone at the end."""

    before: Overview
    after: Overview
    changes: tuple[Change, ...]


def overview(determination: Determination) -> Overview:
    """Status and scores of a determination."""
    return Overview(
        status=determination.status,
        compliance=determination.compliance,
        progress=determination.progress,
        good_practice=determination.good_practice,
        standards={
            item.number: StandardOverview(status=item.status, compliance=item.compliance, progress=item.progress)
            for item in determination.standards
        },
    )


def difference(before: Determination, after: Determination, lineage: Lineage | None = None) -> Difference:
    """What changed; under a ``lineage`` each requirement is compared with those it follows from."""
    return Difference(before=overview(before), after=overview(after), changes=tuple(_changes(before, after, lineage)))


def _changes(before: Determination, after: Determination, lineage: Lineage | None) -> Iterator[Change]:
    old, new = _results(before), _results(after)
    sources = None if lineage is None else {entry.requirement: entry.from_ for entry in lineage.entries}
    for name, result in new.items():
        formers = (name,) if sources is None else sources[name]
        if not formers:
            now = _standing(result)
            yield Change(requirement=name, formerly=None, before=None, after=now, words=_is_new(name, _place(now)))
        for formerly in formers:
            was, now = _side_by_side(old[formerly], result)
            if was != now:
                words = _moved(name if name == formerly else f"{name} ({formerly})", was, now)
                yield Change(requirement=name, formerly=formerly, before=was, after=now, words=words)
    for name, result in old.items():
        if lineage is not None and name in lineage.retired:
            was = _standing(result)
            yield Change(requirement=name, formerly=name, before=was, after=None, words=_is_gone(name, _place(was)))


def _results(determination: Determination) -> dict[str, RequirementResult]:
    return {item.id: item for standard in determination.standards for item in standard.requirements}


def _side_by_side(before: RequirementResult, after: RequirementResult) -> tuple[Standing, Standing]:
    counted, counts = _counting(before), _counting(after)
    if counted == counts:
        return _standing(before), _standing(after)
    return _standing(before, counted), _standing(after, counts)


def _counting(result: RequirementResult) -> Counting:
    return Counting(obligation=result.obligation, safety_critical=result.safety_critical, weight=result.weight)


def _standing(result: RequirementResult, counting: Counting | None = None) -> Standing:
    return Standing(
        applicability=result.applicability,
        declared=result.declared,
        evidenced=result.evidenced,
        verified=result.verified,
        route=result.route,
        progress=result.progress,
        counting=counting,
    )


_PLACES = {
    "verified": Text(en="verified", cy="wedi'i ddilysu"),
    "evidenced": Text(en="evidenced but not verified", cy="wedi'i dystiolaethu ond heb ei ddilysu"),
    "declared": Text(en="declared only", cy="wedi'i ddatgan yn unig"),
    "nothing": Text(en="not met", cy="heb ei fodloni"),
    "excluded": Text(en="excluded", cy="wedi'i eithrio"),
    "not_applicable": Text(en="not applicable", cy="ddim yn gymwys"),
}


def _place(standing: Standing) -> Text:
    if standing.applicability != "applicable":
        return _PLACES[standing.applicability]
    rung = "verified" if standing.verified else "evidenced" if standing.evidenced else "nothing"
    return _PLACES["declared" if rung == "nothing" and standing.declared else rung]


def _is_new(name: str, place: Text) -> Text:
    return Text(en=f"{name} is new: {place.en}.", cy=f"Mae {name} yn newydd: {place.cy}.")


def _is_gone(name: str, place: Text) -> Text:
    return Text(en=f"{name} is gone; it was {place.en}.", cy=f"Mae {name} wedi mynd; roedd {place.cy}.")


def _moved(name: str, was: Standing, now: Standing) -> Text:
    said = [_stands(name, was, now), *_counts(was.counting, now.counting)]
    return Text(en=" ".join(text.en for text in said), cy=" ".join(str(text.cy) for text in said))


def _stands(name: str, was: Standing, now: Standing) -> Text:
    one, two = _place(was), _place(now)
    if one != two:
        return Text(en=f"{name} goes from {one.en} to {two.en}.", cy=f"Mae {name} yn mynd o {one.cy} i {two.cy}.")
    if was.progress != now.progress:
        return Text(
            en=f"{name} stays {two.en}; its progress goes from {was.progress} to {now.progress}.",
            cy=f"Mae {name} yn dal {two.cy}; mae ei gynnydd yn mynd o {was.progress} i {now.progress}.",
        )
    if was.route != now.route:
        return Text(
            en=f"{name} stays {two.en}, for another reason.",
            cy=f"Mae {name} yn dal {two.cy}, am reswm arall.",
        )
    return Text(en=f"{name} stays {two.en}.", cy=f"Mae {name} yn dal {two.cy}.")


_OBLIGATIONS = {
    "must": Text(en="It is mandatory now.", cy="Mae'n orfodol bellach."),
    "should": Text(en="It is good practice now.", cy="Mae'n arfer da bellach."),
}
_CRITICAL = Text(en="It is safety critical now.", cy="Mae'n gritigol i ddiogelwch bellach.")
_NOT_CRITICAL = Text(en="It is no longer safety critical.", cy="Nid yw'n gritigol i ddiogelwch mwyach.")


def _counts(was: Counting | None, now: Counting | None) -> Iterator[Text]:
    """What of how it counts is otherwise, which may change status and scores while it stands as it did."""
    if was is None or now is None:
        return
    if was.obligation != now.obligation:
        yield _OBLIGATIONS[now.obligation]
    if was.safety_critical != now.safety_critical:
        yield _CRITICAL if now.safety_critical else _NOT_CRITICAL
    if was.weight != now.weight:
        yield Text(
            en=f"Its weight goes from {was.weight} to {now.weight}.",
            cy=f"Mae ei bwysau'n mynd o {was.weight} i {now.weight}.",
        )
