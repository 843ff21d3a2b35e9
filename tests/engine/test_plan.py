"""A rule set is compiled once; ``test_sharing`` shows that threads may share what comes of it."""

from app.engine.plan import plans
from tests.engine.small import crosswalk, rule_set


def test_a_rule_set_and_its_crosswalks_are_compiled_once() -> None:
    rules, known = rule_set(), (crosswalk(),)
    assert plans(rules, known) is plans(rules, known)
    assert plans(rules, known) is plans(rule_set(), (crosswalk(),)), "what says the same is the same"
    assert plans(rules, known) is not plans(rules, ())
