from datetime import date

import pytest

from app.db.repositories import accreditations as records
from app.db.values import Recorded
from app.engine.pack import Accreditation, AccreditationCondition, StatusChange
from app.errors import Conflict, Forbidden, Invalid, NotFound, PackInvalid, PreconditionFailed
from app.loader import packfile
from app.services import accreditations
from tests.services.world import World, accreditation

SUSPENDED = StatusChange(on=date(2026, 1, 10), status="suspended")
OPEN = AccreditationCondition(requirements=("1.2",), opened_on=date(2025, 5, 1))


def test_a_certificate_is_recorded_and_changed_as_versions(world: World) -> None:
    service = world.service()
    made = world.put_accreditation(service.id, accreditation())
    assert (made.version, made.etag, made.value) == (1, "1", accreditation())
    changed = world.put_accreditation(service.id, accreditation(certificate="R-2"), made.etag)
    assert (changed.version, changed.etag) == (2, "2")
    assert world.put_accreditation(service.id, accreditation(certificate="R-2"), "2") == changed


def test_what_it_says_of_a_verification_is_not_taken(world: World) -> None:
    service = world.service()
    claimed = accreditation(verified_on=date(2026, 2, 1), verified_by="me", register_seen="seen")
    assert world.put_accreditation(service.id, claimed).value == accreditation()


def test_faults_of_a_certificate_are_located_in_it(world: World) -> None:
    service = world.service()
    with pytest.raises(Invalid) as caught:
        world.put_accreditation(service.id, accreditation(scheme="nobody's", expires_on=date(2025, 1, 1)))
    assert [fault.pointer for fault in caught.value.faults] == ["/scheme", "/expires_on"]
    assert caught.value.hint.startswith("GET /v1/accreditation-schemes says what")
    with pytest.raises(Invalid) as caught:
        world.put_accreditation(service.id, accreditation(edition="9"))
    assert caught.value.hint.startswith("GET /v1/accreditation-schemes/respect says what")
    assert world.count("fact") == 1


