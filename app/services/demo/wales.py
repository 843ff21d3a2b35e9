"""A made-up Wales: six regions, fourteen kinds of service three times each, and three years of their history.

Every place and every organisation is invented: their names are Welsh for fakes, tales, dreams and illusions.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from app.db.values import Area
from app.engine.pack import Programme
from app.engine.values import Value
from app.services.demo import certificates
from app.services.demo.packs import MARK
from app.services.demo.people import (
    COMMISSIONER,
    PEOPLE,
    PROVIDER,
    REVIEWER,
    SCRUTINY,
    SECOND_PROVIDER,
    SECOND_REVIEWER,
    Person,
    board,
)
from app.services.demo.stories import CERTIFIED_PROGRAMME, OWN_PROGRAMME, PROFILE, Chapter, Story

T = TypeVar("T")

# Each region with two local authorities in it, and the two made-up providers that work there.
_REGIONS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "gwent": (("newport", "torfaen"), (PROVIDER, SECOND_PROVIDER)),
    "cardiff_and_vale": (("cardiff", "vale_of_glamorgan"), ("llanffug", "caerchwedl")),
    "cwm_taf_morgannwg": (("bridgend", "rhondda_cynon_taf"), ("cwmrhith", "aberbreuddwyd")),
    "west_glamorgan": (("swansea", "neath_port_talbot"), ("porthffuglen", "glynesgus")),
    "mid_and_west_wales": (("carmarthenshire", "powys"), ("nantystori", "trefhud")),
    "north_wales": (("conwy", "gwynedd"), ("bryndychymyg", "llanfirage")),
}
_KINDS_OF_PROVIDER: Final = ("Change Trust", "Partnership", "Safer Homes", "Family Futures")


class Dice:
    """Choices that depend on a seed and on what they are for, and on nothing else."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def number(self, lowest: int, highest: int, *about: str) -> int:
        """A whole number, both ends included."""
        digest = hashlib.sha256("\n".join((str(self._seed), *about)).encode()).digest()
        return lowest + int.from_bytes(digest[:8], "big") % (highest - lowest + 1)

    def order(self, items: Sequence[T], *about: str) -> list[T]:
        """The items in another order."""
        keyed = [(self.number(0, 2**62, *about, str(index)), index) for index in range(len(items))]
        return [items[index] for _, index in sorted(keyed)]


@dataclass(frozen=True)
class _Kind:
    """One kind of service: its chapters, and in what its profile differs from the ordinary."""

    name: str
    chapters: tuple[Chapter, ...]
    programme_type: str = "behaviour_change"
    profile: Mapping[str, Value] | None = None
    programmes: tuple[Programme, ...] = (OWN_PROGRAMME,)
    uncertified: tuple[str, ...] = ()
    consortium: bool = False
    ended: bool = False


_EARLY: Final = Chapter(days_ago=1000, comes_to="completed", unmet_every=4, unshown_every=5, reviewed_to=25)
_LAST_YEAR: Final = Chapter(days_ago=430, comes_to="completed", unmet_every=9, sent_back_every=14, reviewed_to=40)
_KINDS: Final = (
    _Kind(
        "Everything shown and checked",
        (_EARLY, _LAST_YEAR, Chapter(days_ago=60, comes_to="completed", reviewed_to=999, files=True)),
    ),
    _Kind(
        "Accredited behaviour change",
        (
            _LAST_YEAR,
            Chapter(
                days_ago=50,
                comes_to="completed",
                unmet_every=40,
                reviewed_to=70,
                spares_critical=True,
                certificate=certificates.respect_in_force,
                files=True,
            ),
        ),
        profile={"delivery": ("group",), "contact_with_children": True},
    ),
    _Kind(
        "Prison programme",
        (
            Chapter(
                days_ago=90,
                comes_to="completed",
                unmet_every=15,
                reviewed_to=60,
                spares_critical=True,
                certificate=certificates.csaap,
            ),
            Chapter(days_ago=12, comes_to="submitted", carried=True),
        ),
        profile={"settings": ("custody",), "delivery": ("group",)},
        programmes=(CERTIFIED_PROGRAMME,),
    ),
    _Kind(
        "Certificate lapsed",
        (
            replace(_EARLY, certificate=certificates.respect_in_force),
            Chapter(
                days_ago=30,
                unshown_every=6,
                reviewed_to=20,
                certificate=certificates.respect_lapsed,
                checked_days_ago=200,
            ),
        ),
    ),
    _Kind(
        "Certificate suspended",
        (
            Chapter(
                days_ago=35,
                comes_to="completed",
                unmet_every=11,
                reviewed_to=50,
                certificate=certificates.respect_suspended,
                mends=True,
            ),
        ),
        profile={"client_groups": ("adult_men", "adult_women")},
    ),
    _Kind(
        "Much still missing",
        (_EARLY, Chapter(days_ago=28, unmet_every=3, unshown_every=4, sent_back_every=5, reviewed_to=30, mends=True)),
        profile={"partner_support": "nobody", "uses_volunteers": True},
    ),
    _Kind(
        "One-to-one work",
        (
            Chapter(
                days_ago=40, comes_to="returned", unmet_every=7, sent_back_every=6, reviewed_to=45, spares_critical=True
            ),
        ),
        profile={"delivery": ("one_to_one", "remote")},
    ),
    _Kind(
        "Changed after it was accepted",
        (
            _LAST_YEAR,
            Chapter(
                days_ago=26, comes_to="submitted", unmet_every=13, unshown_every=9, reviewed_to=60, changed_since=6
            ),
        ),
    ),
    _Kind(
        "Young people who harm",
        (Chapter(days_ago=9, comes_to="submitted", unmet_every=8, unshown_every=10, spares_critical=True),),
        programme_type="healthy_relationships",
        profile={"client_groups": ("young_people",), "contact_with_children": True},
    ),
    _Kind(
        "Newid Ymddygiad yn Gymraeg",
        (
            Chapter(days_ago=200, comes_to="completed", unmet_every=20, reviewed_to=80, spares_critical=True),
            Chapter(days_ago=6, comes_to="draft", carried=True),
        ),
    ),
    _Kind(
        "Consortium across two regions",
        (
            _LAST_YEAR,
            Chapter(
                days_ago=20,
                unmet_every=12,
                unshown_every=16,
                reviewed_to=45,
                spares_critical=True,
                overrides=("9.2", "16.1"),
                mends=True,
            ),
        ),
        programmes=(
            Programme(id="first-partner", version="1", name=f"{MARK}Programme of the first partner"),
            Programme(id="second-partner", version="4", name=f"{MARK}Programme of the second partner"),
        ),
        consortium=True,
    ),
    _Kind(
        "Not assessed for years",
        (Chapter(days_ago=1090, comes_to="completed", unmet_every=18, reviewed_to=100, spares_critical=True),),
        programme_type="case_management",
        profile={"delivery": ("case_management", "home_visits")},
    ),
    _Kind(
        "New stalking intervention",
        (Chapter(days_ago=4, comes_to="draft", said_to=12, mends=True),),
        programme_type="stalking",
        profile={"forms_of_abuse": ("stalking",), "delivery": ("one_to_one",)},
    ),
    _Kind(
        "Closed early intervention",
        (
            replace(_EARLY, days_ago=800),
            Chapter(days_ago=300, comes_to="withdrawn", unmet_every=5),
        ),
        programme_type="early_intervention",
        ended=True,
    ),
)
_EACH_KIND: Final = 3


