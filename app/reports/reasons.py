"""Why a requirement is a gap, in words (the table of semantics.md 7)."""

from collections.abc import Mapping
from datetime import date

from app.engine.determination import Reason
from app.engine.rules import CatalogueField, RuleSet
from app.reports.reason_words import MAY_BE_NULL, REASONS
from app.reports.speech import Speech, clean
from app.reports.words import RATINGS, WANTED

_DATES = frozenset(
    {
        "withdrawn_on",
        "issued_on",
        "valid_from",
        "valid_until",
        "accepted_until",
        "awarded_on",
        "expires_on",
        "suspended_on",
        "opened_on",
        "declared_until",
        "verified_until",
        "until",
    }
)


class Explainer:
    """Puts the reasons of determinations under one rule set into the words of one language."""

    def __init__(self, rule_set: RuleSet, speech: Speech) -> None:
        self._rule_set = rule_set
        self._speech = speech
        self._types = {kind.id: kind.text for kind in rule_set.document_types}

    def sentence(self, reason: Reason, items: Mapping[str, int]) -> str:
        """One reason as a sentence, its data in words.

        ``items`` numbers the asked leaves, which a reason about a leaf points to. Raises ``ValueError`` for a code
        that has no sentence: a reason is never left out.
        """
        template = _template(reason)
        if template not in REASONS:
            raise ValueError(
                f"no sentence for the reason code {template!r}; add it to app/reports/reason_words.py in both languages"
            )
        question = self._rule_set.questions_by_id.get(str(reason.get("question")))
        said = {name: self._datum(name, value, question) for name, value in reason.items() if name != "code"}
        parts = [self._speech.words(REASONS[template], **said)]
        programmes = [reason["programme"]] if "programme" in reason else reason.get("programmes", [])
        if programmes:
            parts.append(self._speech.say("programme", programmes=", ".join(map(clean, programmes))))
        if "leaf" in reason:
            parts.append(self._speech.say("item", item=items[reason["leaf"]]))
        return " ".join(parts)

    def _datum(self, name: str, value: object, question: CatalogueField | None) -> str:
        speech = self._speech
        if isinstance(value, str) and name in _DATES:
            return speech.date(date.fromisoformat(value))
        if isinstance(value, list) and name in {"types", "fields"}:
            return self._named(name, value)
        if question is not None and name in {"question", "wanted", "given"}:
            return self._answer(name, value, question)
        if name == "decided_at":
            return speech.instant(str(value))
        return speech.words(RATINGS[str(value)]) if name == "rating" else clean(str(value))

    def _named(self, name: str, ids: list[str]) -> str:
        """Document types or profile fields by what they are called."""
        if name == "types":
            *others, last = (self._speech.text(self._types[kind]) for kind in ids)
            return f"{', '.join(others)} {self._speech.say('or')} {last}" if others else last
        return "; ".join(self._speech.text(self._rule_set.profile_fields[field].text) for field in ids)

    def _answer(self, name: str, value: object, question: CatalogueField) -> str:
        if name == "question":
            return self._speech.text(question.text)
        return self.wanted(value, question) if isinstance(value, dict) else self._value(value, question)

    def wanted(self, test: Mapping[str, object], question: CatalogueField) -> str:
        """What is asked of the answer to a question, as ``{operator: value}`` has it, in words."""
        ((operator, wanted),) = test.items()
        within = operator == "within_months"
        said = self._speech.months(int(str(wanted))) if within else self._value(wanted, question)
        return self._speech.words(WANTED[operator], value=said)

    def _value(self, value: object, question: CatalogueField) -> str:
        """The value of an answer in words: options by their text, numbers with their unit, dates written out."""
        speech = self._speech
        if isinstance(value, bool):
            return speech.say("yes" if value else "no")
        if isinstance(value, list | tuple):
            return speech.listed(self._value(item, question) for item in value)
        options = {option.id: option.text for option in question.options}
        if value in options:
            return speech.text(options[str(value)])
        if question.type == "date":
            return speech.date(date.fromisoformat(str(value)))
        return speech.amount(clean(str(value)), question)


def _template(reason: Reason) -> str:
    """Which sentence: the code, and where its data can take two forms, which form."""
    code = str(reason["code"])
    if code == "document_not_yet_valid":
        return f"{code}/{'issued_on' if 'issued_on' in reason else 'valid_from'}"
    if code in MAY_BE_NULL and not str(reason[MAY_BE_NULL[code]] or "").strip():
        return f"{code}/never"
    return code
