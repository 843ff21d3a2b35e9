"""Overrides of an assessment that a reviewer proposes; version 2 of one says as which review it was confirmed."""

from app.db.repositories.records import Records
from app.db.repositories.subjects import of_assessment
from app.engine.pack import Review
from app.engine.values import Frozen, Instant, Name


class ProposedOverride(Frozen):
    """What is proposed: the review that it becomes when another reviewer confirms it, and of which submission."""

    review: Review
    submitted_at: Instant
    confirmed_as: Name | None = None


_overrides = Records("override", ProposedOverride, of_assessment)
get = _overrides.get
find = _overrides.find
page = _overrides.page
