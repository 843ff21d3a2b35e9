"""The content of a gap report: a determination and its rule set, put into words of one language."""

from collections.abc import Mapping

from app.engine.determination import ROUTES, Determination, Gap, RequirementResult, Rung
from app.engine.rules import BASES, Requirement, RuleSet, Scheme
from app.engine.values import Text
from app.reports import standing, words
from app.reports.content import Fact, GapEntry, GapReport, HandIn, Headings, Table
from app.reports.reasons import Explainer
from app.reports.speech import Speech, clean, shortened
from app.reports.words import Language


def gap_report(
    determination: Determination,
    rule_set: RuleSet,
    *,
    language: Language = "en",
    schemes: Mapping[str, Scheme] | None = None,
) -> GapReport:
    """Say a determination in words, gaps in the determination's own order.

    ``schemes`` (by id) gives accreditation schemes their titles; one that is not among them is called by its id.
    Raises ``ValueError`` where ``rule_set`` is not the one that the determination was made with, or where a reason
    has a code without a sentence.
    """
    if rule_set.sha256 != determination.rule_set.sha256:
        raise ValueError(
            f"the determination was made with rule set {determination.rule_set.id} {determination.rule_set.version}, "
            f"SHA-256 {determination.rule_set.sha256}; give that one, not {rule_set.id} {rule_set.version}, "
            f"SHA-256 {rule_set.sha256}"
        )
    speech = Speech(language)
    rung = standing.rung_of_gaps(determination)
    titles = {name: speech.text(scheme.title) for name, scheme in (schemes or {}).items()}
    writer = _GapWriter(determination, rule_set, speech, titles)
    return GapReport(
        language=language,
        title=speech.say("gap_report"),
        service=clean(determination.service.name),
        provider=clean(determination.service.provider),
        as_of=speech.date(determination.as_of),
        rule_set=f"{rule_set.id} {rule_set.version}",
        headings=_headings(speech, determination, rung),
        critical=standing.critical_box(speech, determination, rule_set),
        verdicts=standing.verdicts(speech, determination),
        scores=standing.rung_scores(speech, determination.compliance, determination.status),
        glance=standing.glance(speech, determination),
        terms=standing.terms(speech, rule_set),
        rests_on=standing.rests_on(speech, determination, titles),
        standards=tuple(standing.standard_line(speech, standard) for standard in determination.standards),
        gaps=tuple(writer.entry(gap) for gap in determination.gaps),
        satisfied=_satisfied(speech, determination, rule_set, rung),
        uncounted=_uncounted(speech, determination, rule_set),
        how=tuple(speech.say(phrase) for phrase in ("how_rungs", "how_scores", "how_note", "how_limits")),
        provenance=_provenance(speech, determination),
    )


def _headings(speech: Speech, determination: Determination, rung: Rung) -> Headings:
    name = standing.rung_name(speech, rung)
    anything = any(item.applicability == "applicable" for item in standing.results(determination))
    return Headings(
        provider=speech.say("provider"),
        compliance=speech.say("compliance"),
        claim_no_status=speech.say("claim_no_status"),
        standards=speech.say("standards"),
        standards_note=speech.say("standards_note"),
        standards_columns=(
            speech.say("number"),
            speech.say("standard"),
            *(speech.words(item) for item in words.RUNG_NAMES.values()),
            speech.say("bar"),
        ),
        gaps=speech.say("gaps", rung=name, count=len(determination.gaps)),
        gaps_note=speech.say("gaps_note"),
        gaps_none=speech.say("gaps_none", rung=name) if anything else speech.say("gaps_nothing"),
        why=speech.say("why"),
        hand_in=speech.say("hand_in"),
        how=speech.say("how"),
        page=speech.say("page", page="{page}"),
    )


