"""The benchmark's other rule engines judge what ours judges, or their times would say nothing."""

from app.loader.catalogue import Catalogue
from tests.benchmarks.peers import HOLDS, HOLDS_NOT, NOT_APPLICABLE, PEERS, Rules, claiming_pack, facts_of, ours
from tests.packs import DAY

WALES = ("wales-perpetrator-services", "2018.1")


def test_other_rule_engines_give_our_verdicts(catalogue: Catalogue) -> None:
    """All but the slowest, which takes seconds; the benchmark checks that one before it times it."""
    rule_set = catalogue.rule_set(*WALES)
    pack = claiming_pack(rule_set)
    expected = ours(rule_set, pack, DAY)
    assert set(expected.values()) == {HOLDS, HOLDS_NOT, NOT_APPLICABLE}
    facts, rules = facts_of(rule_set, pack), Rules(rule_set, DAY)
    for name in ("zen-engine", "panzi-json-logic"):
        assert PEERS[name](rules, facts)() == expected, name
