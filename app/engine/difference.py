"""The difference of two determinations, requirement by requirement, in words (semantics.md 8, 9)."""

from collections.abc import Iterator

from app.engine.determination import (
    Applicability,
    Determination,
    RequirementResult,
    Route,
    Score,
    Scores,
    Statuses,
)
from app.engine.values import Frozen, Name, Text


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


class Standing(Frozen):
    """How one requirement stands; rungs and progress are ``None`` where it does not apply or is excluded."""

    applicability: Applicability
    declared: bool | None
    evidenced: bool | None
    verified: bool | None
    route: Route
    progress: Score | None


class Change(Frozen):
    """A requirement that stands otherwise; ``None`` where one of the two rule sets does not have it."""

    requirement: Name
    before: Standing | None
    after: Standing | None
    words: Text


class Difference(Frozen):
    """Two determinations side by side, and every requirement that stands otherwise, in rule set order."""

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


def difference(before: Determination, after: Determination) -> Difference:
    """What changed; requirements that only ``before`` has come last."""
    return Difference(before=overview(before), after=overview(after), changes=tuple(_changes(before, after)))


def _results(determination: Determination) -> dict[str, RequirementResult]:
    return {item.id: item for standard in determination.standards for item in standard.requirements}


def _changes(before: Determination, after: Determination) -> Iterator[Change]:
    old, new = _results(before), _results(after)
    for name in [*new, *(name for name in old if name not in new)]:
        was, now = _standing(old.get(name)), _standing(new.get(name))
        if was != now:
            yield Change(requirement=name, before=was, after=now, words=_words(name, was, now))


def _standing(result: RequirementResult | None) -> Standing | None:
    if result is None:
        return None
    return Standing(
        applicability=result.applicability,
        declared=result.declared,
        evidenced=result.evidenced,
        verified=result.verified,
        route=result.route,
        progress=result.progress,
    )


_PLACES = {
    "verified": Text(en="verified", cy="wedi'i ddilysu"),
    "evidenced": Text(en="evidenced but not verified", cy="wedi'i dystiolaethu ond heb ei ddilysu"),
    "declared": Text(en="declared only", cy="wedi'i ddatgan yn unig"),
    "nothing": Text(en="not met", cy="heb ei fodloni"),
    "excluded": Text(en="excluded", cy="wedi'i eithrio"),
    "not_applicable": Text(en="not applicable", cy="ddim yn berthnasol"),
}


def _place(standing: Standing) -> Text:
    if standing.applicability != "applicable":
        return _PLACES[standing.applicability]
    rung = "verified" if standing.verified else "evidenced" if standing.evidenced else "nothing"
    return _PLACES["declared" if rung == "nothing" and standing.declared else rung]


def _words(name: str, was: Standing | None, now: Standing | None) -> Text:
    if was is None and now is not None:
        place = _place(now)
        return Text(en=f"{name} is new: {place.en}.", cy=f"Mae {name} yn newydd: {place.cy}.")
    if was is not None and now is None:
        place = _place(was)
        return Text(en=f"{name} is gone; it was {place.en}.", cy=f"Mae {name} wedi mynd; roedd {place.cy}.")
    if was is None or now is None:
        raise ValueError(f"{name} is in neither determination")
    one, two = _place(was), _place(now)
    if one == two:
        routes, steps = (was.route, now.route), (was.progress, now.progress)
        return Text(
            en=f"{name} stays {two.en}; route {routes[0]} to {routes[1]}, progress {steps[0]} to {steps[1]}.",
            cy=f"Mae {name} yn dal {two.cy}; llwybr {routes[0]} i {routes[1]}, cynnydd {steps[0]} i {steps[1]}.",
        )
    return Text(en=f"{name} goes from {one.en} to {two.en}.", cy=f"Mae {name} yn mynd o {one.cy} i {two.cy}.")
