"""An explanation, a forecast and a difference as plain text of 80 columns, in English and Welsh.

The words that reports have already are theirs; those below are for what only these three say.
"""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TypeAlias

from app.engine.determination import RUNGS, RequirementResult, Rung, Scores
from app.engine.difference import Change, Difference, Overview, StandardOverview
from app.engine.explain import BranchFact, CertificateFact, Explanation, LeafFact, NodeFact, ReviewFact, SubjectFact
from app.engine.forecast import Cause, Turn
from app.engine.rules import RuleSet
from app.reports.reasons import Explainer
from app.reports.speech import Speech, clean
from app.reports.text import COLUMNS
from app.reports.words import APPLICABILITIES, RATINGS, ROUTES, RUNG_NAMES, STATUSES, Language, Words

_Standing: TypeAlias = Overview | StandardOverview

SAID: dict[str, Words] = {
    "explanation": Words("Requirement {id} as of {date}", "Gofyniad {id} ar {date}"),
    "result": Words("Result: {place}. How: {route}.", "Canlyniad: {place}. Sut: {route}."),
    "no_rung": Words("No rung reached", "Dim gris wedi'i gyrraedd"),
    "progress": Words("Progress: {progress}%.", "Cynnydd: {progress}%."),
    "until": Words("It stays so through {date}.", "Mae'n aros felly hyd at {date}."),
    "for_ever": Words("No date ahead changes it.", "Nid oes dyddiad i ddod a fydd yn ei newid."),
    "rating": Words("The provider says: {rating}.", "Mae'r darparwr yn dweud: {rating}."),
    "met": Words("met", "wedi'i fodloni"),
    "not_applicable": Words("not applicable", "ddim yn gymwys"),
    "unsaid": Words("nothing, or a draft", "dim, neu ddrafft"),
    "no_stand_in": Words(
        "No accreditation counts against these words.", "Nid oes achrediad yn cyfrif yn erbyn y geiriau hyn."
    ),
    "no_review": Words("There is no review.", "Nid oes adolygiad."),
    "accepted": Words("A reviewer accepted it on {date}.", "Derbyniodd adolygydd ef ar {date}."),
    "rejected": Words("A reviewer rejected it on {date}.", "Gwrthododd adolygydd ef ar {date}."),
    "more_information": Words(
        "A reviewer asked for more information on {date}.", "Gofynnodd adolygydd am ragor o wybodaeth ar {date}."
    ),
    "override": Words("It is an override through {date}.", "Gwrthwneud ydyw, hyd at {date}."),
    "counts": Words("That counts on this day.", "Mae hynny'n cyfrif ar y diwrnod hwn."),
    "counts_not": Words("That does not count on this day.", "Nid yw hynny'n cyfrif ar y diwrnod hwn."),
    "changed": Words("Changed since: {what}.", "Wedi newid ers hynny: {what}."),
    "response": Words("the response", "yr ymateb"),
    "document": Words("the documents", "y dogfennau"),
    "answer": Words("an answer", "ateb"),
    "programme": Words("the programmes", "y rhaglenni"),
    "why": Words("Why it is not verified", "Pam nad yw wedi'i ddilysu"),
    "judged_service": Words("What was judged", "Yr hyn a farnwyd"),
    "judged_programme": Words("Judged for programme {programme}", "Barnwyd ar gyfer rhaglen {programme}"),
    "all": Words("all of:", "pob un o'r rhain:"),
    "any": Words("any of:", "unrhyw un o'r rhain:"),
    "good": Words("Document {document} is good, with no end.", "Mae dogfen {document} yn dda, heb ddiwedd."),
    "good_through": Words("Document {document} is good through {date}.", "Mae dogfen {document} yn dda hyd at {date}."),
    "wanted": Words("Documents wanted: {count}.", "Dogfennau sydd eu hangen: {count}."),
    "covered": Words("Covered by accreditation {ids}.", "Cwmpesir gan achrediad {ids}."),
    "full": Words(
        "Accreditation {id} covers all of it (crosswalk {crosswalk}).",
        "Mae achrediad {id} yn cwmpasu'r cyfan (croesgyfeiriad {crosswalk}).",
    ),
    "partial": Words(
        "Accreditation {id} covers: {leaves} (crosswalk {crosswalk}).",
        "Mae achrediad {id} yn cwmpasu: {leaves} (croesgyfeiriad {crosswalk}).",
    ),
    "forecast": Words(
        "What changes by itself after {since}, through {until}",
        "Yr hyn sy'n newid ohono'i hun ar ôl {since}, hyd at {until}",
    ),
    "no_turns": Words("Neither status nor scores change.", "Nid yw'r statws na'r sgorau'n newid."),
    "from": Words("From {date}", "O {date}"),
    "difference": Words("What stands otherwise", "Yr hyn sy'n wahanol"),
    "no_changes": Words("No requirement stands otherwise.", "Nid oes gofyniad yn wahanol."),
    "no_scores": Words("Status and scores stay the same.", "Mae'r statws a'r sgorau'n aros yr un fath."),
    "score": Words("{rung}: {was} to {now}.", "{rung}: {was} i {now}."),
    "progress_score": Words("Progress: {was} to {now}.", "Cynnydd: {was} i {now}."),
    "practice": Words("Good practice, {rung}: {was} to {now}.", "Arfer da, {rung}: {was} i {now}."),
    "standard": Words("Standard {number}, {said}", "Safon {number}, {said}"),
    "nothing": Words("nothing applies", "dim yn gymwys"),
}

