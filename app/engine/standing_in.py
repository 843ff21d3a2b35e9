"""Which certificates stand in for requirements, from when until when (semantics.md 4, 5.3).

Requirements that the crosswalks list alike, judged for the same programmes, see the same certificates: what those show
is worked out once for all of them, and again only for the days from which it may be otherwise.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple, TypeAlias

from app.engine.coverage import Certificate, Code, Hindrance, Subject
from app.engine.determination import Cover, Reason
from app.engine.tree import Tree
from app.engine.values import day_before, trusted

# What a requirement is judged for, by name: programmes, the programme without a name (""), or the service (None).
Names: TypeAlias = tuple[str | None, ...]


class Held(NamedTuple):
    """A certificate whose crosswalk has an entry for the requirement, and what the entry says."""

    certificate: Certificate
    full: bool
    leaves: int


class Coverage(NamedTuple):
    """What accreditations show for one subject: the whole requirement, or leaves (as bits); verified ones apart."""

    full: bool
    full_verified: bool
    leaves: int
    leaves_verified: int


NO_COVERAGE = Coverage(full=False, full_verified=False, leaves=0, leaves_verified=0)


class Covered(NamedTuple):
    """One item of ``covered_by``: full before partial in sorting."""

    accreditation: str
    coverage: str
    leaves: int
    programmes: tuple[str, ...]
    verified: bool


class Covering:
    """What the certificates show through one stretch of days, the last of which is ``through``.

    ``hindrances`` has for each of ``held`` its hindrance for each subject.
    """

    def __init__(
        self, held: Sequence[Held], names: Names, hindrances: list[list[Hindrance | None]], through: date
    ) -> None:
        self.held = held
        self.through = through
        self._names = names
        self.hindrances = hindrances
        self.coverage = self.without(None)

    def without(self, lapsed: str | None) -> tuple[Coverage, ...]:
        """For each subject what counts, were the accreditation ``lapsed`` not there; empty where nothing does."""
        found = []
        for index in range(len(self._names)):
            full = full_verified = False
            leaves = leaves_verified = 0
            for held, hindrances in zip(self.held, self.hindrances, strict=True):
                hindrance = hindrances[index]
                if held.certificate.id == lapsed or not (hindrance is None or hindrance.covers):
                    continue
                full = full or held.full
                leaves |= held.leaves
                if hindrance is None:
                    full_verified = full_verified or held.full
                    leaves_verified |= held.leaves
            found.append(Coverage(full, full_verified, leaves, leaves_verified))
        return tuple(found) if any(item.leaves for item in found) else ()

    @cached_property
    def covered_by(self) -> tuple[Covered, ...]:
        """What stands in, by accreditation, full coverage first."""
        found: dict[tuple[str, str], Covered] = {}
        for held, hindrances in zip(self.held, self.hindrances, strict=True):
            reached = [
                (name, hindrance)
                for name, hindrance in zip(self._names, hindrances, strict=True)
                if hindrance is None or hindrance.covers
            ]
            if not reached:
                continue
            programmes = tuple([name for name, _ in reached if name])
            verified, leaves = all(hindrance is None for _, hindrance in reached), held.leaves
            key = held.certificate.id, "full" if held.full else "partial"
            known = found.get(key)
            if known is not None:
                leaves, verified = leaves | known.leaves, verified and known.verified
                programmes = tuple(sorted({*programmes, *known.programmes}))
            found[key] = Covered(*key, leaves, programmes, verified)
        return tuple(sorted(found.values()))

    def covers(self, tree: Tree) -> tuple[Cover, ...]:
        """What stands in, as a determination says it; where leaves are covered they are named as in ``tree``."""
        if any([item.coverage == "partial" for item in self.covered_by]):
            return tuple(
                [
                    self._cover(item, None if item.coverage == "full" else tuple(tree.named(item.leaves)))
                    for item in self.covered_by
                ]
            )
        return self._whole

    @cached_property
    def _whole(self) -> tuple[Cover, ...]:
        return tuple([self._cover(item, None) for item in self.covered_by])

    def _cover(self, item: Covered, leaves: tuple[str, ...] | None) -> Cover:
        return trusted(
            Cover,
            accreditation=item.accreditation,
            coverage=item.coverage,
            leaves=leaves,
            programmes=None if None in self._names else item.programmes,
            verified=item.verified,
        )

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why not more of them count: one item for each accreditation and code, by code, then by accreditation."""
        held: dict[str, list[list[Hindrance | None]]] = {}
        for item, hindrances in zip(self.held, self.hindrances, strict=True):
            held.setdefault(item.certificate.id, []).append(hindrances)
        found: dict[tuple[Code, str], tuple[Hindrance, list[str]]] = {}  # by certificate and code
        for name, by_crosswalk in held.items():
            for index, programme in enumerate(self._names):
                worst = _furthest([hindrances[index] for hindrances in by_crosswalk])
                if worst is not None:
                    _, programmes = found.setdefault((worst.code, name), (worst, []))
                    programmes.extend([programme] if programme else [])
        return tuple(
            {
                "code": code.reason,
                "accreditation": name,
                **({} if None in self._names else {"programmes": programmes}),
                **hindrance.datum,
            }
            for (code, name), (hindrance, programmes) in sorted(found.items(), key=lambda item: item[0])
        )


def _furthest(hindrances: list[Hindrance | None]) -> Hindrance | None:
    """Of several crosswalks the code furthest down; nothing where one of them covers and is verified."""
    if None in hindrances:
        return None
    return max((item for item in hindrances if item is not None), key=lambda item: item.code)


NOTHING_HELD = Covering((), (), [], date.max)


class Standby:
    """The certificates that are listed alike for some requirements, for what these are judged for."""

    def __init__(self, held: Sequence[Held], requirement: str, subjects: Sequence[Subject], names: Names) -> None:
        self._held = held
        self._requirement = requirement
        self._subjects = subjects
        self._names = names
        self._edges = sorted(set(self._all_edges()))
        self._found: dict[int, Covering] = {}

    def _all_edges(self) -> Iterator[date]:
        for item in self._held:
            yield from item.certificate.edges(self._requirement, self._subjects)

    def on(self, day: date) -> Covering:
        """What the certificates show on ``day``, and through when."""
        stretch = bisect_right(self._edges, day)
        found = self._found.get(stretch)
        if found is None:
            hindrances = [item.certificate.hindrances(self._requirement, self._subjects, day) for item in self._held]
            through = day_before(self._edges[stretch]) if stretch < len(self._edges) else date.max
            found = self._found[stretch] = Covering(self._held, self._names, hindrances, through)
        return found
