"""The audit log becomes a chain, and each service gets a clock.

Revision 0004 of 2026-11-22.

What was in the log before is numbered in the order of its instants; one more entry then proves the rows on record.
The owner of the tables may read all of them from here on: `safonau audit verify` and `safonau backup` do.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = (
    "organisation",
    "app_user",
    "service",
    "assessment",
    "share",
    "fact",
    "idempotency",
    "audit_event",
    "service_clock",
    "audit_head",
)
PROVEN = {
    "service": "id, provider_id, created_at",
    "assessment": "id, service_id, provider_id, rule_set_id, rule_set_version, created_at",
    "fact": "id, provider_id, service_id, assessment_id, kind, key, version, body, recorded_at, recorded_by,"
    " request_id",
}
SEEN = "EXISTS (SELECT FROM service WHERE service.id = service_clock.service_id)"
ANYBODY = "(SELECT safonau_user()) IS NOT NULL"
# (table, name, command, condition); the policies of 0001 for the other tables stay.
POLICIES = (
    ("service_clock", "seen", "SELECT", SEEN),
    ("service_clock", "seen_move", "UPDATE", SEEN),
    ("service_clock", "seen_add", "INSERT", SEEN),
    ("audit_head", "anybody", "SELECT", ANYBODY),
    ("audit_head", "anybody_add", "INSERT", ANYBODY),
    ("audit_head", "anybody_move", "UPDATE", ANYBODY),
    ("audit_event", "own", "SELECT", "organisation_id = (SELECT safonau_organisation())"),
)


def upgrade() -> None:
    _clocks()
    _chain()
    for table, changeable in (("service_clock", "at"), ("audit_head", "seq, hash")):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({changeable}) ON {table} TO safonau_app")
    for table, name, command, condition in POLICIES:
        clause = "WITH CHECK" if command == "INSERT" else "USING"
        op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO safonau_app {clause} ({condition})")
    op.execute("DROP POLICY own_add ON audit_event")
    op.execute(
        "CREATE POLICY own_add ON audit_event FOR INSERT TO safonau_app"
        " WITH CHECK (actor = (SELECT safonau_user()) AND organisation_id = (SELECT safonau_organisation()))"
    )
    for table in TABLES:
        op.execute(f"CREATE POLICY owner_reads ON {table} FOR SELECT TO CURRENT_USER USING (true)")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP POLICY owner_reads ON {table}")
    op.execute("DROP POLICY own ON audit_event")
    op.execute("DROP POLICY own_add ON audit_event")
    op.execute(
        "CREATE POLICY own_add ON audit_event FOR INSERT TO safonau_app WITH CHECK (actor = (SELECT safonau_user()))"
    )
    op.drop_table("audit_head")
    op.drop_table("service_clock")
    op.drop_index(op.f("ix_audit_event_organisation_id_seq"), "audit_event")
    op.drop_constraint(op.f("uq_audit_event_id"), "audit_event")
    op.drop_constraint(op.f("pk_audit_event"), "audit_event")
    for column in ("seq", "hash", "organisation_id", "rows"):
        op.drop_column("audit_event", column)
    op.create_primary_key(op.f("pk_audit_event"), "audit_event", ["id"])
    op.create_index(op.f("ix_audit_event_at"), "audit_event", ["at"])


def _clocks() -> None:
    op.create_table(
        "service_clock",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_service_clock_service_id_service")),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_service_clock")),
    )
    with _Unbound("service", "fact"):
        op.execute(
            "INSERT INTO service_clock SELECT service.id, coalesce(max(fact.recorded_at), service.created_at)"
            " FROM service LEFT JOIN fact ON fact.service_id = service.id GROUP BY service.id"
        )


def _chain() -> None:
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_audit_head_one")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_audit_head")),
    )
    op.add_column("audit_event", sa.Column("seq", sa.BigInteger()))
    op.add_column("audit_event", sa.Column("hash", sa.LargeBinary()))
    op.add_column("audit_event", sa.Column("organisation_id", sa.Uuid()))
    op.add_column("audit_event", sa.Column("rows", JSONB()))
    with _Unbound("audit_event", "app_user", *PROVEN):
        _link()
    for column in ("seq", "hash", "organisation_id", "rows"):
        op.alter_column("audit_event", column, nullable=False)
    op.drop_index(op.f("ix_audit_event_at"), "audit_event")
    op.drop_constraint(op.f("pk_audit_event"), "audit_event")
    op.create_primary_key(op.f("pk_audit_event"), "audit_event", ["seq"])
    op.create_unique_constraint(op.f("uq_audit_event_id"), "audit_event", ["id"])
    op.create_index(op.f("ix_audit_event_organisation_id_seq"), "audit_event", ["organisation_id", "seq"])


class _Unbound:
    """The owner is bound by no policy of these tables in the block: it works on every row."""

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def __enter__(self) -> None:
        for table in self.tables:
            op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")

    def __exit__(self, *_: object) -> None:
        for table in self.tables:
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _link() -> None:
    """Number and chain what is in the log, and add the entry that proves the rows on record, if there are any."""
    database = op.get_bind()
    events = database.execute(
        sa.text(
            "SELECT audit_event.id, at, coalesce(app_user.organisation_id, :nobody) AS organisation, actor, request_id,"
            " action, subject, detail, '{}'::jsonb AS rows"
            " FROM audit_event LEFT JOIN app_user ON app_user.id = actor ORDER BY at, audit_event.id"
        ),
        {"nobody": UUID(int=0)},
    ).mappings()
    entries: list[dict[str, Any]] = [dict(event) for event in events]
    if not entries:
        return
    nobody = UUID(int=0)
    began = {"id": uuid4(), "at": datetime.now(UTC), "organisation": nobody, "actor": nobody}
    told = {"request_id": "migration", "action": "chain.began", "subject": "audit-events", "detail": {}}
    entries.append(began | told | {"rows": _rows(database)})
    seq, last = 0, bytes(32)
    for seq, entry in enumerate(entries, start=1):
        last = hashlib.sha256(last + _canonical({"seq": seq} | entry)).digest()
        entry |= {"seq": seq, "hash": last, "rows": json.dumps(entry["rows"]), "detail": json.dumps(entry["detail"])}
    database.execute(
        sa.text(
            "UPDATE audit_event SET seq = :seq, hash = :hash, organisation_id = :organisation, rows = '{}'"
            " WHERE id = :id"
        ),
        entries[:-1],
    )
    database.execute(
        sa.text(
            "INSERT INTO audit_event"
            " (seq, hash, id, at, organisation_id, actor, request_id, action, subject, detail, rows) VALUES"
            " (:seq, :hash, :id, :at, :organisation, :actor, :request_id, :action, :subject, :detail, :rows)"
        ),
        entries[-1],
    )
    database.execute(sa.text("INSERT INTO audit_head VALUES (true, :seq, :last)"), {"seq": seq, "last": last})


def _rows(database: sa.Connection) -> dict[str, str]:
    found: dict[str, str] = {}
    for table, columns in PROVEN.items():
        for row in database.execute(sa.text(f"SELECT {columns} FROM {table}")).mappings():  # noqa: S608  # names from above
            values = {name: value for name, value in row.items() if value is not None}
            found[f"{table}/{row['id']}"] = hashlib.sha256(_canonical(values)).hexdigest()
    return found


def _canonical(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)
