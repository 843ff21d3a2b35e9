"""Which certificates stand in for requirements, from when until when (semantics.md 4, 5.3).

Requirements that the same crosswalks list, judged for the same programmes, see the same certificates: what keeps those
from counting is worked out once for all of them, and again only for the days from which it may be otherwise. So is
what they stand in for, where the crosswalks list the requirements alike.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple, TypeAlias

from app.engine.coverage import Certificate, Code, Crosswalks, Entries, Hindrance, Listing, Subject
from app.engine.determination import Cover, Reason
from app.engine.pack import Accreditation, Pack
from app.engine.tree import Tree
from app.engine.values import day_before, trusted

# What a requirement is judged for, by name: programmes, the programme without a name (""), or the service (None).
Names: TypeAlias = tuple[str | None, ...]

# A certificate under one of the crosswalks that list a requirement, and which of those it is.
Numbered: TypeAlias = tuple[Certificate, int]


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

    def joined(self, other: "Covered") -> "Covered":
        """The same certificate, as it stands in for another programme or under another crosswalk, in one item."""
        return self._replace(
            leaves=self.leaves | other.leaves,
            programmes=tuple(sorted({*self.programmes, *other.programmes})),
            verified=self.verified and other.verified,
        )


class Stretch:
    """Days through which nothing about some certificates changes, the last of which is ``through``.

    ``hindrances`` has for each certificate its hindrance for each of the ``names``.
    """

    def __init__(
        self, certificates: Sequence[Numbered], names: Names, hindrances: list[list[Hindrance | None]], through: date
    ) -> None:
        self.certificates = certificates
        self.names = names
        self.hindrances = hindrances
        self.through = through

    @cached_property
    def counting(self) -> list[list[tuple[Certificate, int, bool]]]:
        """For each of the names the certificates that count, and whether they are verified."""
        return [
            [
                (certificate, number, found[index] is None)
                for (certificate, number), found in zip(self.certificates, self.hindrances, strict=True)
                if counts(found[index])
            ]
            for index in range(len(self.names))
        ]

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why not more of them count: one item for each accreditation and code, by code, then by accreditation."""
        held: dict[str, list[list[Hindrance | None]]] = {}
        for (certificate, _), hindrances in zip(self.certificates, self.hindrances, strict=True):
            held.setdefault(certificate.id, []).append(hindrances)
        found: dict[tuple[Code, str], tuple[Hindrance, list[str]]] = {}  # by code and certificate
        for name, by_crosswalk in held.items():
            for index, programme in enumerate(self.names):
                worst = _furthest([hindrances[index] for hindrances in by_crosswalk])
                if worst is not None:
                    _, programmes = found.setdefault((worst.code, name), (worst, []))
                    programmes.extend([programme] if programme else [])
        return tuple(
            {
                "code": code.reason,
                "accreditation": name,
                **({} if None in self.names else {"programmes": programmes}),
                **hindrance.datum,
            }
            for (code, name), (hindrance, programmes) in sorted(found.items(), key=lambda item: item[0])
        )


def counts(hindrance: Hindrance | None) -> bool:
    """Whether a certificate with this first hindrance counts, verified or not."""
    return hindrance is None or hindrance.covers


def _furthest(hindrances: list[Hindrance | None]) -> Hindrance | None:
    """Of several crosswalks the code furthest down; nothing where one of them covers and is verified."""
    if None in hindrances:
        return None
    return max((item for item in hindrances if item is not None), key=lambda item: item.code)


class Covering:
    """What certificates stand in for through a stretch of days, where the crosswalks say ``entries``.

    ``coverage`` is what counts for each thing judged; empty where nothing does.
    """

    def __init__(self, stretch: Stretch, entries: Entries) -> None:
        self.stretch = stretch
        self.through = min(stretch.through, entries.through)
        self._shown = entries.shown
        self.coverage = self.without(None)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why not more of the certificates count."""
        return self.stretch.reasons

    @property
    def hindrances(self) -> list[list[Hindrance | None]]:
        """For each of ``held`` its hindrance for each thing judged."""
        return self.stretch.hindrances

    @property
    def held(self) -> list[Held]:
        """The certificates, and what their crosswalk's entry says."""
        return [Held(certificate, *self._shown[number]) for certificate, number in self.stretch.certificates]

    def same(self, other: "Covering") -> bool:
        """Whether each certificate shows the same in both."""
        return self is other or (self.held == other.held and self.hindrances == other.hindrances)

    def without(self, lapsed: str | None) -> tuple[Coverage, ...]:
        """For each subject what counts, were the accreditation ``lapsed`` not there; empty where nothing does."""
        found, anything = [], 0
        for counting in self.stretch.counting:
            full = full_verified = False
            leaves = leaves_verified = 0
            for certificate, number, verified in counting:
                if certificate.id != lapsed:
                    whole, some = self._shown[number]
                    full = full or whole
                    leaves |= some
                    if verified:
                        full_verified = full_verified or whole
                        leaves_verified |= some
            anything |= leaves
            found.append(Coverage(full, full_verified, leaves, leaves_verified))
        return tuple(found) if anything else ()

    @cached_property
    def covered_by(self) -> tuple[Covered, ...]:
        """What stands in, by accreditation, full coverage first."""
        found: dict[tuple[str, str], Covered] = {}
        for name, counting in zip(self.stretch.names, self.stretch.counting, strict=True):
            for certificate, number, verified in counting:
                full, leaves = self._shown[number]
                key = certificate.id, "full" if full else "partial"
                item = Covered(*key, leaves, (name,) if name else (), verified)
                found[key] = item if key not in found else item.joined(found[key])
        return tuple(sorted(found.values()))

    def covers(self, tree: Tree) -> tuple[Cover, ...]:
        """What stands in, as a determination says it; where leaves are covered they are named as in ``tree``."""
        if self._whole is not None:
            return self._whole
        return tuple(
            [
                self._cover(item, None if item.coverage == "full" else tuple(tree.named(item.leaves)))
                for item in self.covered_by
            ]
        )

    @cached_property
    def _whole(self) -> tuple[Cover, ...] | None:
        """The same for every tree, where no leaves are named."""
        if any([item.coverage == "partial" for item in self.covered_by]):
            return None
        return tuple([self._cover(item, None) for item in self.covered_by])

    def _cover(self, item: Covered, leaves: tuple[str, ...] | None) -> Cover:
        return trusted(
            Cover,
            {
                "accreditation": item.accreditation,
                "coverage": item.coverage,
                "leaves": leaves,
                "programmes": None if None in self.stretch.names else item.programmes,
                "verified": item.verified,
            },
        )


