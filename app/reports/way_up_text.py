"""The cheapest way up as plain text of 80 columns, in English and Welsh."""

import textwrap
from collections.abc import Iterator

from app.engine.determination import RUNGS, Rung
from app.engine.rules import RuleSet
from app.engine.way_up import Gain, Point, Reliance, Step, WayUp
from app.reports.reasons import Explainer
from app.reports.speech import Speech, clean
from app.reports.text import COLUMNS
from app.reports.words import RUNG_NAMES, STATUSES, Language, Words

WAY_WORDS: dict[str, Words] = {
    "title": Words(
        "The cheapest way to meeting rule set {rule_set}, version {version}: {service}, {date}",
        "Y ffordd rataf at fodloni'r set reolau {rule_set}, fersiwn {version}: {service}, {date}",
    ),
    "now": Words("As things stand: {point}.", "Fel y mae: {point}."),
    "after": Words("With all steps: {point}.", "Gyda phob cam: {point}."),
    "decided": Words("Once reviewers have decided too: {point}.", "Wedi i adolygwyr benderfynu hefyd: {point}."),
    "nothing": Words("Nothing applies", "Dim yn gymwys"),
    "exact": Words(
        "New documents and answers: {count}. No fewer would do.",
        "Dogfennau ac atebion newydd: {count}. Ni wnâi llai y tro.",
    ),
    "bounded": Words(
        "New documents and answers: {count}. Fewer than {least} cannot do; whether {least} can was not found out.",
        "Dogfennau ac atebion newydd: {count}. Ni wna llai na {least} y tro; ni chanfuwyd a wna {least}.",
    ),
    "done": Words(
        "Nothing is left to hand in, to claim or to decide.",
        "Nid oes dim ar ôl i'w gyflwyno, ei hawlio na'i benderfynu.",
    ),
    "by_type": Words(
        "Documents are counted by their type: one serves several requirements where it shows what each of them asks.",
        "Cyfrifir dogfennau yn ôl eu math: mae un yn gwasanaethu sawl gofyniad lle mae'n dangos yr hyn a ofyn pob un.",
    ),
    "steps": Words("Steps", "Camau"),
    "link": Words("Link document {id}, which is on file.", "Cysylltwch ddogfen {id}, sydd ar ffeil."),
    "document": Words("Hand in a document: {type}.", "Cyflwynwch ddogfen: {type}."),
    "answer": Words("Answer: {question} What is asked: {wanted}.", "Atebwch: {question} Yr hyn a ofynnir: {wanted}."),
    "serves": Words("{requirement}: {ask}", "{requirement}: {ask}"),
    "closes": Words(
        "With this, these have all they need: {ids}.", "Gyda hyn, mae gan y rhain bopeth sydd ei angen: {ids}."
    ),
    "claims": Words("Then say that you meet: {ids}.", "Yna dywedwch eich bod yn bodloni: {ids}."),
    "accept": Words("Reviewers must still accept: {ids}.", "Rhaid i adolygwyr dderbyn o hyd: {ids}."),
    "verify": Words(
        "Reviewers must still see these accreditations on the register: {ids}.",
        "Rhaid i adolygwyr weld yr achrediadau hyn ar y gofrestr o hyd: {ids}.",
    ),
    "beyond": Words(
        "Nothing was found that satisfies these beside the rest: {ids}.",
        "Ni chanfuwyd dim sy'n bodloni'r rhain ochr yn ochr â'r gweddill: {ids}.",
    ),
    "unstated": Words(
        "{requirement} applies only because the profile does not state: {fields}.",
        "Mae {requirement} yn gymwys dim ond am nad yw'r proffil yn datgan: {fields}.",
    ),
    "certificates": Words("What accreditations save", "Yr hyn y mae achrediadau yn ei arbed"),
    "relies": Words(
        "Without {id} ({scheme}): {point}. Requirements no longer evidenced: {evidenced}; no longer verified:"
        " {verified}. Documents and answers more to hand in: {saves}.",
        "Heb {id} ({scheme}): {point}. Gofynion heb dystiolaeth mwyach: {evidenced}; heb eu dilysu mwyach: {verified}."
        " Dogfennau ac atebion ychwanegol i'w cyflwyno: {saves}.",
    ),
    "gains": Words(
        "An accreditation of {scheme} that is recognised and reaches the service would cover: {ids}."
        " Documents and answers saved: {saves}.",
        "Byddai achrediad {scheme} a gydnabyddir ac sy'n cyrraedd y gwasanaeth yn cwmpasu: {ids}."
        " Dogfennau ac atebion a arbedir: {saves}.",
    ),
}
_SCORED: tuple[Rung, ...] = ("evidenced", "verified")


