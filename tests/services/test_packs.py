"""Export and import. The clauses quoted are those of semantics.md 3, and of section 8 where it says so."""

from datetime import date
from typing import Any

import pytest

from app.db.values import AssessmentRecord, instant
from app.engine.pack import AccreditationCondition, Answer, Pack, Review, Scope, StatusChange
from app.errors import Conflict, Fault, Forbidden, NotFound, PackInvalid, PreconditionFailed
from app.services import packs
from app.services.reviews import Decision
from app.services.writing import described
from tests.services.world import HASH, OTHER, World, accreditation, document, response

SUSPENDED = StatusChange(on=date(2026, 1, 10), status="suspended")
OPEN = AccreditationCondition(requirements=("1.2", "1.1"), opened_on=date(2025, 5, 1))
LONG_AGO = "2020-01-01T00:00:00Z"


def _answer(question: str = "hours", value: Any = "1.5", at: str = LONG_AGO) -> Answer:  # noqa: ANN401  # any value of a pack
    return Answer(question=question, value=value, answered_at=at)


def _filled(world: World) -> tuple[AssessmentRecord, Pack]:
    """An assessment with one of everything, verified and reviewed, and returned in every requirement; and its pack."""
    assessment = world.assessment()
    empty = world.pack(assessment.id)
    world.import_pack(
        assessment.id,
        empty.replace(
            accreditations=(accreditation(status_changes=(SUSPENDED,), conditions=(OPEN,)),),
            documents=(document(),),
            answers=(_answer(),),
            responses=(response(documents=("doc-1",)),),
        ),
    )
    reviewed = world.in_review(assessment)
    world.verify(assessment.service, "1")
    world.decide(assessment.id, Decision("1.1", 1, "accepted"))
    world.give_back(reviewed, "1.1", "1.2", "1.3")
    return assessment, world.pack(assessment.id)


def _faults(world: World, assessment: AssessmentRecord, pack: Pack) -> list[str]:
    before = world.count("fact")
    with pytest.raises(PackInvalid) as caught:
        world.import_pack(assessment.id, pack)
    assert world.count("fact") == before
    return [fault.pointer for fault in caught.value.faults]


def test_a_pack_exported_and_imported_gives_the_same_bytes_and_no_new_versions(world: World) -> None:
    """A pack exported and imported gives the same bytes (semantics.md 10)."""
    assessment, pack = _filled(world)
    before = world.count("fact")
    again = world.import_pack(assessment.id, Pack.model_validate_json(packs.exported(pack)))
    assert packs.exported(again) == packs.exported(pack)
    assert packs.exported(world.pack(assessment.id)) == packs.exported(pack)
    assert world.count("fact") == before


def test_the_order_of_lists_in_an_import_makes_no_new_versions(world: World) -> None:
    assessment, pack = _filled(world)
    condition = pack.accreditations[0].conditions[0]
    turned = condition.replace(requirements=tuple(reversed(condition.requirements)))
    again = world.import_pack(
        assessment.id, pack.replace(accreditations=(pack.accreditations[0].replace(conditions=(turned,)),))
    )
    assert again.sha256 == pack.sha256


def test_reviews_of_an_import_are_not_taken(world: World) -> None:
    """``verified_on`` on accreditations, and ``reviews``, are never taken from a provider's import."""
    assessment = world.assessment()
    forged = Review(
        requirement="1.1",
        response_version=1,
        documents=(HASH,),
        decision="accepted",
        reviewer="me",
        decided_at=LONG_AGO,
    )
    pack = world.pack(assessment.id).replace(
        documents=(document(),), responses=(response(documents=("doc-1",)),), reviews=(forged,)
    )
    assert world.import_pack(assessment.id, pack).reviews == ()


def test_reviews_on_record_are_put_back(world: World) -> None:
    assessment, pack = _filled(world)
    assert world.import_pack(assessment.id, pack.replace(reviews=())).reviews == pack.reviews


def test_a_verification_of_an_import_is_not_taken(world: World) -> None:
    assessment = world.assessment()
    claimed = accreditation(verified_on=date(2026, 2, 1), verified_by="me", register_seen="seen")
    after = world.import_pack(assessment.id, world.pack(assessment.id).replace(accreditations=(claimed,)))
    assert after.accreditations[0].verified_on is None
    assert after.accreditations[0].register_seen is None


def test_a_verification_on_record_is_put_back(world: World) -> None:
    """The service re-attaches them."""
    assessment, pack = _filled(world)
    bare = pack.accreditations[0].replace(verified_on=None, verified_by=None, register_seen=None)
    after = world.import_pack(assessment.id, pack.replace(accreditations=(bare,)))
    assert after.accreditations[0].verified_on == date(2026, 2, 20)
    assert after.sha256 == pack.sha256


