"""Which tables are proven by the audit log, and what the hash of a row is over (docs/record.md).

These forms never change: what was recorded has to be provable for ever. Columns that are null are left out of a hash,
so that a column may be added later without a change to what was recorded before.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from app.engine.canonical import sha256_of

_BEGAN, _WIDENED, _CLIENTS, _RECIPIENTS = "0004", "0022", "0023", "0030"


@dataclass(frozen=True, slots=True)
class Proof:
    """How rows of a table are proven: the columns that know a row, and those that its hash is over.

    ``since`` is the revision of the database from which on every row of the table is proven.
    """

    key: tuple[str, ...]
    columns: tuple[str, ...]
    since: str


def _proof(key: str, others: str, since: str = _WIDENED) -> Proof:
    return Proof(tuple(key.split()), tuple(f"{key} {others}".split()), since)


# Rows are added and never changed, but for those of ``organisation``, ``app_user`` and ``client``, of which the newest
# state is proven. Of a user that is whatever says what they may do; who they are is left out, so that it can be erased.
PROVEN: Final[Mapping[str, Proof]] = {
    "app_user": _proof("id", "organisation_id role active created_at version"),
    "assessment": _proof("id", "service_id provider_id rule_set_id rule_set_version created_at", _BEGAN),
    "client": _proof("id", "organisation_id scope created_by created_at secret_hash secret_made_at version", _CLIENTS),
    "determination": _proof(
        "id",
        "number assessment_id service_id provider_id rule_set_id rule_set_version issued_to issued_by created_at"
        " known_at supersedes draft sha256 signature issued_sha256 summary content",
    ),
    "determination_order": _proof("service_id rule_set_id place", "number"),
    "determination_pdf": _proof("number language", "made_at sha256 content"),
    "determination_recipient": _proof("number commissioner_id", "added_at added_by", _RECIPIENTS),
    "fact": _proof(
        "id",
        "provider_id service_id assessment_id kind key version body recorded_at recorded_by request_id",
        _BEGAN,
    ),
    "handed_in": _proof("assessment_id fact_id", "service_id provider_id submitted_at"),
    "organisation": _proof("id", "kind name created_at regions members version"),
    "policy": _proof("id version", "commissioner_id created_at body recorded_at recorded_by"),
    "policy_check": _proof(
        "id",
        "commissioner_id policy_id policy_version assessment_id service_id repeats created_at checked_by sha256"
        " signature content determination",
    ),
    "service": _proof("id", "provider_id created_at", _BEGAN),
    "service_area": _proof(
        "service_id version",
        "provider_id regions local_authorities programme_types recorded_at recorded_by request_id",
    ),
    "service_partner": _proof(
        "service_id partner_id version", "provider_id ended answers_for opens recorded_at recorded_by request_id"
    ),
    "share": _proof("assessment_id commissioner_id version", "service_id provider_id ended submitted_at recorded_at"),
    "upload": _proof("provider_id sha256", "size media_type scan uploaded_at uploaded_by request_id"),
    "upload_event": _proof("provider_id sha256 number", "kind reason at actor request_id"),
}


def proven_at(revision: str | None) -> tuple[str, ...]:
    """The tables that are proven in a database of this revision, ``None`` the newest, in the order of their keys."""
    proven = (name for name, proof in PROVEN.items() if revision is None or proof.since <= revision)
    return tuple(sorted(proven, key="{}/".format))


def row_key(table: str, row: Mapping[str, Any]) -> str:
    """How the log names a row: the table and the values of its key, with slashes between."""
    return "/".join((table, *(str(row[name]) for name in PROVEN[table].key)))


def row_hash(table: str, row: Mapping[str, Any]) -> str:
    """SHA-256 of a row's proven columns, in hexadecimal digits."""
    values = {name: plain(row.get(name)) for name in PROVEN[table].columns}
    return sha256_of({name: value for name, value in values.items() if value is not None})


def plain(value: object) -> object:
    """A value as JSON has it: instants in UTC with microseconds, ids as text, and bytes as their SHA-256."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, UUID) else value