def way_up_text(way: WayUp, rule_set: RuleSet, language: Language) -> str:
    """The steps, what reviewers must still decide, and what accreditations save; it ends with a line break."""
    return "\n".join(_Telling(way, rule_set, Speech(language)).lines()) + "\n"


class _Telling:
    """One way up, told in one language."""

    def __init__(self, way: WayUp, rule_set: RuleSet, speech: Speech) -> None:
        self._way = way
        self._rule_set = rule_set
        self._speech = speech
        self._explainer = Explainer(rule_set, speech)
        self._types = {item.id: item.text for item in rule_set.document_types}

    def lines(self) -> Iterator[str]:
        """The whole text, line by line."""
        way = self._way
        date = self._speech.date(way.as_of)
        rule_set, service = way.rule_set, clean(way.service.name)
        title = self._say("title", rule_set=rule_set.id, version=rule_set.version, service=service, date=date)
        yield from _heading(title, "=")
        for name, point in (("now", way.now), ("after", way.after_steps), ("decided", way.after_decisions)):
            yield from _wrapped(self._say(name, point=self._point(point)))
        yield ""
        left = (way.steps, way.claims, way.accept, way.verify, way.beyond)
        told = "done" if not any(left) else "exact" if way.exact else "bounded"
        yield from _wrapped(self._say(told, count=way.fewest, least=way.at_least))
        if way.steps:
            yield from _wrapped(self._say("by_type"))
            yield ""
            yield from _heading(self._say("steps"), "-")
        for number, step in enumerate(way.steps, 1):
            yield from self._step(number, step)
        yield from self._rest()

    def _rest(self) -> Iterator[str]:
        way = self._way
        listed = {
            "claims": [item.requirement for item in way.claims],
            "accept": way.accept,
            "verify": way.verify,
            "beyond": way.beyond,
        }
        for name, ids in listed.items():
            if ids:
                yield ""
                yield from _wrapped(self._say(name, ids=self._speech.listed(map(clean, ids))))
        for requirement, fields in way.unstated.items():
            yield ""
            yield from _wrapped(self._say("unstated", requirement=requirement, fields=self._speech.listed(fields)))
        if way.accreditations or way.schemes:
            yield ""
            yield from _heading(self._say("certificates"), "-")
        for relies in way.accreditations:
            yield from _wrapped(self._relies(relies), "- ")
        for gain in way.schemes:
            yield from _wrapped(self._gains(gain), "- ")
        if self._speech.language == "cy":
            yield ""
            yield from _wrapped(self._speech.say("welsh_own"))

    def _step(self, number: int, step: Step) -> Iterator[str]:
        if step.kind == "link":
            said = self._say("link", id=clean(step.subject))
        elif step.kind == "document":
            said = self._say("document", type=self._speech.text(self._types[step.subject]))
        else:
            question = self._rule_set.questions_by_id[step.subject]
            wanted = self._speech.listed(self._explainer.wanted(test, question) for test in step.wanted)
            said = self._say("answer", question=self._speech.text(question.text), wanted=wanted)
        yield from _wrapped(said, f"{number}. ")
        for served in step.serves:
            yield from _wrapped(
                self._say("serves", requirement=served.requirement, ask=self._speech.text(served.ask)), "   - "
            )
        if step.closes:
            yield from _wrapped(self._say("closes", ids=self._speech.listed(step.closes)), "   ")

    def _relies(self, item: Reliance) -> str:
        return self._say(
            "relies",
            id=clean(item.accreditation),
            scheme=item.scheme,
            point=self._point(item.without),
            evidenced=self._speech.listed(item.evidenced),
            verified=self._speech.listed(item.verified),
            saves=item.saves,
        )

    def _gains(self, item: Gain) -> str:
        return self._say("gains", scheme=item.scheme, ids=self._speech.listed(item.covers), saves=item.saves)

    def _point(self, point: Point) -> str:
        parts = []
        for rung in RUNGS:
            score = getattr(point.compliance, rung)
            if rung in _SCORED and score is not None:
                status = self._speech.words(STATUSES[getattr(point.status, rung)])
                parts.append(f"{self._speech.words(RUNG_NAMES[rung])} {score}% ({status})")
        return ", ".join(parts) or self._say("nothing")

    def _say(self, name: str, **data: object) -> str:
        return self._speech.words(WAY_WORDS[name], **data)


def _heading(text: str, line: str) -> Iterator[str]:
    lines = list(_wrapped(text))
    yield from lines
    yield line * max(map(len, lines))


def _wrapped(text: str, first: str = "") -> Iterator[str]:
    yield from textwrap.wrap(
        text, COLUMNS, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False
    )