def test_a_new_declaration_keeps_the_verification(world: World) -> None:
    """… only where the accreditation equals the version checked in everything but ``unchanged_declared_on``."""
    assessment, pack = _filled(world)
    declared = pack.accreditations[0].replace(unchanged_declared_on=date(2026, 2, 28))
    after = world.import_pack(assessment.id, pack.replace(accreditations=(declared,)))
    assert after.accreditations[0].unchanged_declared_on == date(2026, 2, 28)
    assert after.accreditations[0].verified_on == date(2026, 2, 20)


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_on": date(2028, 3, 1)},
        {"certificate": "another"},
        {"status_changes": (SUSPENDED, StatusChange(on=date(2026, 2, 1), status="reinstated"))},
    ],
)
def test_any_other_change_loses_the_verification(world: World, changes: dict[str, object]) -> None:
    assessment, pack = _filled(world)
    changed = pack.accreditations[0].replace(**changes)
    after = world.import_pack(assessment.id, pack.replace(accreditations=(changed,)))
    assert after.accreditations[0].verified_on is None


def test_a_change_taken_back_has_its_verification_again(world: World) -> None:
    assessment, pack = _filled(world)
    changed = pack.accreditations[0].replace(certificate="another")
    world.import_pack(assessment.id, pack.replace(accreditations=(changed,)))
    assert world.import_pack(assessment.id, pack).sha256 == pack.sha256


def test_status_changes_on_record_cannot_be_removed(world: World) -> None:
    """Status changes and conditions on record cannot be removed by an import."""
    assessment, pack = _filled(world)
    clean = pack.accreditations[0].replace(status_changes=())
    after = world.import_pack(assessment.id, pack.replace(accreditations=(clean,)))
    assert after.accreditations[0].status_changes == (SUSPENDED,)


def test_conditions_on_record_cannot_be_removed(world: World) -> None:
    assessment, pack = _filled(world)
    narrower = OPEN.replace(requirements=("1.2",))
    clean = pack.accreditations[0].replace(conditions=(narrower,))
    after = world.import_pack(assessment.id, pack.replace(accreditations=(clean,)))
    assert [item.requirements for item in after.accreditations[0].conditions] == [("1.1", "1.2"), ("1.2",)]


def test_a_condition_may_be_closed_and_then_stays_so(world: World) -> None:
    assessment, pack = _filled(world)
    closed = OPEN.replace(closed_on=date(2026, 2, 1))
    held = pack.accreditations[0]
    after = world.import_pack(assessment.id, pack.replace(accreditations=(held.replace(conditions=(closed,)),)))
    assert [item.closed_on for item in after.accreditations[0].conditions] == [date(2026, 2, 1)]
    earlier = OPEN.replace(closed_on=date(2025, 6, 1))
    after = world.import_pack(assessment.id, pack.replace(accreditations=(held.replace(conditions=(earlier,)),)))
    assert [item.closed_on for item in after.accreditations[0].conditions] == [date(2025, 6, 1), date(2026, 2, 1)]


def test_one_closing_does_not_close_two_conditions(world: World) -> None:
    assessment, pack = _filled(world)
    held = pack.accreditations[0]
    closed = OPEN.replace(closed_on=date(2026, 2, 1))
    for conditions in ((OPEN, closed), (closed,)):
        again = held.replace(conditions=conditions)
        after = world.import_pack(assessment.id, pack.replace(accreditations=(again,)))
        assert [item.closed_on for item in after.accreditations[0].conditions] == [closed.closed_on, None]


def test_two_conditions_of_one_day_are_closed_one_by_one(world: World) -> None:
    assessment = world.assessment()
    world.put_accreditation(assessment.service, accreditation(conditions=(OPEN, OPEN)))
    closed = OPEN.replace(closed_on=date(2026, 2, 1))
    sent = world.pack(assessment.id).replace(accreditations=(accreditation(conditions=(closed,)),))
    after = world.import_pack(assessment.id, sent)
    assert [item.closed_on for item in after.accreditations[0].conditions] == [closed.closed_on, None]


def test_a_status_change_of_the_same_day_is_refused_where_the_document_has_its_list(world: World) -> None:
    """… two status changes of an accreditation on one day."""
    assessment, pack = _filled(world)
    other = StatusChange(on=SUSPENDED.on, status="reinstated")
    changed = pack.accreditations[0].replace(status_changes=(other,))
    faults = _faults(world, assessment, pack.replace(accreditations=(changed,)))
    assert faults == ["/accreditations/0/status_changes"]


def test_response_versions_are_set_by_the_service(world: World) -> None:
    """It sets each response's ``version`` itself, raised where the content differs from its record."""
    assessment = world.assessment()
    empty = world.pack(assessment.id)
    first = world.import_pack(assessment.id, empty.replace(responses=(response(version=7),)))
    assert first.responses[0].version == 1
    same = world.import_pack(assessment.id, first.replace(responses=(response(version=9),)))
    assert same.sha256 == first.sha256
    changed = world.import_pack(assessment.id, first.replace(responses=(response(version=1, narrative="new"),)))
    assert changed.responses[0].version == 2


