"""The audit log proves every table of the record, not only facts.

Revision 0022, of 2026-11-22. One entry proves what these tables hold already; from then on each row is proven by the
entry that is written with it.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# The columns that know a row, and the others that its hash is over.
PROVEN = {
    "app_user": ("id", "organisation_id, role, active, created_at, version"),
    "determination": (
        "id",
        (
            "number, assessment_id, service_id, provider_id, rule_set_id, rule_set_version, issued_to, issued_by,"
            " created_at, known_at, supersedes, draft, sha256, signature, issued_sha256, summary, content"
        ),
    ),
    "determination_order": ("service_id, rule_set_id, place", "number"),
    "determination_pdf": ("number, language", "made_at, sha256, content"),
    "handed_in": ("assessment_id, fact_id", "service_id, provider_id, submitted_at"),
    "organisation": ("id", "kind, name, created_at, regions, members, version"),
    "policy": ("id, version", "commissioner_id, created_at, body, recorded_at, recorded_by"),
    "policy_check": (
        "id",
        (
            "commissioner_id, policy_id, policy_version, assessment_id, service_id, repeats, created_at, checked_by,"
            " sha256, signature, content, determination"
        ),
    ),
    "service_area": (
        "service_id, version",
        "provider_id, regions, local_authorities, programme_types, recorded_at, recorded_by, request_id",
    ),
    "service_partner": (
        "service_id, partner_id, version",
        "provider_id, ended, answers_for, opens, recorded_at, recorded_by, request_id",
    ),
    "share": (
        "assessment_id, commissioner_id, version",
        "service_id, provider_id, ended, submitted_at, recorded_at",
    ),
    "upload": ("provider_id, sha256", "size, media_type, scan, uploaded_at, uploaded_by, request_id"),
    "upload_event": ("provider_id, sha256, number", "kind, reason, at, actor, request_id"),
}
TABLES = ("audit_event", "audit_head", *PROVEN)


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    database = op.get_bind()
    rows = _rows(database)
    if rows:
        _tell(database, rows)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """What the log says stays: it is only ever added to."""


def _tell(database: sa.Connection, rows: dict[str, str]) -> None:
    head = database.execute(sa.text("SELECT seq, hash FROM audit_head FOR UPDATE")).one_or_none()
    seq, last = (0, bytes(32)) if head is None else (head.seq, bytes(head.hash))
    nobody = UUID(int=0)
    entry: dict[str, Any] = {
        "seq": seq + 1,
        "id": uuid4(),
        "at": datetime.now(UTC),
        "organisation": nobody,
        "actor": nobody,
        "request_id": "migration",
        "action": "chain.widened",
        "subject": "audit-events",
        "detail": {},
        "rows": rows,
    }
    entry["hash"] = hashlib.sha256(last + _canonical(entry)).digest()
    entry |= {"rows": json.dumps(rows), "detail": "{}"}
    database.execute(
        sa.text(
            "INSERT INTO audit_event"
            " (seq, hash, id, at, organisation_id, actor, request_id, action, subject, detail, rows) VALUES"
            " (:seq, :hash, :id, :at, :organisation, :actor, :request_id, :action, :subject, :detail, :rows)"
        ),
        entry,
    )
    database.execute(
        sa.text(
            "INSERT INTO audit_head VALUES (true, :seq, :hash)"
            " ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash"
        ),
        entry,
    )


def _rows(database: sa.Connection) -> dict[str, str]:
    found: dict[str, str] = {}
    for table, (key, others) in PROVEN.items():
        for row in database.execute(sa.text(f"SELECT {key}, {others} FROM {table}")).mappings():  # noqa: S608  # names from above
            values = {name: value for name, value in row.items() if value is not None}
            place = "/".join(str(row[name]) for name in key.split(", "))
            found[f"{table}/{place}"] = hashlib.sha256(_canonical(values)).hexdigest()
    return found


def _canonical(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return str(value)
