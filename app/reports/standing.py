"""Where a service stands, in words: scores, statuses, critical gaps, and what the result rests on."""

from datetime import date

from app.engine.determination import (
    RUNGS,
    Cover,
    Determination,
    RequirementResult,
    Rung,
    Scores,
    StandardResult,
    Status,
    Statuses,
)
from app.engine.rules import RuleSet
from app.reports.content import CriticalBox, Fact, RungScore, StandardLine, StatusWord, Table
from app.reports.speech import Speech, clean, shortened
from app.reports.words import RULE_SET_STATUSES, RUNG_MEANINGS, RUNG_NAMES, STATUSES, VERDICTS

_LINES_IN_BOX = 6
_LONGEST_LINE = 240
LONGEST_CELL = 200


def results(determination: Determination) -> list[RequirementResult]:
    """Every requirement of the determination, in rule set order."""
    return [result for standard in determination.standards for result in standard.requirements]


def satisfied(result: RequirementResult, rung: Rung) -> bool:
    """Whether the requirement holds on ``rung``; one that does not apply holds on none."""
    return {"declared": result.declared, "evidenced": result.evidenced, "verified": result.verified}[rung] is True


def rung_of_gaps(determination: Determination) -> Rung:
    """The rung that the gaps are for; without gaps the highest one on which every applicable requirement holds."""
    if determination.gaps:
        return determination.gaps[0].rung
    applicable = [item for item in results(determination) if item.applicability == "applicable"]
    return next(rung for rung in reversed(RUNGS) if all(satisfied(item, rung) for item in applicable))


def rung_name(speech: Speech, rung: Rung) -> str:
    """A rung as it stands inside a sentence."""
    return speech.words(RUNG_NAMES[rung]).lower()


def score_text(speech: Speech, score: str | None) -> str:
    """A score as published, with a percent sign, or that nothing applies."""
    return speech.say("nothing_applies") if score is None else speech.say("percent", score=score)


def status_word(speech: Speech, status: Status) -> StatusWord:
    """A status with its words."""
    return StatusWord(status, speech.words(STATUSES[status]))


def rung_scores(speech: Speech, scores: Scores, statuses: Statuses) -> tuple[RungScore, ...]:
    """Compliance on the three rungs, each with its status, where a rung has one."""
    found = {"declared": scores.declared, "evidenced": scores.evidenced, "verified": scores.verified}
    status = {"evidenced": statuses.evidenced, "verified": statuses.verified}
    return tuple(
        RungScore(
            rung=rung,
            name=speech.words(RUNG_NAMES[rung]),
            meaning=speech.words(RUNG_MEANINGS[rung]),
            text=score_text(speech, found[rung]),
            tenths=_tenths(found[rung]),
            status=status_word(speech, status[rung]) if rung in status else None,
        )
        for rung in RUNGS
    )


def _tenths(score: str | None) -> int | None:
    return None if score is None else int(score.replace(".", ""))


def verdicts(speech: Speech, determination: Determination) -> tuple[StatusWord, StatusWord]:
    """The plain sentence for the evidenced and for the verified rung, which always says which rule set it is about."""

    def verdict(rung: Rung, status: Status) -> StatusWord:
        name = rung_name(speech, rung)
        ref = determination.rule_set
        return StatusWord(status, speech.words(VERDICTS[status], rule_set=ref.id, version=ref.version, rung=name))

    return verdict("evidenced", determination.status.evidenced), verdict("verified", determination.status.verified)


def critical_box(speech: Speech, determination: Determination, rule_set: RuleSet) -> CriticalBox | None:
    """The safety-critical gaps on the report's rung, or ``None`` where there are none."""
    ids = [gap.requirement for gap in determination.gaps if gap.safety_critical]
    if not ids:
        return None
    first, rest = ids[:_LINES_IN_BOX], ids[_LINES_IN_BOX:]
    return CriticalBox(
        title=speech.say("critical_title", rung=rung_name(speech, rung_of_gaps(determination)), count=len(ids)),
        note=speech.say("critical_note"),
        lines=tuple(
            Fact(name, shortened(speech.text(rule_set.requirements[name].statement), _LONGEST_LINE)) for name in first
        ),
        more=speech.say("critical_more", ids=", ".join(rest)) if rest else None,
    )