def test_answers_count_as_given_when_they_are_imported(world: World) -> None:
    """An answer that is new, or whose value differs, is given now: nobody answers in the past."""
    assessment = world.assessment()
    empty = world.pack(assessment.id)
    first = world.import_pack(assessment.id, empty.replace(answers=(_answer(value="1.5"),)))
    given = first.answers[0].answered_at
    assert given == instant(world.now)
    same = world.import_pack(assessment.id, first.replace(answers=(_answer(value="1.5"),)))
    assert same.answers[0].answered_at == given
    changed = world.import_pack(assessment.id, first.replace(answers=(_answer(value="2"),)))
    assert changed.answers[0].answered_at == instant(world.now)


def test_an_answer_that_is_a_list_is_a_set(world: World) -> None:
    assessment = world.assessment()
    empty = world.pack(assessment.id)
    first = world.import_pack(assessment.id, empty.replace(answers=(_answer("topics", ("risk", "needs")),)))
    same = world.import_pack(assessment.id, empty.replace(answers=(_answer("topics", ("needs", "risk", "needs")),)))
    assert same.sha256 == first.sha256


def test_an_answer_taken_back_stays_as_not_answered(world: World) -> None:
    """An answer taken back stays with ``value`` null (not answered, but given at that instant)."""
    assessment, pack = _filled(world)
    after = world.import_pack(assessment.id, pack.replace(answers=(_answer(value=None),)))
    assert after.answers[0] == _answer(value=None, at=instant(world.now))


def test_nothing_is_taken_out_by_leaving_it_out(world: World) -> None:
    """Nothing is ever taken out."""
    assessment, pack = _filled(world)
    bare = pack.replace(accreditations=(), documents=(), answers=(), responses=(), reviews=())
    assert world.import_pack(assessment.id, bare).sha256 == pack.sha256


def test_the_service_itself_is_that_of_the_record(world: World) -> None:
    """… and the service's programmes and profile, from its own records."""
    assessment, pack = _filled(world)
    other = pack.service.replace(name="Another name", provider="Another", profile={}, programmes=())
    assert world.import_pack(assessment.id, pack.replace(service=other)).service == pack.service


def test_the_name_that_a_pack_has_for_its_own_service_means_this_one(world: World) -> None:
    assessment = world.assessment()
    pack = world.pack(assessment.id)
    scope = Scope(kind="service", services=("svc-1", "svc-2"))
    sent = pack.replace(service=pack.service.replace(id="svc-1"), accreditations=(accreditation(scope=scope),))
    after = world.import_pack(assessment.id, sent)
    assert after.accreditations[0].scope.services == tuple(sorted((pack.service.id, "svc-2")))
    assert world.import_pack(assessment.id, sent).sha256 == after.sha256


def test_a_document_on_record_is_withdrawn_by_an_import_and_by_no_other_brought_back(world: World) -> None:
    """Documents are immutable."""
    assessment, pack = _filled(world)
    gone = document(withdrawn_on=date(2026, 2, 1))
    after = world.import_pack(assessment.id, pack.replace(documents=(gone,)))
    assert after.documents == (gone,)
    assert world.import_pack(assessment.id, pack).sha256 == after.sha256


@pytest.mark.parametrize("changes", [{"title": "new"}, {"sha256": "1" * 64}, {"programmes": ("prog-a",)}])
def test_other_content_under_a_known_document_id_is_a_fault(world: World, changes: dict[str, object]) -> None:
    assessment, pack = _filled(world)
    others = (document("doc-0"), document().replace(**changes))
    assert _faults(world, assessment, pack.replace(documents=others)) == ["/documents/1"]


def test_a_withdrawal_on_another_day_is_a_fault(world: World) -> None:
    assessment, pack = _filled(world)
    world.import_pack(assessment.id, pack.replace(documents=(document(withdrawn_on=date(2026, 2, 1)),)))
    later = pack.replace(documents=(document(withdrawn_on=date(2026, 2, 2)),))
    assert _faults(world, assessment, later) == ["/documents/0"]


def test_every_fault_is_located_and_nothing_is_kept(world: World) -> None:
    """Refused whole, with every fault listed and located (JSON Pointer)."""
    assessment, pack = _filled(world)
    wrong = pack.replace(
        accreditations=(*pack.accreditations, accreditation("acc-2", edition="9")),
        documents=(document(title="changed"),),
        answers=(_answer("unknown"), _answer(value="many")),
        responses=(response("9.9"), response("1.1", documents=("doc-1", "doc-7"))),
    )
    assert sorted(_faults(world, assessment, wrong)) == [
        "/accreditations/1/edition",
        "/answers/0/question",
        "/answers/1/value",
        "/documents/0",
        "/responses/0/requirement",
        "/responses/1/documents/1",
    ]


