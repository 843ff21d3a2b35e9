"""Improvement actions of an assessment: what a provider will do about a gap, every version kept."""

from typing import Literal, TypeAlias

from app.db.repositories.records import Records
from app.db.repositories.subjects import of_assessment
from app.engine.determination import Rung
from app.engine.pack import Narrative
from app.engine.values import CivilDate, Frozen, Name

ActionState: TypeAlias = Literal["open", "in_progress", "done", "dropped"]


class ImprovementAction(Frozen):
    """What will be done about the gap that ``requirement`` is on ``rung``, by whom and by when.

    Its owner is a role of the provider, such as a job title (``owner_role``), or a user of it (``owner_user``, an id);
    ``reason`` is why it was dropped; ``evidence`` are ids of documents on record of the service.
    """

    requirement: Name
    rung: Rung = "verified"
    what: Narrative
    owner_role: Name | None = None
    owner_user: Name | None = None
    due_on: CivilDate
    state: ActionState = "open"
    reason: Narrative | None = None
    evidence: tuple[Name, ...] = ()


_actions = Records("action", ImprovementAction, of_assessment)
get = _actions.get
page = _actions.page
versions = _actions.versions
