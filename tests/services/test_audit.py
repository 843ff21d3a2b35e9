from sqlalchemy import select

from app.db.tables import audit_event
from app.services.reviews import Decision
from tests.services.world import World, accreditation, document, response


def test_every_change_leaves_an_event_in_its_own_transaction_and_no_evidence(world: World) -> None:
    assessment = world.assessment()
    world.put_document(assessment.service, document(title="a secret title"))
    world.put_accreditation(assessment.service, accreditation())
    world.put_response(assessment.id, response(narrative="a secret narrative"))
    world.in_review(assessment)
    world.verify(assessment.service, "1")
    world.decide(assessment.id, Decision("1.1", 1, "accepted", reason="a secret reason"))
    world.import_pack(assessment.id, world.pack(assessment.id))
    with world.tx(world.operator) as tx:
        query = select(audit_event).where(audit_event.c.action.not_in(["organisation.created", "user.created"]))
        events = tx.connection.execute(query.order_by(audit_event.c.at)).all()
    assert [event.action for event in events] == [
        "service.created",
        "assessment.created",
        "document.recorded",
        "accreditation.recorded",
        "response.recorded",
        "assessment.submitted",
        "assessment.review_started",
        "accreditation.verified",
        "review.decided",
    ]
    assert events[-1].subject.startswith(f"assessments/{assessment.id}/reviews/")
    assert events[-1].actor == world.reviewer.user
    assert events[-1].detail == {"requirement": "1.1", "decision": "accepted"}
    assert events[-1].request_id.startswith("request-")
    assert not any("secret" in str(event) for event in events)