def glance(speech: Speech, determination: Determination) -> tuple[Fact, ...]:
    """Of which date and for how long, for which rung, and beside compliance: progress, good practice, gaps."""
    rung, gaps = rung_of_gaps(determination), determination.gaps
    meaning = _lowered(speech.words(RUNG_MEANINGS[rung]))
    critical = sum(gap.safety_critical for gap in gaps)
    must = sum(gap.obligation == "must" for gap in gaps)
    return (
        Fact(speech.say("as_of"), speech.date(determination.as_of)),
        Fact(speech.say("valid_through"), valid_through(speech, determination.valid_through)),
        Fact(speech.say("gaps_for"), speech.say("gaps_for_value", rung=rung_name(speech, rung), meaning=meaning)),
        Fact(speech.say("progress"), score_text(speech, determination.progress)),
        Fact(speech.say("good_practice"), _good_practice(speech, determination.good_practice)),
        Fact(
            speech.say("gap_counts"),
            speech.say("gap_counts_value", must=must, critical=critical, should=len(gaps) - must),
        ),
    )


def _good_practice(speech: Speech, scores: Scores) -> str:
    found = {"declared": scores.declared, "evidenced": scores.evidenced, "verified": scores.verified}
    if set(found.values()) == {None}:
        return speech.say("nothing_applies")
    return "; ".join(f"{rung_name(speech, rung)} {score_text(speech, found[rung])}" for rung in RUNGS)


def terms(speech: Speech, rule_set: RuleSet) -> tuple[Fact, ...]:
    """Against which rule set, and whose wording that is."""
    status = speech.words(RULE_SET_STATUSES[rule_set.status])
    title = shortened(speech.text(rule_set.title), LONGEST_CELL)
    return (
        Fact(
            speech.say("rule_set"),
            speech.say("rule_set_value", title=title, id=rule_set.id, version=rule_set.version, status=status),
        ),
        Fact(speech.say("wording"), _wording(speech, rule_set)),
    )


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def valid_through(speech: Speech, day: date | None) -> str:
    """The last day of validity, said so that nobody takes it for a promise."""
    if day is None:
        return speech.say("valid_for_ever")
    return speech.say("valid_through_value", date=speech.date(day))


def _wording(speech: Speech, rule_set: RuleSet) -> str:
    texts = [item.official_text for item in rule_set.requirements.values()]
    official = sum(text is not None for text in texts)
    said = speech.say("wording_mixed", official=official, all=len(texts)) if official else speech.say("wording_own")
    # Headings come from the published document where its pages are known (of some standard it may not be).
    if any(standard.page is not None for standard in rule_set.standards):
        said = f"{said} {speech.say('headings_official')}"
    if speech.language == "cy" and rule_set.welsh != "official":
        return f"{said} {speech.say('welsh_unofficial')}"
    return said


def rests_on(speech: Speech, determination: Determination, schemes: dict[str, str]) -> Table:
    """For each accreditation that stands in: for what, the weight lost without it, and when that changes."""
    weight = sum(
        item.weight
        for item in results(determination)
        if item.obligation == "must" and item.applicability == "applicable"
    )
    rows = []
    for item in determination.rests_on:
        covered = [
            (result, cover)
            for result in results(determination)
            for cover in result.covered_by
            if cover.accreditation == item.accreditation
        ]
        rows.append(
            (
                clean(item.accreditation),
                schemes.get(item.scheme, clean(item.scheme)),
                _stands_in(speech, [cover for _, cover in covered]),
                *(str(getattr(item.weight, rung)) for rung in RUNGS),
                _next_change(speech, [result for result, _ in covered]),
            )
        )
    return Table(
        title=speech.say("rests_on"),
        note=speech.say("rests_on_note", weight=weight),
        headings=(
            speech.say("accreditation"),
            speech.say("scheme"),
            speech.say("stands_in_for"),
            *(speech.words(RUNG_NAMES[rung]) for rung in RUNGS),
            speech.say("next_change"),
        ),
        rows=tuple(rows),
        empty=speech.say("rests_on_none"),
    )


def _stands_in(speech: Speech, covers: list[Cover]) -> str:
    full = sum(cover.coverage == "full" for cover in covers)
    return speech.say("stands_in_value", full=full, partial=len(covers) - full)


def _next_change(speech: Speech, covered: list[RequirementResult]) -> str:
    """The first day after which the judgement of something that the accreditation stands in for changes."""
    ends = [result.valid_through for result in covered if result.valid_through is not None]
    return speech.date(min(ends)) if ends else speech.say("no_end")


def standard_line(speech: Speech, standard: StandardResult) -> StandardLine:
    """One standard with its statuses and scores."""
    scores = rung_scores(speech, standard.compliance, standard.status)
    return StandardLine(
        number=str(standard.number),
        title=shortened(speech.text(standard.title), LONGEST_CELL),
        statuses=(status_word(speech, standard.status.evidenced), status_word(speech, standard.status.verified)),
        scores=scores,
        bar_alt=speech.say("bar_alt", scores=", ".join(f"{item.name.lower()} {item.text}" for item in scores)),
    )
