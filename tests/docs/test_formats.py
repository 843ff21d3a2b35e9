"""The documents that docs/formats.md shows are documents of those formats."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from app.engine.determination import ROUTES, Determination
from app.engine.evaluate import evaluate
from app.engine.pack import Pack
from app.engine.rules import BASES
from app.loader.catalogue import Catalogue, load
from app.loader.conditions import FITS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "docs/examples/pack.json"
DAY = date(2026, 4, 1)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(ROOT / "standards")


def example_of(catalogue: Catalogue) -> tuple[Pack, Determination]:
    """The example pack, and what it shows."""
    rule_set, pack = catalogue.accept(json.loads(EXAMPLE.read_text(encoding="utf-8")))
    return pack, evaluate(rule_set, catalogue.crosswalks_for(rule_set), pack, DAY)


def shown(name: str) -> str:
    """The JSON block of the section ``name``."""
    section = PAGE.partition(f"\n## {name}\n")[2]
    return section.partition("```json\n")[2].partition("\n```")[0]


def test_the_pack_shown_is_the_example_and_is_taken(catalogue: Catalogue) -> None:
    assert shown("Assessment pack") == EXAMPLE.read_text(encoding="utf-8").rstrip("\n")
    _, found = example_of(catalogue)
    [result] = [item for standard in found.standards for item in standard.requirements if item.id == "14.2"]
    assert (result.verified, result.route) == (True, "evidence")


def test_the_pack_shown_has_every_field_of_its_format(catalogue: Catalogue) -> None:
    example = json.loads(shown("Assessment pack"))
    pack, _ = example_of(catalogue)
    assert example.keys() == pack.normal_form.keys()
    for name in ("accreditations", "documents", "answers", "responses", "reviews"):
        [item], [normal] = example[name], pack.normal_form[name]
        assert item.keys() == normal.keys(), name


def test_a_determination_names_every_file_by_its_content(catalogue: Catalogue) -> None:
    pack, found = example_of(catalogue)
    rule_set = catalogue.rule_set(pack.rule_set.id, pack.rule_set.version)
    assert found.rule_set.sha256 == rule_set.sha256
    assert found.pack_sha256 == pack.sha256
    used = {(item.id, item.version): item.sha256 for item in catalogue.crosswalks_for(rule_set)}
    assert found.crosswalks
    assert all(item.sha256 == used[item.id, item.version] for item in found.crosswalks)
    changed = rule_set.replace(note={"en": "Changed."})
    assert changed.sha256 != rule_set.sha256


def test_the_same_inputs_give_the_same_bytes_in_another_process(catalogue: Catalogue) -> None:
    command = [str(Path(sys.executable).parent / "safonau"), "evaluate", str(EXAMPLE), "--as-of", DAY.isoformat()]
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        assert done.stdout == example_of(catalogue)[1].canonical + b"\n"


def test_the_determination_shown_has_the_form_of_one() -> None:
    example = json.loads(shown("Determination"))
    found = Determination.model_validate(example)
    assert found.json_form == example
    assert set(example["counts"]["must"]["by_route"]) == set(ROUTES)
    assert set(example["counts"]["basis"]) == set(BASES)
    for counts in (example["counts"]["must"], example["counts"]["should"]):
        total = counts["applicable"] + counts["excluded"] + counts["not_applicable"]
        assert sum(counts["by_route"].values()) == total


def test_the_operators_are_those_of_the_loader() -> None:
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", PAGE.partition("### Operators by type")[2], re.MULTILINE)
    listed = {
        operator: set(re.findall(r"`(\w+)`", fits)) or {"every type"}
        for operators, fits in rows
        for operator in re.findall(r"`(\w+)`", operators)
    }
    every = {kind for kinds in FITS.values() for kind in kinds}
    assert listed == {name: {"every type"} if kinds == every else set(kinds) for name, kinds in FITS.items()}
