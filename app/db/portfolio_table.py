"""The tables that portfolios and the sector view are read from. They are no record: all can be worked out again.

Triggers keep the columns of ``portfolio`` through ``mark``, which rises in the transaction of every write that a row
may rest on; a row is current while ``computed``, the mark that its content was worked out at, is the same. What there
is none of (a score, a date) has a value that sorts where it belongs.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.db.schema import Identifier, Instant, metadata

_RUNGS: Final = ("declared", "evidenced", "verified")
_RANK: Final = (
    "CASE status_{rung} WHEN 'critical_gaps' THEN 0 WHEN 'working_towards' THEN 1 WHEN 'meets' THEN 2"
    " WHEN 'not_assessed' THEN 3 ELSE 4 END"
)

# A row for each assessment and commissioner whom it is, or was, shared with.
portfolio = Table(
    "portfolio",
    metadata,
    Column("commissioner_id", Uuid, nullable=False),
    Column("assessment_id", Uuid, nullable=False),
    Column("service_id", Uuid, nullable=False),
    Column("provider_id", Uuid, nullable=False),
    Column("rule_set_id", Text, nullable=False),
    Column("rule_set_version", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("regions", ARRAY(Identifier), nullable=False),
    Column("mark", BigInteger, nullable=False),
    Column("computed", BigInteger, nullable=False, server_default="0"),
    Column("catalogue", Identifier, nullable=False, server_default=""),
    Column("judged_on", Date, nullable=False, server_default="0001-01-01"),
    Column("valid_through", Date, nullable=False, server_default="0001-01-01"),
    Column("state", Text, nullable=False, server_default=""),
    Column("submitted_at", Instant),
    Column("service_name", Text, nullable=False, server_default=""),
    Column("sort_name", Identifier, nullable=False, server_default=""),
    Column("provider_name", Text, nullable=False, server_default=""),
    Column("status_evidenced", Text),
    Column("status_verified", Text),
    # What ``status_evidenced`` and ``status_verified`` sort by.
    *(
        Column(f"rank_{rung}", Integer, Computed(_RANK.format(rung=rung), persisted=True), nullable=False)
        for rung in _RUNGS[1:]
    ),
    *(Column(rung, Numeric(4, 1), nullable=False, server_default="-1") for rung in _RUNGS),
    *(Column(f"lapses_{rung}", Date, nullable=False, server_default="9999-12-31") for rung in _RUNGS),
    *(
        Column(name, ARRAY(Identifier), nullable=False, server_default="{}")
        for name in ("local_authorities", "client_groups", "forms_of_abuse", "delivery", "schemes")
    ),
    *(Column(f"failing_{rung}", ARRAY(Identifier), nullable=False, server_default="{}") for rung in _RUNGS),
    *(Column(f"standards_{rung}", ARRAY(Integer), nullable=False, server_default="{}") for rung in _RUNGS),
    Column("content", JSONB, nullable=False, server_default="{}"),
    # For each requirement, in the order of the rule set, whether it applies and which rungs it reaches, in four bits.
    Column("tally", LargeBinary, nullable=False, server_default=""),
    PrimaryKeyConstraint("commissioner_id", "assessment_id"),
    ForeignKeyConstraint(
        ["assessment_id", "service_id", "provider_id"],
        ["assessment.id", "assessment.service_id", "assessment.provider_id"],
    ),
    Index("ix_portfolio_marked", "assessment_id", postgresql_where=text("computed <> mark")),
    Index(None, "assessment_id"),
    Index(None, "service_id"),
    Index(None, "commissioner_id", "service_id", "rule_set_id"),
    Index(None, "catalogue"),
    Index(None, "judged_on"),
    Index(None, "valid_through"),
    *(
        Index(None, "commissioner_id", name, "assessment_id")
        for name in (
            "sort_name",
            "submitted_at",
            *_RUNGS,
            *(f"lapses_{rung}" for rung in _RUNGS),
            *(f"rank_{rung}" for rung in _RUNGS[1:]),
        )
    ),
)

# How far the services of a quarter that has ended are counted, under one rule set. Nothing that is recorded later can
# change what was known on its last day; with another catalogue, or a service entered as of an earlier day, all are
# counted again, in a new ``turn``.
sector_quarter = Table(
    "sector_quarter",
    metadata,
    Column("last_day", Date, nullable=False),
    Column("rule_set_id", Text, nullable=False),
    Column("catalogue", Identifier, nullable=False),
    Column("turn", Integer, nullable=False),
    # The last service that was counted, in the order of ids; none of the first turn begun.
    Column("after_service", Uuid),
    Column("counted", Boolean, nullable=False),
    PrimaryKeyConstraint("last_day", "rule_set_id"),
)

# What the services that work in exactly these regions showed together: all of them (the nil id), and of these the ones
# that shared with a commissioner. ``figures`` are described in ``app.db.sector``.
sector_count = Table(
    "sector_count",
    metadata,
    Column("last_day", Date, nullable=False),
    Column("rule_set_id", Text, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("rule_set_version", Text, nullable=False),
    Column("regions", ARRAY(Identifier), nullable=False),
    Column("shared_with", Uuid, nullable=False),
    Column("services", Integer, nullable=False),
    Column("figures", LargeBinary, nullable=False),
    PrimaryKeyConstraint("last_day", "rule_set_id", "turn", "rule_set_version", "regions", "shared_with"),
    ForeignKeyConstraint(["last_day", "rule_set_id"], ["sector_quarter.last_day", "sector_quarter.rule_set_id"]),
    CheckConstraint("services >= 1", name="services"),
)
