"""An issued determination worked out again from the record, and held against the bytes that were issued."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from app.db.repositories import determinations
from app.db.session import NOBODY, Actor, Transaction, acting_as
from app.engine.determination import ENGINE_VERSION
from app.errors import NotFound
from app.loader.catalogue import Catalogue
from app.services import packs
from app.services.determinations import issuable
from app.services.numbering import read_number


def recompute(tx: Transaction, catalogue: Catalogue, typed: str) -> tuple[str, ...]:
    """Everything in which the determination differs from what the record gives, as it was known; none is identical.

    ``tx`` begins as one of ``VERIFYING`` and ends in the provider's name, whose record is read; for the command line
    alone. Raises ``NotFound`` for a number that was not issued, and ``Conflict`` where the record no longer fits the
    rule set as it is loaded.
    """
    number = read_number(typed)
    record = None if number is None else determinations.by_number(tx, number)
    if record is None:
        raise NotFound(
            f"No determination {typed} was issued here.", hint="Its number is on it, as SAF-2026-7K3QX-9MD4T-C."
        )
    content = determinations.content(tx, record.number)
    found = []
    if hashlib.sha256(content).hexdigest() != record.sha256:
        found.append(f"what is kept has not the SHA-256 under which it was issued, {record.sha256}")
    issued = determinations.document(content)
    if issued.get("engine") != ENGINE_VERSION:
        found.append(f"it was issued by engine {issued.get('engine')}, and this is {ENGINE_VERSION}")
    reading = acting_as(tx, Actor(NOBODY, record.provider, "provider_lead"), tx.now)
    pack = packs.assembled(reading, record.assessment, known_at=record.known_at)
    as_of = date.fromisoformat(record.summary["as_of"])
    again, _ = issuable(catalogue, pack, as_of=as_of)
    if again.canonical == content:
        return tuple(found)
    return (*found, *_differences(issued, again.json_form, ""))


def _differences(one: Any, two: Any, pointer: str) -> Iterator[str]:  # noqa: ANN401 -- JSON is anything
    """Each place, as a JSON Pointer, at which two documents differ, with what each has there."""
    if isinstance(one, dict) and isinstance(two, dict):
        for name in sorted(one.keys() | two.keys()):
            if name not in one or name not in two:
                there = "issued" if name in one else "recomputed"
                yield f"{pointer}/{name}: only as {there}"
            else:
                yield from _differences(one[name], two[name], f"{pointer}/{name}")
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for index, (before, after) in enumerate(zip(one, two, strict=True)):
            yield from _differences(before, after, f"{pointer}/{index}")
    elif one != two:
        yield f"{pointer}: issued {_short(one)}, recomputed {_short(two)}"


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
