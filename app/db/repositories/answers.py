"""Answers of an assessment, by question."""

from app.db.repositories.records import Records
from app.db.repositories.subjects import of_assessment
from app.engine.pack import Answer

_answers = Records("answer", Answer, of_assessment)
get = _answers.get
find = _answers.find
among = _answers.among
page = _answers.page
