"""The public pages of rule sets, schemes and crosswalks: what each shows, and where each is.

A page is another form of what the same address gives as JSON, for a person to read and to link to.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from app.engine.rules import Crosswalk, CrosswalkEntry, Requirement, RuleSet, Scheme, Standard
from app.engine.values import version_order
from app.loader.catalogue import Catalogue
from app.reports.html import page
from app.reports.words import Language
from app.stewardship.rules_in_words import InWords, RulesInWords
from app.stewardship.words import CONCERNS, SCOPES

_Item = TypeVar("_Item")


class _Versioned(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def version(self) -> str: ...


class Addresses:
    """Where things are. A language that was chosen by name is kept from page to page."""

    def __init__(self, chosen: Language | None = None) -> None:
        self._query = f"?lang={chosen}" if chosen else ""

    def rule_sets(self) -> str:
        """The list of rule sets."""
        return f"/v1/rule-sets{self._query}"

    def versions(self, rule_set: _Versioned) -> str:
        """The versions of one rule set."""
        return f"/v1/rule-sets/{rule_set.id}{self._query}"

    def rule_set(self, rule_set: _Versioned) -> str:
        """One version of a rule set."""
        return f"{self._version(rule_set)}{self._query}"

    def standard(self, rule_set: _Versioned, standard: Standard) -> str:
        """One standard of a rule set version."""
        return f"{self._version(rule_set)}/standards/{standard.number}{self._query}"

    def requirement(self, rule_set: _Versioned, requirement: Requirement) -> str:
        """One requirement of a rule set version."""
        return f"{self._version(rule_set)}/requirements/{requirement.id}{self._query}"

    def item(self, rule_set: _Versioned, requirement: Requirement, leaf: str) -> str:
        """One item to show, on the page of its requirement."""
        return f"{self.requirement(rule_set, requirement)}#item-{leaf}"

    def verification(self) -> str:
        """Where anybody verifies what was issued."""
        return f"/v1/verification{self._query}"

    def schemes(self) -> str:
        """The list of accreditation schemes."""
        return f"/v1/accreditation-schemes{self._query}"

    def scheme(self, scheme: str) -> str:
        """One scheme, by its id."""
        return f"/v1/accreditation-schemes/{scheme}{self._query}"

    def crosswalks(self) -> str:
        """The list of crosswalks."""
        return f"/v1/crosswalks{self._query}"

    def crosswalk_versions(self, crosswalk: _Versioned) -> str:
        """The versions of one crosswalk."""
        return f"/v1/crosswalks/{crosswalk.id}{self._query}"

    def crosswalk(self, crosswalk: _Versioned) -> str:
        """One version of a crosswalk."""
        return f"/v1/crosswalks/{crosswalk.id}/versions/{crosswalk.version}{self._query}"

    def _version(self, rule_set: _Versioned) -> str:
        return f"/v1/rule-sets/{rule_set.id}/versions/{rule_set.version}"


class Pages(NamedTuple):
    """The pages of a catalogue in one language; ``chosen`` is that language where it was asked for by name."""

    catalogue: Catalogue
    language: Language
    chosen: Language | None

    def welcome(self) -> bytes:
        """What the service is, and what of it everybody may read."""
        return self._page("welcome.html")

    def rule_sets(self) -> bytes:
        """The list of rule set versions."""
        return self._page("rule_sets.html", items=rule_sets_of(self.catalogue), of=None)

    def rule_set_versions(self, versions: Sequence[RuleSet]) -> bytes:
        """The versions of one rule set, which is called what the newest, the last, is called."""
        return self._page("rule_sets.html", items=versions, of=versions[-1])

    def rule_set(self, rule_set: RuleSet) -> bytes:
        """A rule set version with its standards."""
        others = [item for item in rule_sets_of(self.catalogue) if item.id == rule_set.id and item is not rule_set]
        return self._page(
            "rule_set.html",
            rule_set,
            requirements=tuple(rule_set.requirements.values()),
            official=_official(rule_set.requirements.values()),
            headings=_headings(rule_set),
            others=others,
            crosswalks=in_order(self.catalogue.crosswalks_for(rule_set)),
        )

    def standard(self, rule_set: RuleSet, standard: Standard) -> bytes:
        """A standard with its requirements."""
        to = Addresses(self.chosen)
        before, after = _neighbours(rule_set.standards, standard)
        return self._page(
            "standard.html",
            rule_set,
            standard=standard,
            official=_official(standard.requirements),
            headings=_headings(rule_set),
            before=before and (to.standard(rule_set, before), before.number),
            after=after and (to.standard(rule_set, after), after.number),
        )

    def requirement(self, rule_set: RuleSet, standard: Standard, requirement: Requirement) -> bytes:
        """A requirement whole: what it asks for, what it rests on, and what each scheme shows of it."""
        to = Addresses(self.chosen)
        before, after = _neighbours(tuple(rule_set.requirements.values()), requirement)
        return self._page(
            "requirement.html",
            rule_set,
            standard=standard,
            requirement=requirement,
            concerns=InWords(self.language).speech.words(CONCERNS[requirement.concerns]),
            headings=_headings(rule_set),
            coverage=coverage_of(self.catalogue, rule_set, requirement),
            before=before and (to.requirement(rule_set, before), before.id),
            after=after and (to.requirement(rule_set, after), after.id),
        )

    def schemes(self) -> bytes:
        """The list of accreditation schemes."""
        speech = InWords(self.language).speech
        items = tuple(self.catalogue.schemes[name] for name in sorted(self.catalogue.schemes))
        return self._page(
            "schemes.html", items=items, scopes={item.id: speech.words(SCOPES[item.scope]) for item in items}
        )

    def scheme(self, scheme: Scheme) -> bytes:
        """A scheme: what its certificates can say, and which crosswalks there are."""
        scope = InWords(self.language).speech.words(SCOPES[scheme.scope])
        crosswalks = in_order([item for item in self.catalogue.crosswalks if item.scheme == scheme.id])
        return self._page("scheme.html", scheme=scheme, scope=scope, crosswalks=crosswalks)

    def crosswalks(self) -> bytes:
        """The list of crosswalk versions."""
        return self._page("crosswalks.html", items=in_order(self.catalogue.crosswalks), of=None)

    def crosswalk_versions(self, versions: Sequence[Crosswalk]) -> bytes:
        """The versions of one crosswalk."""
        return self._page("crosswalks.html", items=versions, of=versions[-1])

    def crosswalk(self, crosswalk: Crosswalk) -> bytes:
        """A crosswalk version, requirement by requirement."""
        rule_set = self.catalogue.rule_set(crosswalk.rule_set.id, crosswalk.rule_set.version)
        known = in_order(self.catalogue.crosswalks)
        others = [item for item in known if item.id == crosswalk.id and item is not crosswalk]
        return self._page("crosswalk.html", rule_set, crosswalk=crosswalk, others=others)

    def missing(self) -> bytes:
        """What is shown at an address where there is nothing. It repeats nothing of the address."""
        return self._page("missing.html")

    def _page(self, template: str, rule_set: RuleSet | None = None, **content: object) -> bytes:
        words = InWords(self.language) if rule_set is None else RulesInWords(rule_set, self.language)
        shared: Mapping[str, object] = {
            "to": Addresses(self.chosen),
            "words": words,
            "rule_set": rule_set,
            "schemes": self.catalogue.schemes,
        }
        return page(template, self.language, **shared, **content)


def rule_sets_of(catalogue: Catalogue) -> tuple[RuleSet, ...]:
    """Every version of every rule set, by id, the oldest version first."""
    return tuple(sorted(catalogue.rule_sets.values(), key=lambda item: (item.id, version_order(item.version))))


def in_order(crosswalks: Sequence[Crosswalk]) -> tuple[Crosswalk, ...]:
    """Crosswalks by id, the oldest version first."""
    return tuple(sorted(crosswalks, key=lambda item: (item.id, version_order(item.version))))


def coverage_of(
    catalogue: Catalogue, rule_set: RuleSet, requirement: Requirement
) -> tuple[tuple[Crosswalk, CrosswalkEntry | None], ...]:
    """What each version of each crosswalk says of a requirement; which one is in use depends on the date judged."""
    crosswalks = in_order(catalogue.crosswalks_for(rule_set))
    return tuple((item, item.entry_for.get(requirement.id)) for item in crosswalks)


def _official(requirements: Iterable[Requirement]) -> int:
    """How many have official text beside them."""
    return sum(item.official_text is not None for item in requirements)


def _headings(rule_set: RuleSet) -> bool:
    """Whether the headings were read in the published document, where they have pages; not every page need be known."""
    return any(item.page is not None for item in rule_set.standards)


def _neighbours(items: Sequence[_Item], item: _Item) -> tuple[_Item | None, _Item | None]:
    """The items before and after one of ``items``; ``None`` at the ends."""
    place = items.index(item)
    before = items[place - 1] if place else None
    after = items[place + 1] if place + 1 < len(items) else None
    return before, after