def test_no_more_are_recorded_than_a_pack_may_have(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on record can be exported, and imported again."""
    monkeypatch.setitem(packfile.LONGEST_OF, "accreditations", 1)
    service = world.service()
    world.put_accreditation(service.id, accreditation())
    with pytest.raises(Conflict, match=r"no longer fit together: accreditations: a list of 2 entries, more than 1"):
        world.put_accreditation(service.id, accreditation("acc-2"))
    assert world.count("fact") == 2


def test_a_pack_that_makes_too_many_with_what_is_on_record_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assessment = world.assessment()
    world.put_accreditation(assessment.service, accreditation())
    monkeypatch.setitem(packfile.LONGEST_OF, "accreditations", 1)
    with pytest.raises(PackInvalid) as caught:
        world.import_pack(assessment.id, world.pack(assessment.id).replace(accreditations=(accreditation("acc-2"),)))
    (fault,) = caught.value.faults
    assert fault.message.startswith("together with what is on record: accreditations: a list of 2 entries, more than 1")


def test_a_declaration_that_is_still_to_come_spares_nobody_the_yearly_one(world: World) -> None:
    assessment = world.assessment()
    ahead = accreditation(unchanged_declared_on=date(2026, 3, 2))
    with pytest.raises(Invalid) as caught:
        world.put_accreditation(assessment.service, ahead)
    assert [fault.pointer for fault in caught.value.faults] == ["/unchanged_declared_on"]
    held = world.put_accreditation(assessment.service, accreditation())
    with pytest.raises(Invalid, match="Nothing was recorded"):
        world.put_accreditation(assessment.service, ahead, held.etag)
    pack = world.pack(assessment.id)
    with pytest.raises(PackInvalid) as refused:
        world.import_pack(assessment.id, pack.replace(accreditations=(accreditation("acc-0"), ahead)))
    assert [fault.pointer for fault in refused.value.faults] == ["/accreditations/1/unchanged_declared_on"]
    assert world.pack(assessment.id) == pack
    today = accreditation(unchanged_declared_on=date(2026, 3, 1))
    assert world.put_accreditation(assessment.service, today, held.etag).value == today


def test_one_that_exists_is_not_made_again_and_one_that_does_not_is_not_changed(world: World) -> None:
    service = world.service()
    with pytest.raises(PreconditionFailed):
        world.put_accreditation(service.id, accreditation(), "1")
    world.put_accreditation(service.id, accreditation())
    with pytest.raises(PreconditionFailed):
        world.put_accreditation(service.id, accreditation())


@pytest.mark.parametrize("kept", [{"status_changes": (SUSPENDED,)}, {"conditions": (OPEN,)}])
def test_what_happened_to_a_certificate_stays_on_record(world: World, kept: dict[str, object]) -> None:
    service = world.service()
    world.put_accreditation(service.id, accreditation().replace(**kept))
    with pytest.raises(Conflict, match="On record, and left out here"):
        world.put_accreditation(service.id, accreditation(), "1")


def test_a_condition_is_closed_by_its_date(world: World) -> None:
    service = world.service()
    world.put_accreditation(service.id, accreditation(conditions=(OPEN,)))
    closed = accreditation(conditions=(OPEN.replace(closed_on=date(2026, 2, 1)),))
    assert world.put_accreditation(service.id, closed, "1").value == closed


def test_a_reviewer_verifies_what_was_shared(world: World) -> None:
    assessment = world.assessment()
    made = world.put_accreditation(assessment.service, accreditation())
    world.submit(assessment)
    verified = world.verify(assessment.service, made.etag)
    assert verified.value == accreditation(
        verified_on=date(2026, 2, 20), verified_by=str(world.reviewer.user), register_seen="entry 7"
    )
    assert (verified.version, verified.etag) == (1, "1-1")
    with world.tx(world.provider) as tx:
        page = records.page(tx, assessment.service, after=None, limit=5)
        assert page.items == (verified,)
    later = world.verify(assessment.service, "1-1", date(2026, 2, 25))
    assert (later.value.verified_on, later.etag) == (date(2026, 2, 25), "1-2")


def test_a_declaration_keeps_the_verification_and_another_change_does_not(world: World) -> None:
    assessment = world.assessment()
    world.put_accreditation(assessment.service, accreditation())
    world.submit(assessment)
    verified = world.verify(assessment.service, "1")
    declared = accreditation(unchanged_declared_on=date(2026, 2, 28))
    kept = world.put_accreditation(assessment.service, declared, verified.etag)
    assert (kept.value.verified_on, kept.etag) == (date(2026, 2, 20), "2-1")
    lost = world.put_accreditation(assessment.service, declared.replace(certificate="R-2"), kept.etag)
    assert (lost.value.verified_on, lost.etag) == (None, "3")


def test_another_version_than_the_one_looked_at_is_not_verified(world: World) -> None:
    assessment = world.assessment()
    world.put_accreditation(assessment.service, accreditation())
    world.submit(assessment)
    world.put_accreditation(assessment.service, accreditation(certificate="R-2"), "1")
    with pytest.raises(PreconditionFailed):
        world.verify(assessment.service, "1")


@pytest.mark.parametrize("on", [date(2025, 3, 31), date(2026, 3, 2)])
def test_a_register_is_seen_after_the_award_and_not_in_the_future(world: World, on: date) -> None:
    assessment = world.assessment()
    world.put_accreditation(assessment.service, accreditation())
    world.submit(assessment)
    with pytest.raises(Invalid) as caught:
        world.verify(assessment.service, "1", on)
    assert [fault.pointer for fault in caught.value.faults] == ["/verified_on"]


def test_only_reviewers_of_whom_it_was_shared_with_verify(world: World) -> None:
    assessment = world.assessment()
    world.put_accreditation(assessment.service, accreditation())
    world.submit(assessment)
    refusals = [(world.provider, Forbidden), (world.commissioner, Forbidden), (world.other_reviewer, NotFound)]
    for actor, failure in refusals:
        with world.tx(actor) as tx, pytest.raises(failure):
            accreditations.verify(
                tx,
                world.catalogue,
                assessment.service,
                "acc-1",
                verified_on=date(2026, 2, 20),
                register="seen",
                expected="1",
            )


def test_a_certificate_that_is_not_there_is_not_verified(world: World) -> None:
    assessment = world.assessment()
    world.submit(assessment)
    with pytest.raises(NotFound):
        world.verify(assessment.service, "1")


def test_a_certificate_is_declared_unchanged_each_year_and_stays_verified(world: World) -> None:
    assessment = world.assessment()
    held = world.put_accreditation(assessment.service, accreditation())
    world.submit(assessment)
    verified = world.verify(assessment.service, held.etag)

    def redeclare(on: date, expected: str, key: str = "acc-1") -> Recorded[Accreditation]:
        with world.tx(world.provider) as tx:
            return accreditations.redeclare(
                tx, world.catalogue, assessment.service, key, declared_on=on, expected=expected
            )

    for wrong in (date(2026, 3, 2), date(2026, 1, 31), date(2025, 3, 31)):
        with pytest.raises(Invalid) as caught:
            redeclare(wrong, verified.etag)
        assert [fault.pointer for fault in caught.value.faults] == ["/unchanged_declared_on"]
    with pytest.raises(PreconditionFailed):
        redeclare(date(2026, 3, 1), "7")
    with pytest.raises(NotFound):
        redeclare(date(2026, 3, 1), "1", "acc-9")
    again = redeclare(date(2026, 3, 1), verified.etag)
    assert (again.value.unchanged_declared_on, again.value.verified_on) == (
        date(2026, 3, 1),
        verified.value.verified_on,
    )