CAUSES: dict[str, Words] = {
    "document_good": Words("Document {id} begins to count.", "Mae dogfen {id} yn dechrau cyfrif."),
    "document_expired": Words("Document {id} has ended.", "Mae dogfen {id} wedi dod i ben."),
    "document_withdrawn": Words("Document {id} is withdrawn.", "Tynnir dogfen {id} yn ôl."),
    "document_replaced": Words("Document {id} is replaced by another.", "Disodlir dogfen {id} gan un arall."),
    "document_too_old": Words("Document {id} is too old.", "Mae dogfen {id} yn rhy hen."),
    "answer_holds": Words("The answer to {id} begins to hold.", "Mae'r ateb i {id} yn dechrau dal."),
    "answer_lapsed": Words("The answer to {id} lies too far back.", "Mae'r ateb i {id} yn rhy bell yn ôl."),
    "accreditation_counts": Words("Accreditation {id} begins to count.", "Mae achrediad {id} yn dechrau cyfrif."),
    "accreditation_edition_not_recognised": Words(
        "The edition of accreditation {id} is no longer recognised.",
        "Ni chydnabyddir argraffiad achrediad {id} mwyach.",
    ),
    "accreditation_stage_not_recognised": Words(
        "The stage of accreditation {id} is no longer recognised.",
        "Ni chydnabyddir cam achrediad {id} mwyach.",
    ),
    "accreditation_crosswalk_not_applicable": Words(
        "The crosswalk of accreditation {id} no longer applies to this profile.",
        "Nid yw croesgyfeiriad achrediad {id} yn gymwys i'r proffil hwn mwyach.",
    ),
    "accreditation_withdrawn": Words("Accreditation {id} is withdrawn.", "Tynnir achrediad {id} yn ôl."),
    "accreditation_expired": Words("Accreditation {id} has ended.", "Mae achrediad {id} wedi dod i ben."),
    "accreditation_suspended": Words("Accreditation {id} is suspended.", "Atelir achrediad {id}."),
    "accreditation_condition_open": Words(
        "A condition on accreditation {id} is open.", "Mae amod ar achrediad {id} yn agored."
    ),
    "accreditation_not_redeclared": Words(
        "The declaration that nothing has changed is due for accreditation {id}.",
        "Mae'r datganiad nad oes dim wedi newid yn ddyledus ar gyfer achrediad {id}.",
    ),
    "accreditation_unverified": Words(
        "Accreditation {id} is due to be checked against the register.",
        "Mae'n bryd gwirio achrediad {id} yn erbyn y gofrestr.",
    ),
    "override_lapsed": Words("The override of {id} has ended.", "Mae'r gwrthwneud ar gyfer {id} wedi dod i ben."),
    "crosswalk_in_use": Words(
        "Another version of the crosswalk {id} is in use.", "Mae fersiwn arall o'r croesgyfeiriad {id} mewn defnydd."
    ),
}


def explanation_text(explanation: Explanation, rule_set: RuleSet, language: Language) -> str:
    """Everything that one requirement was decided by, ending with a line break."""
    return _joined(_Explaining(explanation, rule_set, Speech(language)).lines())


def forecast_text(turns: Sequence[Turn], as_of: date, until: date, language: Language) -> str:
    """Each day ahead on which status or a score changes, with its causes, ending with a line break."""
    speech = Speech(language)
    title = speech.words(SAID["forecast"], since=speech.date(as_of), until=speech.date(until))
    return _joined(_forecast(turns, title, speech))


def turn_in_words(turn: Turn, language: Language) -> tuple[str, ...]:
    """What causes a turn, the status and scores that are otherwise, and the requirements: a sentence an item."""
    speech = Speech(language)
    return (
        *(cause_in_words(cause, speech) for cause in turn.causes),
        *_overview_sentences(turn.before, turn.after, speech),
        *_standard_sentences(turn.before, turn.after, speech),
        *(speech.text(change.words) for change in turn.changes),
    )


