"""Trials of policies from what is kept for portfolios, beside the same trials with every service evaluated."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from app.db.repositories import portfolio
from app.db.session import Actor
from app.engine.policy import Policy
from app.services import policies
from app.services.portfolio import fingerprint
from tests.services.world import World

STRICT = Policy(
    name="Grants",
    rule_set="tiny",
    minimum_compliance="60",
    required_standards=(1,),
    required_requirements=("1.1",),
    maximum_age_months=1,
    conditions=("compliance_below",),
)
AHEAD = STRICT.replace(rung="evidenced", holds_to_contract_end=True)
# A policy, in how many days the contract ends, and in how many it is asked.
ASKED = (
    (STRICT, None, 0),
    (STRICT, None, 35),
    (STRICT, None, -20),
    (STRICT.replace(rung="declared", accreditation_accepted=False), None, 0),
    (AHEAD, 30, 0),
    (AHEAD, 400, 0),
)


def same_trials(world: World, actor: Actor, most: int = len(ASKED)) -> int:
    """Compare so many of them, and give how many assessments a trial of today needs not evaluate."""
    today = world.now.date()
    for policy, end, ahead in ASKED[:most]:
        asked: dict[str, Any] = {
            "as_of": today + timedelta(days=ahead),
            "contract_end": None if end is None else today + timedelta(days=end),
            "demonstration": False,
        }
        found = policies.attempt(lambda: world.tx(actor), world.catalogue, policy, **asked)
        with patch.object(portfolio, "kept", lambda *_: {}):
            assert found == policies.attempt(lambda: world.tx(actor), world.catalogue, policy, **asked)
    with world.tx(actor) as tx:
        return len(portfolio.kept(tx, today, today, fingerprint(world.catalogue)))