class _GapWriter:
    """Writes the gaps of one determination."""

    def __init__(
        self, determination: Determination, rule_set: RuleSet, speech: Speech, titles: Mapping[str, str]
    ) -> None:
        self._rule_set = rule_set
        self._speech = speech
        self._titles = titles
        self._explainer = Explainer(rule_set, speech)
        self._places = {
            result.id: speech.say(
                "in_standard", number=standard.number, title=shortened(speech.text(standard.title), 120)
            )
            for standard in determination.standards
            for result in standard.requirements
        }

    def entry(self, gap: Gap) -> GapEntry:
        """One gap with its reasons, what to hand in, what would cover it, and what its wording rests on."""
        speech = self._speech
        requirement = self._rule_set.requirements[gap.requirement]
        numbers = {leaf: number for number, leaf in enumerate(dict.fromkeys(ask.leaf for ask in gap.asks), start=1)}
        return GapEntry(
            id=gap.requirement,
            statement=speech.text(requirement.statement),
            official_text=self._phrase("official_text", requirement.official_text),
            obligation=gap.obligation,
            critical=speech.say("safety_critical") if gap.safety_critical else None,
            risk=self._phrase("why_risk", requirement.safety_reason) if gap.safety_critical else None,
            place=self._place(gap),
            reasons=tuple(self._explainer.sentence(reason, numbers) for reason in gap.reasons),
            hand_in=self._hand_in(gap, numbers),
            hand_in_nothing=None if gap.asks else speech.say("hand_in_nothing", why=speech.say("why")),
            would_cover=self._would_cover(gap),
            basis=self._basis(requirement),
        )

    def _phrase(self, phrase: str, text: Text | None) -> str | None:
        return None if text is None else self._speech.say(phrase, text=self._speech.text(text))

    def _place(self, gap: Gap) -> str:
        speech = self._speech
        return " · ".join(
            (
                self._places[gap.requirement],
                speech.words(words.OBLIGATIONS[gap.obligation]),
                speech.say("weight", weight=gap.weight),
            )
        )

    def _hand_in(self, gap: Gap, numbers: Mapping[str, int]) -> tuple[HandIn, ...]:
        """One item for each leaf; asked of several programmes, it names them."""
        found = []
        for leaf, number in numbers.items():
            asks = [ask for ask in gap.asks if ask.leaf == leaf]
            programmes = ", ".join(clean(ask.programme) for ask in asks if ask.programme is not None)
            said = self._speech.say("programme", programmes=programmes) if programmes else None
            found.append(HandIn(number, self._speech.text(asks[0].ask), said))
        return tuple(found)

    def _would_cover(self, gap: Gap) -> str:
        if not gap.would_be_covered_by:
            return self._speech.say("would_cover_none")
        schemes = ", ".join(self._titles.get(scheme, scheme) for scheme in gap.would_be_covered_by)
        return self._speech.say("would_cover", schemes=schemes)

    def _basis(self, requirement: Requirement) -> str:
        listed = ", ".join(self._speech.words(words.BASES[basis]) for basis in requirement.basis)
        return self._speech.say("basis", basis=listed)


def _statement(speech: Speech, rule_set: RuleSet, result: RequirementResult) -> str:
    return shortened(speech.text(rule_set.requirements[result.id].statement), standing.LONGEST_CELL)


def _satisfied(speech: Speech, determination: Determination, rule_set: RuleSet, rung: Rung) -> Table:
    held = [item for item in standing.results(determination) if standing.satisfied(item, rung)]
    return Table(
        title=speech.say("satisfied", rung=standing.rung_name(speech, rung), count=len(held)),
        note="",
        headings=(
            speech.say("number"),
            speech.say("requirement"),
            speech.say("route"),
            speech.say("valid_through"),
        ),
        rows=tuple(
            (
                item.id,
                _statement(speech, rule_set, item),
                _route(speech, item),
                speech.date(item.valid_through) if item.valid_through else speech.say("no_end"),
            )
            for item in held
        ),
        empty=speech.say("satisfied_none"),
    )


def _route(speech: Speech, result: RequirementResult) -> str:
    route = speech.words(words.ROUTES[result.route])
    override = result.override
    if override is None:
        return route
    reason = shortened(clean(override.reason), standing.LONGEST_CELL)
    return speech.say("override_until", route=route, date=speech.date(override.until), reason=reason)


def _uncounted(speech: Speech, determination: Determination, rule_set: RuleSet) -> Table:
    left_out = [item for item in standing.results(determination) if item.applicability != "applicable"]
    return Table(
        title=speech.say("uncounted", count=len(left_out)),
        note="",
        headings=(
            speech.say("number"),
            speech.say("requirement"),
            speech.say("status"),
            speech.say("why_short"),
        ),
        rows=tuple(
            (
                item.id,
                _statement(speech, rule_set, item),
                speech.words(words.APPLICABILITIES[item.applicability]),
                speech.words(words.ROUTES[item.route]),
            )
            for item in left_out
        ),
        empty=speech.say("uncounted_none"),
    )


def _provenance(speech: Speech, determination: Determination) -> tuple[Fact, ...]:
    """What anyone needs to work the determination out again, and the counts behind the scores."""
    rule_set, must = determination.rule_set, determination.counts.must
    crosswalks = [
        Fact(speech.say("crosswalks"), speech.say("crosswalk", id=item.id, version=item.version, sha256=item.sha256))
        for item in determination.crosswalks
    ]
    return (
        Fact(speech.say("service_id"), clean(determination.service.id)),
        Fact(speech.say("engine"), determination.engine),
        Fact(speech.say("rule_set_hash"), rule_set.sha256),
        Fact(speech.say("pack_hash"), determination.pack_sha256),
        Fact(speech.say("determination_hash"), determination.sha256),
        *(crosswalks or [Fact(speech.say("crosswalks"), speech.say("none"))]),
        Fact(
            speech.say("basis_counts"),
            "; ".join(
                speech.say("counted", name=speech.words(words.BASES[basis]), count=determination.counts.basis[basis])
                for basis in BASES
            ),
        ),
        Fact(
            speech.say("judged"),
            speech.say(
                "judged_value",
                applicable=must.applicable,
                excluded=must.excluded,
                not_applicable=must.not_applicable,
            ),
        ),
        Fact(
            speech.say("route_counts"),
            "; ".join(
                speech.say("counted", name=speech.words(words.ROUTES[route]), count=must.by_route[route])
                for route in ROUTES
            ),
        ),
    )