def difference_text(difference: Difference, language: Language) -> str:
    """Status and scores before and after, and each requirement that stands otherwise, ending with a line break."""
    speech = Speech(language)
    lines = [*_heading(speech.words(SAID["difference"]), "="), *_overviews(difference.before, difference.after, speech)]
    return _joined(iter([*lines, "", *_changes(difference.changes, speech)]))


def _joined(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _wrapped(text: str, first: str = "", later: str | None = None) -> list[str]:
    indent = " " * len(first) if later is None else later
    return textwrap.wrap(text, COLUMNS, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)


def _heading(text: str, under: str = "-") -> list[str]:
    lines = _wrapped(text)
    return [*lines, under * max(map(len, lines))]


class _Explaining:
    """Puts one explanation into lines; its leaves are numbered in the order of the rule set."""

    def __init__(self, explanation: Explanation, rule_set: RuleSet, speech: Speech) -> None:
        self._found = explanation
        self._speech = speech
        self._explainer = Explainer(rule_set, speech)
        leaves = rule_set.requirements[explanation.requirement].tree.leaves
        self._numbers = {leaf.id: number for number, leaf in enumerate(leaves, start=1)}

    def lines(self) -> Iterator[str]:
        """All of it."""
        found, speech = self._found, self._speech
        title = speech.words(SAID["explanation"], id=found.requirement, date=speech.date(found.as_of))
        yield from _heading(title, "=")
        yield from _wrapped(speech.text(found.statement))
        yield ""
        for sentence in (*self._result(found.result), self._claim(), *self._review(found.review)):
            yield from _wrapped(sentence)
        if found.result.reasons:
            yield from ("", *_heading(speech.words(SAID["why"])))
            for reason in found.result.reasons:
                yield from _wrapped(self._explainer.sentence(reason, self._numbers), "- ")
        for subject in found.judged:
            yield from self._subject(subject)

    def _result(self, result: RequirementResult) -> Iterator[str]:
        speech = self._speech
        rungs = [rung for rung in RUNGS if getattr(result, rung)]
        named = RUNG_NAMES[rungs[-1]] if rungs else APPLICABILITIES[result.applicability]
        if result.applicability == "applicable" and not rungs:
            named = SAID["no_rung"]
        yield speech.words(SAID["result"], place=speech.words(named), route=speech.words(ROUTES[result.route]))
        if result.progress is not None:
            yield speech.words(SAID["progress"], progress=result.progress)
        if result.valid_through is None:
            yield speech.words(SAID["for_ever"])
        else:
            yield speech.words(SAID["until"], date=speech.date(result.valid_through))

    def _claim(self) -> str:
        rating = self._found.self_rating or "unsaid"
        said = self._speech.words(SAID["rating"], rating=self._speech.words((SAID | RATINGS)[rating]))
        return said if self._found.coverage_may_stand_in else f"{said} {self._speech.words(SAID['no_stand_in'])}"

    def _review(self, review: ReviewFact | None) -> Iterator[str]:
        speech = self._speech
        if review is None:
            yield speech.words(SAID["no_review"])
            return
        yield speech.words(SAID[review.decision], date=speech.instant(review.decided_at))
        if review.override_until is not None:
            yield speech.words(SAID["override"], date=speech.date(review.override_until))
        yield speech.words(SAID["counts" if review.counts else "counts_not"])
        if review.changed_since:
            changed = speech.listed(speech.words(SAID[item]) for item in review.changed_since)
            yield speech.words(SAID["changed"], what=changed)

    def _subject(self, subject: SubjectFact) -> Iterator[str]:
        speech = self._speech
        title = speech.words(SAID["judged_service"])
        if subject.programme:
            title = speech.words(SAID["judged_programme"], programme=clean(subject.programme))
        yield from ("", *_heading(title))
        yield from self._node(subject.tree, "")
        for certificate in subject.certificates:
            yield from _wrapped(self._certificate(certificate), f"{_sign(certificate.counts)} ")

    def _node(self, node: NodeFact, indent: str) -> Iterator[str]:
        first = f"{indent}{_sign(node.holds)} "
        if isinstance(node, BranchFact):
            yield first + self._speech.words(SAID[node.kind])
            for part in node.parts:
                yield from self._node(part, f"{indent}    ")
            return
        yield from _wrapped(self._speech.text(node.ask), f"{first}{self._numbers[node.leaf]}. ")
        for sentence in self._facts(node):
            yield from _wrapped(sentence, f"{indent}      - ")

    def _facts(self, leaf: LeafFact) -> Iterator[str]:
        speech = self._speech
        if leaf.wanted_documents is not None:
            yield speech.words(SAID["wanted"], count=leaf.wanted_documents)
        for fact in leaf.documents:
            if fact.why_not is not None:
                yield self._explainer.sentence({"document": fact.document, **fact.why_not}, self._numbers)
            elif fact.good_through is None:
                yield speech.words(SAID["good"], document=clean(fact.document))
            else:
                until = speech.date(fact.good_through)
                yield speech.words(SAID["good_through"], document=clean(fact.document), date=until)
        if leaf.answer is not None:
            data = {"question": leaf.answer.question, "wanted": leaf.answer.wanted}
            given = {"code": "answer_missing"}
            if leaf.answer.given is not None:
                given = {"code": "answer_insufficient", "given": leaf.answer.given}
            yield self._explainer.sentence(data | given, self._numbers)
        if leaf.covered_by:
            yield speech.words(SAID["covered"], ids=speech.listed(map(clean, leaf.covered_by)))

    def _certificate(self, fact: CertificateFact) -> str:
        speech = self._speech
        leaves = speech.listed(str(self._numbers[leaf]) for leaf in fact.leaves)
        crosswalk = f"{fact.crosswalk} {fact.crosswalk_version}"
        said = speech.words(SAID[fact.coverage], id=clean(fact.accreditation), leaves=leaves, crosswalk=crosswalk)
        if fact.hindrance is None:
            return said
        hindrance = self._explainer.sentence(fact.hindrance, self._numbers)
        return f"{said} {hindrance}" if fact.counts else hindrance


def _sign(holds: bool) -> str:  # noqa: FBT001 -- the sign of a yes or no
    return "[+]" if holds else "[-]"


def _forecast(turns: Sequence[Turn], title: str, speech: Speech) -> Iterator[str]:
    yield from _heading(title, "=")
    if not turns:
        yield from _wrapped(speech.words(SAID["no_turns"]))
    for turn in turns:
        yield from ("", *_heading(speech.words(SAID["from"], date=speech.date(turn.on))))
        for cause in turn.causes:
            yield from _wrapped(cause_in_words(cause, speech))
        yield from _overviews(turn.before, turn.after, speech)
        yield from _changes(turn.changes, speech)


def cause_in_words(cause: Cause, speech: Speech) -> str:
    """What ends or begins on a day, as a sentence."""
    return speech.words(CAUSES[cause.kind], id=clean(cause.subject))


def _changes(changes: Sequence[Change], speech: Speech) -> Iterator[str]:
    if not changes:
        yield from _wrapped(speech.words(SAID["no_changes"]))
    for change in changes:
        yield from _wrapped(speech.text(change.words), "- ")


def _overviews(before: Overview, after: Overview, speech: Speech) -> Iterator[str]:
    """The status and scores that are otherwise: of the whole, then of each standard that both have."""
    if before == after:
        yield from _wrapped(speech.words(SAID["no_scores"]))
    for sentence in _overview_sentences(before, after, speech):
        yield from _wrapped(sentence)
    for sentence in _standard_sentences(before, after, speech):
        yield from _wrapped(sentence, "  ")


def _overview_sentences(before: Overview, after: Overview, speech: Speech) -> Iterator[str]:
    yield from _scores(before, after, speech)
    for rung, was, now in _pairs(before.good_practice, after.good_practice):
        one, two = _score(was, None, speech), _score(now, None, speech)
        yield speech.words(SAID["practice"], rung=speech.words(RUNG_NAMES[rung]), was=one, now=two)


def _standard_sentences(before: Overview, after: Overview, speech: Speech) -> Iterator[str]:
    for number, standard in after.standards.items():
        former = before.standards.get(number)
        if former is not None and former != standard:
            said = " ".join(_scores(former, standard, speech))
            yield speech.words(SAID["standard"], number=number, said=said)


def _scores(was: _Standing, now: _Standing, speech: Speech) -> Iterator[str]:
    for rung in RUNGS:
        one = _score(getattr(was.compliance, rung), getattr(was.status, rung, None), speech)
        two = _score(getattr(now.compliance, rung), getattr(now.status, rung, None), speech)
        if one != two:
            yield speech.words(SAID["score"], rung=speech.words(RUNG_NAMES[rung]), was=one, now=two)
    if was.progress != now.progress:
        one, two = _score(was.progress, None, speech), _score(now.progress, None, speech)
        yield speech.words(SAID["progress_score"], was=one, now=two)


def _pairs(was: Scores, now: Scores) -> Iterator[tuple[Rung, str | None, str | None]]:
    """The scores that are otherwise."""
    for rung in RUNGS:
        one, two = getattr(was, rung), getattr(now, rung)
        if one != two:
            yield rung, one, two


def _score(score: str | None, status: str | None, speech: Speech) -> str:
    said = speech.words(SAID["nothing"]) if score is None else f"{score}%"
    names = {str(name): words for name, words in STATUSES.items()}
    return said if status is None else f"{said} ({speech.words(names[status])})"
