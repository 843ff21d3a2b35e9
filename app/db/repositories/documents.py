"""Documents of a service: their metadata, kept for ever, under the ids that packs use."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.db.repositories.records import Records
from app.db.repositories.subjects import of_service
from app.db.session import Transaction
from app.engine.pack import Document

_documents = Records("document", Document, of_service)
get = _documents.get
find = _documents.find
page = _documents.page


def holders(tx: Transaction, service: UUID, documents: Sequence[str]) -> dict[str, UUID]:
    """The organisation that holds the file of each of these documents: the provider of the service, or a partner.

    That is the one of whoever recorded it first (migration 0031).
    """
    named = func.unnest(cast(list(documents), ARRAY(Text))).column_valued("document")
    rows = tx.connection.execute(select(named, func.safonau_holder(service, named)))
    return {name: holder for name, holder in rows if holder is not None}
