"""Tells what a commissioner of the demonstration does: policies, one made stricter later, and checks by them."""

from typing import Final

from app.db.session import Actor
from app.engine.policy import Policy
from app.engine.values import add_months
from app.services import checks, packs, policies
from app.services.demo.packs import MARK
from app.services.demo.telling import Scene, Telling

_CHECKED: Final = 2  # services of each commissioner, one from the first and one from the second half


def decide(scene: Scene, commissioner: Actor) -> Telling:
    """Make a policy a year ago, change it, check some services with it this week, and ask the first again.

    A second policy, for short grants, looks not so far ahead: by that the first service is checked that passes.
    """
    day = scene.now.date()
    tx = yield commissioner, scene.days_ago(380)
    first = Policy(
        name=f"{MARK}Before we fund",
        rule_set=scene.rule_set.id,
        rung="evidenced",
        minimum_compliance="60",
        conditions=("rule_set_not_in_force", "critical_gap"),
    )
    made = policies.create(tx, scene.catalogue, first)
    tx = yield commissioner, scene.days_ago(120)
    stricter = first.replace(
        minimum_compliance="75",
        maximum_age_months=24,
        holds_to_contract_end=True,
        conditions=("rule_set_not_in_force", "critical_gap_ahead", "compliance_below_ahead"),
    )
    made = policies.change(tx, scene.catalogue, made.id, stricter, expected=made.etag)
    tx = yield commissioner, scene.days_ago(4)
    found = policies.standing(tx, scene.rule_set.id)
    chosen = found[:: max(1, len(found) // _CHECKED)][:_CHECKED]
    done = [
        checks.check(
            tx,
            scene.catalogue,
            scene.press,
            made,
            checks.Question(record.id, tx.now.date(), add_months(day, 6)),
        )
        for record in chosen
    ]
    yield from _short_grant(scene, commissioner)
    tx = yield commissioner, scene.days_ago(1)
    for item in done[:1]:
        checks.repeat(tx, scene.catalogue, scene.press, item.id, as_of=tx.now.date(), known_at=None)


def _short_grant(scene: Scene, commissioner: Actor) -> Telling:
    tx = yield commissioner, scene.days_ago(3)
    asked = Policy(
        name=f"{MARK}Short grants",
        rule_set=scene.rule_set.id,
        rung="evidenced",
        minimum_compliance="80",
        maximum_age_months=12,
    )
    made = policies.create(tx, scene.catalogue, asked)
    for record in policies.standing(tx, scene.rule_set.id):
        question = checks.Question(record.id, tx.now.date(), None)
        about = policies.circumstances(tx, record.id, None, demonstration=scene.press.demonstration)
        pack = packs.assembled(tx, record.id)
        tried = policies.judged(scene.catalogue, asked, pack, about, as_of=question.as_of, contract_end=None)
        if tried.finding.outcome == "pass":
            checks.check(tx, scene.catalogue, scene.press, made, question)
            return
