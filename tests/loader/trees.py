"""A small sound standards tree, and ways to break it in one place at a time."""

from pathlib import Path

import pytest

from app.errors import Problem, StandardsInvalid
from app.loader.catalogue import load

# In the text of an edit, this mark stands just before the place where the problem must be located.
HERE = "«"

RULE_SET = "rule-sets/example/1.1/rule-set.yaml"
FIRST = "rule-sets/example/1.1/01-first.yaml"
SECOND = "rule-sets/example/1.1/02-second.yaml"
RESPECT = "schemes/respect.yaml"
CSAAP = "schemes/csaap.yaml"
RESPECT_WALK = "crosswalks/respect--example/1.yaml"
CSAAP_WALK = "crosswalks/csaap--example/1.yaml"

GOOD: dict[str, str] = {
    RULE_SET: """\
id: example
version: "1.1"
title: {en: Example rules, cy: Rheolau enghreifftiol}
status: draft
effective_from: 2018-07-01
profile:
  - id: client_groups
    type: choices
    text: Who comes
    options:
      - {id: adult_men, text: Men}
      - {id: young_people, text: Young people}
  - id: delivery
    type: choice
    text: How it is delivered
    options: [{id: group, text: In groups}, {id: alone, text: One to one}]
  - {id: workers, type: integer, text: Number of workers}
questions:
  - {id: hours, type: decimal, unit: h, text: Hours of supervision}
  - {id: safe_contact, type: boolean, text: Is contact safe?}
  - {id: last_review, type: date, text: When was the last review?}
  - {id: lead, type: choice, text: Who leads?, options: [{id: manager, text: Manager}, {id: board, text: Board}]}
  - {id: methods, type: choices, text: Which methods?, options: [{id: visit, text: Visit}, {id: call, text: Call}]}
document_types:
  - {id: policy, text: A policy}
  - {id: minutes, text: Minutes}
standards:
  - {number: 1, title: First, page: 3, file: 01-first.yaml}
  - {number: 2, title: Second, file: 02-second.yaml}
""",
    FIRST: """\
number: 1
title: First
requirements:
  - id: "1.1"
    statement: There is a policy.
    basis: [editorial]
    obligation: must
    concerns: organisation
    applies_when:
      any:
        - profile: {field: client_groups, includes_any: [adult_men]}
        - not: {profile: {field: workers, at_most: 1}}
    met_when:
      any:
        - id: policy
          ask: Hand in the policy.
          document: {types: [policy], at_least: 1, max_age_months: 36}
        - all:
            - id: hours
              ask: Give the hours.
              answer: {question: hours, at_least: "1.5"}
            - id: lead
              ask: Say who leads.
              answer: {question: lead, one_of: [manager, board]}
  - id: "1.2"
    statement: Somebody looks after safety.
    basis: [heading, law]
    obligation: must
    safety_critical: true
    weight: 2
    concerns: service
    met_when:
      all:
        - id: minutes
          ask: Hand in the minutes.
          document: {types: [minutes, policy]}
        - id: methods
          ask: Say which methods.
          answer: {question: methods, includes_all: [visit]}
        - id: review
          ask: Say when the last review was.
          answer: {question: last_review, within_months: 12}
""",
    SECOND: """\
number: 2
title: Second
requirements:
  - id: "2.1"
    statement: The programme has a manual.
    basis: [comparable]
    obligation: should
    concerns: programme
    may_be_excluded: true
    met_when: {id: manual, ask: Hand in the manual., document: {types: [policy]}}
""",
    RESPECT: """\
id: respect
title: Respect
editions: ["2", "3"]
stages: [accredited]
scope: service
usual_term_months: 36
""",
    CSAAP: """\
id: csaap
title: CSAAP
editions: ["2021"]
stages: [full, provisional]
scope: programme
usual_term_months: 60
""",
    RESPECT_WALK: """\
id: respect--example
version: "1"
scheme: respect
rule_set: {id: example, version: "1.1"}
editions: ["3"]
stages: [accredited]
applies_when: {profile: {field: delivery, is: group}}
entries:
  - {requirement: "1.1", coverage: full, reason: It was assessed.}
  - {requirement: "1.2", coverage: partial, leaves: [minutes, review]}
""",
    CSAAP_WALK: """\
id: csaap--example
version: "1"
scheme: csaap
rule_set: {id: example, version: "1.1"}
editions: ["2021"]
stages: [full]
entries:
  - {requirement: "2.1", coverage: full, basis: editorial}
""",
}

# What makes a copy of the rule set a later version of it, for the end of its ``rule-set.yaml``.
FOLLOWS = """\
based_on: {id: example, version: "1.1"}
lineage:
  retired: []
  entries:
    - {requirement: "1.1", from: ["1.1"], change: unchanged}
    - {requirement: "1.2", from: ["1.2"], change: unchanged}
    - {requirement: "2.1", from: ["2.1"], change: unchanged}
"""


def write(root: Path, files: dict[str, str]) -> Path:
    """Write the files below ``root``, and give it back."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return root


def edited(file: str, old: str, new: str) -> dict[str, str]:
    """The good tree with the first ``old`` in ``file`` replaced, the mark taken out."""
    assert old in GOOD[file], f"{old!r} is not in {file}"
    return GOOD | {file: GOOD[file].replace(old, new.replace(HERE, ""), 1)}


def place(file: str, old: str, new: str) -> tuple[int, int]:
    """Line and column, from 1, of the mark in the edited text."""
    before = GOOD[file].replace(old, new, 1).split(HERE)[0]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def problems_of(root: Path) -> tuple[Problem, ...]:
    """The problems that refuse the tree."""
    with pytest.raises(StandardsInvalid) as caught:
        load(root)
    return caught.value.problems