def people() -> tuple[Person, ...]:
    """Everybody who signs in: those of a first visit, and the leads, commissioners and reviewers of all regions."""
    found = [*PEOPLE]
    for region, (_, providers) in _REGIONS.items():
        commissioner = _commissioner(region)
        found.append(Person(commissioner, "commissioner", board(region), "commissioner", region))
        for reviewer in (REVIEWER, SECOND_REVIEWER):
            login = commissioner.replace(COMMISSIONER, reviewer)
            found.append(Person(login, "commissioner", board(region), "reviewer", region))
        found += [Person(login, "provider", _provider_name(login), "provider_lead") for login in providers]
    found.append(Person(SCRUTINY, "scrutiny", "Scrutiny panel, made up", "scrutiny"))
    return tuple({person.login: person for person in reversed(found)}.values())[::-1]


def stories(seed: int) -> tuple[Story, ...]:
    """Forty-two services: each kind three times, seven to a region; the seed decides which where, and how far on."""
    dice = Dice(seed)
    regions = dice.order(list(_REGIONS), "regions")
    kinds = dice.order(_KINDS, "kinds")
    return tuple(
        _story(dice, kind, regions[(number * _EACH_KIND + turn) % len(regions)], regions)
        for number, kind in enumerate(kinds)
        for turn in range(_EACH_KIND)
    )


def _story(dice: Dice, kind: _Kind, region: str, regions: Sequence[str]) -> Story:
    following = regions[(regions.index(region) + 1) % len(regions)]
    where = (region, following) if kind.consortium else (region,)
    authorities, providers = _REGIONS[region]
    provider = providers[dice.number(0, 1, "provider", kind.name, region)]
    return Story(
        name=f"{kind.name}, {_place(provider)}",
        provider=provider,
        chapters=tuple(_varied(dice, chapter, kind.name, region) for chapter in kind.chapters),
        boards=tuple(map(_commissioner, where)),
        area=Area(
            tuple(sorted(where)),
            (authorities[dice.number(0, 1, "authority", kind.name, region)],),
            (kind.programme_type,),
        ),
        profile={**PROFILE, "regions": where, **(kind.profile or {})},
        programmes=kind.programmes,
        uncertified=kind.uncertified,
        ended=kind.ended,
        partner=_REGIONS[following][1][0] if kind.consortium else None,
    )


def _varied(dice: Dice, chapter: Chapter, *about: str) -> Chapter:
    """The chapter some days earlier, and with another share of what is not met; what met everything still does."""
    when = str(chapter.days_ago)
    return replace(
        chapter,
        days_ago=chapter.days_ago + dice.number(0, 5, "days", when, *about),
        unmet_every=chapter.unmet_every + dice.number(0, 3, "unmet", when, *about),
    )


def _commissioner(region: str) -> str:
    return COMMISSIONER if region == "gwent" else f"{COMMISSIONER}-{region.replace('_', '-')}"


def _place(provider: str) -> str:
    found = next((person.organisation for person in PEOPLE if person.login == provider), provider.title())
    return found.removesuffix(" Partnership")


def _provider_name(login: str) -> str:
    known = next((person.organisation for person in PEOPLE if person.login == login), None)
    return known or f"{login.title()} {_KINDS_OF_PROVIDER[sum(map(ord, login)) % len(_KINDS_OF_PROVIDER)]}"