def test_an_id_under_which_nothing_could_be_addressed_is_a_fault(world: World) -> None:
    record, pack = _filled(world)
    [held], first = pack.accreditations, pack.documents[0]
    named = [first.replace(id=name, replaces=None) for name in ("a/b", "..", ".", "...", "a?b#c%2F")]
    many = pack.replace(
        documents=(*pack.documents, *named), accreditations=(held, held.replace(id="acc/2", certificate="2"))
    )
    at = len(pack.documents)
    assert _faults(world, record, many) == [
        "/accreditations/1/id",
        *(f"/documents/{at + index}/id" for index in range(3)),
    ]


def test_a_programme_that_the_service_does_not_have_is_a_fault_of_the_certificate(world: World) -> None:
    assessment = world.assessment()
    pack = world.pack(assessment.id)
    scope = Scope.model_validate({"kind": "programme", "programmes": [{"id": "prog-z"}]})
    sent = pack.replace(
        service=pack.service.replace(programmes=(pack.service.programmes[0].replace(id="prog-z"),)),
        accreditations=(accreditation(scheme="csaap", scope=scope),),
    )
    assert _faults(world, assessment, sent) == ["/accreditations/0/scope/programmes/0/id"]


def test_a_pack_under_another_rule_set_is_refused(world: World) -> None:
    assessment, pack = _filled(world)
    assert _faults(world, assessment, pack.replace(rule_set=OTHER)) == ["/rule_set"]
    twice = pack.replace(rule_set=OTHER, documents=(*pack.documents, document(), document()))
    assert "/rule_set" in (found := _faults(world, assessment, twice))
    assert f"/documents/{len(twice.documents) - 1}/id" in found, "what holds under any rule set is told beside it"


def test_an_import_that_another_assessment_could_not_be_judged_with_is_refused(world: World) -> None:
    assessment = world.assessment()
    world.assessment(assessment.service, OTHER)
    pack = world.pack(assessment.id).replace(documents=(document(type="log"),))
    with pytest.raises(Conflict, match="documents doc-1 type: unknown document type `log`"):
        world.import_pack(assessment.id, pack)


def test_certificates_and_documents_are_shared_by_all_assessments_of_a_service(world: World) -> None:
    assessment = world.assessment()
    other = world.assessment(assessment.service, OTHER)
    pack = world.pack(assessment.id).replace(documents=(document(),), responses=(response(),))
    world.import_pack(assessment.id, pack)
    assert world.pack(other.id).documents == (document(),)
    assert world.pack(other.id).responses == ()


def test_where_the_rule_set_itself_was_changed_the_fault_is_said_to_be_on_record(world: World) -> None:
    assessment, pack = _filled(world)
    tiny = world.catalogue.rule_set("tiny", "1")
    world.catalogue.rule_sets["tiny", "1"] = tiny.replace(profile=())
    sent = pack.replace(service=pack.service.replace(profile={}))
    with pytest.raises(PackInvalid) as caught:
        world.import_pack(assessment.id, sent)
    (fault,) = caught.value.faults
    assert fault.pointer == ""
    assert fault.message.startswith("together with what is on record: service profile/forms_of_abuse: unknown")


def test_an_import_over_another_state_than_the_one_read_is_refused(world: World) -> None:
    assessment, pack = _filled(world)
    for expected in (world.assessment().etag, None):
        with world.tx(world.provider) as tx, pytest.raises(PreconditionFailed):
            packs.import_pack(tx, world.catalogue, assessment.id, pack, expected=expected)


def test_only_the_provider_imports(world: World) -> None:
    assessment, pack = _filled(world)
    for actor, failure in (
        (world.commissioner, Forbidden),
        (world.reviewer, Forbidden),
        (world.other_provider, NotFound),
    ):
        with world.tx(actor) as tx, pytest.raises(failure):
            packs.import_pack(tx, world.catalogue, assessment.id, pack, expected=pack.sha256)


def test_the_commissioner_and_the_reviewer_read_the_same_pack(world: World) -> None:
    assessment, pack = _filled(world)
    assert world.pack(assessment.id, world.commissioner) == pack
    assert world.pack(assessment.id, world.reviewer) == pack


def test_faults_are_told_by_what_they_are_about_and_not_by_a_place_in_a_list(world: World) -> None:
    pack = world.pack(world.assessment().id).replace(documents=(document(),))
    said = {"/documents/0/type": "documents doc-1 type: no", "/documents/0": "documents doc-1: no"}
    said |= {"/documents": "documents: no", "/service/profile": "service profile: no", "": ": no"}
    assert {pointer: described(pack, Fault(pointer, "no")) for pointer in said} == said
