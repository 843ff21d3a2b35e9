"""The life of an assessment, held in SQL: what the service forgets to refuse, the database refuses (migration 0017)."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import ProgrammingError

from app.db.repositories import assessments
from app.db.session import Actor
from app.db.tables import fact
from app.db.values import AssessmentRecord
from app.services import life
from tests.services.world import World, response


def _tries(world: World, by: Actor, made: AssessmentRecord, kind: str, key: str, state: str = "") -> bool:
    """Whether the database lets somebody record a fact about the assessment; it is not kept."""
    row: dict[str, Any] = {"id": UUID(int=7), "provider_id": made.provider, "service_id": made.service}
    row |= {"assessment_id": made.id}
    row |= {"kind": kind, "key": key, "version": 70, "recorded_at": world.now, "recorded_by": by.user}
    body = {"state": state} if kind == "assessment" else {}
    with world.tx(by) as tx:
        tried = tx.connection.begin_nested()
        try:
            tx.connection.execute(insert(fact).values(row | {"body": body, "request_id": "raw"}))
        except ProgrammingError:  # the role lacks the privilege
            return False
        else:
            return True
        finally:
            tried.rollback()


MOVES = ("draft", "submitted", "in_review", "returned", "completed", "withdrawn")


def test_each_state_leads_only_where_it_may(world: World) -> None:
    made = world.assessment()
    world.put_response(made.id, response())
    may = {}

    def look(state: str) -> None:
        for by, name in ((world.provider, "lead"), (world.editor, "editor"), (world.reviewer, "reviewer")):
            may[state, name] = tuple(to for to in MOVES if _tries(world, by, made, "assessment", assessments.KEY, to))
        said = (("response", "1.1"), ("response", "1.2"), ("answer", "hours"))
        may[state, "said"] = tuple(key for kind, key in said if _tries(world, world.editor, made, kind, key))
        kinds = ("review", "override")
        may[state, "judged"] = tuple(kind for kind in kinds if _tries(world, world.reviewer, made, kind, "x"))

    look("draft")
    handed_in = world.submit(made)
    look("submitted")
    reviewing = world.start_review(handed_in)
    look("in_review")
    returned = world.give_back(reviewing, "1.1")
    look("returned")
    with world.tx(world.provider) as tx:
        again = life.submit(tx, made.id, share_with=(), expected=returned.etag)
    reviewing = world.start_review(again)
    with world.tx(world.reviewer) as tx:
        completed = life.complete(tx, made.id, expected=reviewing.etag)
    look("completed")
    assert completed.state == "completed"
    assert {key: value for key, value in may.items() if value} == {
        ("draft", "lead"): ("submitted", "withdrawn"),
        ("draft", "said"): ("1.1", "1.2", "hours"),
        ("submitted", "lead"): ("submitted", "withdrawn"),
        ("submitted", "reviewer"): ("in_review",),
        ("in_review", "lead"): ("in_review", "withdrawn"),
        ("in_review", "reviewer"): ("returned", "completed"),
        ("in_review", "judged"): ("review", "override"),
        ("returned", "lead"): ("submitted", "returned", "withdrawn"),
        ("returned", "said"): ("1.1", "hours"),
        ("completed", "lead"): ("completed",),
    }
