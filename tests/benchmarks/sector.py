"""Ten thousand made-up services in the counts that the sector view is read from."""

import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg

from app.db.sector import total
from app.db.session import NOBODY
from app.engine.rules import RuleSet
from app.loader.catalogue import load
from app.services.sector_figures import of_service

_ROOT = Path(__file__).resolve().parents[2]
_REGIONS = ("cardiff_and_vale", "cwm_taf_morgannwg", "gwent", "mid_and_west_wales", "north_wales", "west_glamorgan")
# Not applicable, and each rung that may be the highest one reached.
_DIGITS = "08cef"
_ADD = (
    "INSERT INTO sector_count (last_day, rule_set_id, turn, rule_set_version, regions, shared_with, services, figures)"
    " SELECT last_day, rule_set_id, turn, %s, %s, %s, %s, %s FROM sector_quarter WHERE last_day = %s"
    " AND rule_set_id = %s ON CONFLICT (last_day, rule_set_id, turn, rule_set_version, regions, shared_with)"
    " DO UPDATE SET services = excluded.services, figures = excluded.figures"
)


def address(ask: Callable[[str], bytes]) -> str:
    """Where the sector view is, under the rule set version of what the portfolio shows."""
    ref = json.loads(ask("/v1/commissioning/portfolio?limit=1"))["items"][0]["rule_set"]
    return f"/v1/commissioning/sector?rule_set={ref['id']}&version={ref['version']}"


def enter(owner: psycopg.Connection[tuple[object, ...]], ask: Callable[[str], bytes], path: str, services: int) -> None:
    """Enter what made-up services showed in each quarter; half of them share with the commissioner who asks."""
    found = json.loads(ask(path))
    rule_set = load(_ROOT / "standards").rule_set(found["rule_set"]["id"], found["rule_set"]["version"])
    [(commissioner,)] = owner.execute("SELECT commissioner_id FROM portfolio ORDER BY service_name LIMIT 1").fetchall()
    days = sorted({date.fromisoformat(each["last_day"]) for each in found["columns"]})
    for number, day in enumerate(days):
        for (regions, shared), figures in _showed(rule_set, services, seed=number).items():
            whose = commissioner if shared else NOBODY
            value = total(figures, len(figures[0]))
            owner.execute(_ADD, [rule_set.version, list(regions), whose, len(figures), value, day, rule_set.id])
    owner.execute("ANALYZE sector_count")


def _showed(rule_set: RuleSet, services: int, *, seed: int) -> dict[tuple[tuple[str, ...], bool], list[bytes]]:
    chance = random.Random(seed)  # noqa: S311  # nothing depends on nobody guessing it
    found: dict[tuple[tuple[str, ...], bool], list[bytes]] = {}
    for number in range(services):
        regions = tuple(sorted({chance.choice(_REGIONS), chance.choice(_REGIONS)}))
        figures = of_service(rule_set, "".join(chance.choices(_DIGITS, k=len(rule_set.requirements))))
        for shared in (False, True)[: 1 + number % 2]:
            found.setdefault((regions, shared), []).append(figures)
    return found
