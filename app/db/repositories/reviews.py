"""Reviews of an assessment: each decision is a fact of its own, under an id that rises with time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.db.repositories.facts import NewFact, Subject, noted_row
from app.db.repositories.records import Records
from app.db.repositories.subjects import of_assessment
from app.db.session import Transaction
from app.engine.pack import Review

# Providers may add no reviews; the function copies one that is on record (migration 0015).
_CARRY = text(
    "SELECT safonau_carry_review(:source, :from_key, :id, :assessment_id, :key, :requirement, :response_version)"
)

_reviews = Records("review", Review, of_assessment)
get = _reviews.get
page = _reviews.page


def carry(  # what is carried, and where to, each by its name
    tx: Transaction, source: UUID, from_key: str, subject: Subject, body: dict[str, Any], at: datetime
) -> None:
    """Copy a review of the assessment ``source`` to the one of ``subject``, which is begun from it in ``tx``.

    ``body`` is that on record, but for ``requirement`` and ``response_version``. After that ``audit.record`` tells of
    it.
    """
    row = noted_row(tx, subject, NewFact("review", str(tx.new_id()), 1, body), at)
    given = {name: row[name] for name in ("id", "assessment_id", "key")}
    carried = {name: body[name] for name in ("requirement", "response_version")}
    tx.connection.execute(_CARRY, {"source": source, "from_key": from_key} | given | carried)