NOTHING_HELD = Covering(Stretch((), (), [], date.max), Entries((), (), date.max))


class Standby:
    """Certificates under the crosswalks that list some requirements, for what these are judged for."""

    def __init__(
        self, certificates: Sequence[Numbered], requirement: str, subjects: Sequence[Subject], names: Names
    ) -> None:
        self._certificates = certificates
        self._requirement = requirement
        self._subjects = subjects
        self._names = names
        self._edges = sorted(set(self._all_edges()))
        self._stretches: dict[int, Stretch] = {}
        self._coverings: dict[tuple[int, Entries], Covering] = {}

    def _all_edges(self) -> Iterator[date]:
        for certificate, _ in self._certificates:
            yield from certificate.edges(self._requirement, self._subjects)

    def covering(self, entries: Entries, day: date) -> Covering:
        """What the certificates stand in for on ``day``, where the crosswalks list this."""
        number = bisect_right(self._edges, day)
        found = self._coverings.get((number, entries))
        if found is None:
            found = self._coverings[number, entries] = Covering(self._stretch(number, day), entries)
        return found

    def _stretch(self, number: int, day: date) -> Stretch:
        """What keeps the certificates from counting on ``day``, and through when."""
        found = self._stretches.get(number)
        if found is None:
            hindrances = [
                certificate.hindrances(self._requirement, self._subjects, day) for certificate, _ in self._certificates
            ]
            through = day_before(self._edges[number]) if number < len(self._edges) else date.max
            found = self._stretches[number] = Stretch(self._certificates, self._names, hindrances, through)
        return found


class Holdings:
    """The certificates of one pack under the crosswalks of one rule set: what all its requirements share."""

    def __init__(self, crosswalks: Crosswalks, pack: Pack) -> None:
        self._crosswalks = crosswalks
        self._service = pack.service.id
        self._accreditations = sorted(pack.accreditations, key=lambda item: item.id)
        self._certificates: dict[tuple[str, Listing], Certificate] = {}
        self._standby: dict[tuple[tuple[Listing, ...], Names, str | None], Standby] = {}
        self._schemes: dict[tuple[Entries, Names], tuple[str, ...]] = {}
        self._conditional = {
            name for held in pack.accreditations for condition in held.conditions for name in condition.requirements
        }
        # What no crosswalk of a scheme that is held ever lists, no new version of a crosswalk changes.
        listed = crosswalks.listed
        self.listed = set().union(*[listed.get(item.scheme, ()) for item in self._accreditations])

    def covering(self, requirement: str, subjects: Sequence[Subject], names: Names, day: date) -> Covering:
        """What certificates show on ``day`` of a requirement that is judged for these ``subjects``, of these ``names``.

        All requirements that are listed alike, and that no condition on an accreditation names, see the same.
        """
        entries = self._crosswalks.on(day)[requirement]
        key = entries.listings, names, requirement if requirement in self._conditional else None
        standby = self._standby.get(key)
        if standby is None:
            certificates = self._certificates_under(entries.listings)
            standby = self._standby[key] = Standby(certificates, requirement, subjects, names)
        return standby.covering(entries, day)

    def covering_schemes(self, entries: Entries, subjects: Sequence[Subject], names: Names) -> tuple[str, ...]:
        """Of crosswalks that list a requirement the schemes that would cover everything judged, sorted."""
        found = self._schemes.get((entries, names))
        if found is None:
            schemes = {
                listing.scheme
                for listing, shown in zip(entries.listings, entries.shown, strict=True)
                if shown.full and all(map(listing.applies, subjects))
            }
            found = self._schemes[entries, names] = tuple(sorted(schemes))
        return found

    def _certificates_under(self, listings: Sequence[Listing]) -> list[Numbered]:
        """The certificates of the schemes of some crosswalks, by id, with which of the crosswalks it is."""
        return [
            (self._certificate(accreditation, listing), number)
            for accreditation in self._accreditations
            for number, listing in enumerate(listings)
            if listing.scheme == accreditation.scheme
        ]

    def _certificate(self, accreditation: Accreditation, listing: Listing) -> Certificate:
        key = accreditation.id, listing
        found = self._certificates.get(key)
        if found is None:
            found = self._certificates[key] = Certificate(accreditation, listing, self._service)
        return found
