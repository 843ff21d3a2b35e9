"""Services and assessments as what facts are about."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from app.db.repositories.facts import Subject
from app.db.session import Transaction
from app.db.tables import assessment, service
from app.db.values import not_found

# Built once: to build a statement takes about as long as to run it.
_OF_SERVICE: Final = select(service.c.provider_id).where(service.c.id == bindparam("wanted"))
_OF_ASSESSMENT: Final = select(assessment.c.service_id, assessment.c.provider_id).where(
    assessment.c.id == bindparam("wanted")
)


def of_service(tx: Transaction, service_id: UUID) -> Subject:
    """The service as a subject; raises ``NotFound`` unless the caller may see it."""
    provider = tx.connection.scalar(_OF_SERVICE, {"wanted": service_id})
    if provider is None:
        raise not_found()
    return Subject(service_id, provider)


def of_assessment(tx: Transaction, assessment_id: UUID) -> Subject:
    """The assessment as a subject; raises ``NotFound`` unless the caller may see it."""
    row = tx.connection.execute(_OF_ASSESSMENT, {"wanted": assessment_id}).one_or_none()
    if row is None:
        raise not_found()
    return Subject(row.service_id, row.provider_id, assessment_id)
