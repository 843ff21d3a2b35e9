"""What is told of made-up services: a story for each, a chapter for each of its assessments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.db.values import Area, State
from app.engine.pack import Accreditation, Programme
from app.engine.rules import Requirement
from app.engine.values import Value
from app.services.demo import certificates
from app.services.demo.packs import MARK
from app.services.demo.people import COMMISSIONER, PROVIDER, SECOND_PROVIDER

PROFILE: Final[Mapping[str, Value]] = {
    "forms_of_abuse": ("domestic_abuse",),
    "client_groups": ("adult_men",),
    "delivery": ("group", "one_to_one"),
    "settings": ("community",),
    "regions": ("gwent",),
    "contact_with_children": False,
    "uses_volunteers": False,
    "partner_support": "partner_organisation",
}
OWN_PROGRAMME: Final = Programme(id="group-programme", version="3", name=f"{MARK}Group programme")
CERTIFIED_PROGRAMME: Final = Programme(id="building-choices", version="1", name="Building Choices")
ALL: Final = 10_000  # more than there are requirements


@dataclass(frozen=True)
class Chapter:
    """One assessment, begun and handed in so many days ago, and the state that it came to.

    Every so many-th requirement, counted from 1, is not met, not shown, or sent back; ``spares_critical`` says that
    none of these is safety critical. The provider has said something up to ``said_to``, the reviewer decided up to
    ``reviewed_to``. ``changed_since``: so many accepted responses were returned and changed. What is completed was
    issued too. ``mends``: the provider records what it does about gaps. ``files``: the files of its documents are there
    too. ``carried``: it is the assessment before, carried forward to the next version of the rule set.
    """

    days_ago: int = 21
    comes_to: State = "in_review"
    unmet_every: int = ALL
    unshown_every: int = ALL
    sent_back_every: int = ALL
    reviewed_to: int = 0
    said_to: int = ALL
    spares_critical: bool = False
    certificate: Callable[[date, str], Accreditation] | None = None
    checked_days_ago: int = 14
    changed_since: int = 0
    overrides: tuple[str, ...] = ()
    mends: bool = False
    files: bool = False
    carried: bool = False

    def keeps(self, every: int, number: int, requirement: Requirement) -> bool:
        """Whether the requirement of this number is none of every so many, or spared."""
        return number % every != 0 or (self.spares_critical and requirement.safety_critical)


@dataclass(frozen=True)
class Story:
    """One made-up service: whose it is, where it works, and its assessments, oldest first.

    Its assessments are shared with ``boards``, logins of commissioners; reviewers of the first one review them.
    ``ended`` says that the provider took the last share back later. ``partner`` is the login of another provider, who
    takes part in it.
    """

    name: str
    provider: str
    chapters: tuple[Chapter, ...]
    boards: tuple[str, ...] = (COMMISSIONER,)
    area: Area = field(default_factory=lambda: Area(("gwent",), ("newport",), ("behaviour_change",)))
    profile: Mapping[str, Value] = field(default_factory=lambda: PROFILE)
    programmes: tuple[Programme, ...] = (OWN_PROGRAMME,)
    # Programmes that the certificate says nothing of: for these the provider shows what it leaves to the certificate.
    uncertified: tuple[str, ...] = ()
    ended: bool = False
    partner: str | None = None


# What `scripts/run` enters: few, so that the first start is quick.
FIRST_STORIES: Final = (
    Story(
        name="Community behaviour change",
        provider=PROVIDER,
        chapters=(
            Chapter(
                comes_to="completed",
                certificate=certificates.respect_in_force,
                unmet_every=17,
                unshown_every=19,
                sent_back_every=23,
                reviewed_to=125,
                spares_critical=True,
                files=True,
            ),
        ),
    ),
    Story(
        name="Two programmes, one accredited",
        provider=SECOND_PROVIDER,
        programmes=(
            CERTIFIED_PROGRAMME,
            Programme(id="own-programme", version="2", name=f"{MARK}Our own programme"),
        ),
        uncertified=("own-programme",),
        chapters=(
            Chapter(
                certificate=certificates.csaap,
                unmet_every=10,
                unshown_every=6,
                sent_back_every=9,
                reviewed_to=40,
                mends=True,
            ),
        ),
    ),
    Story(
        name="Small one-to-one service",
        provider=SECOND_PROVIDER,
        chapters=(Chapter(unmet_every=2, unshown_every=3, sent_back_every=5, reviewed_to=20),),
    ),
    Story(
        name="Certificate lapsed",
        provider=PROVIDER,
        chapters=(
            Chapter(
                certificate=certificates.respect_lapsed,
                checked_days_ago=200,
                unmet_every=11,
                unshown_every=4,
                sent_back_every=12,
                reviewed_to=25,
            ),
        ),
    ),
    Story(
        name="Changed after it was accepted",
        provider=PROVIDER,
        chapters=(
            Chapter(
                comes_to="submitted",
                unmet_every=13,
                unshown_every=7,
                sent_back_every=10,
                reviewed_to=60,
                changed_since=6,
            ),
        ),
    ),
)
