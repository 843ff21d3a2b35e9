"""Documents of a service: their metadata, kept for ever, under the ids that packs use."""

from app.db.repositories.records import Records
from app.db.repositories.subjects import of_service
from app.engine.pack import Document

_documents = Records("document", Document, of_service)
get = _documents.get
find = _documents.find
page = _documents.page
