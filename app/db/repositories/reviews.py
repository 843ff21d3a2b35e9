"""Reviews of an assessment: each decision is a fact of its own, under an id that rises with time."""

from app.db.repositories.records import Records
from app.db.repositories.subjects import of_assessment
from app.engine.pack import Review

_reviews = Records("review", Review, of_assessment)
get = _reviews.get
find = _reviews.find
page = _reviews.page
