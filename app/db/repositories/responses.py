"""Responses of an assessment, by requirement; a response's version is that of its fact."""

from app.db.repositories.records import Records
from app.db.repositories.subjects import of_assessment
from app.engine.pack import Response

_responses = Records("response", Response, of_assessment)
get = _responses.get
find = _responses.find
among = _responses.among
page = _responses.page
