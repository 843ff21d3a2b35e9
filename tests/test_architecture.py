"""The table and the rules of docs/architecture.md, held against the code; each is also broken once to see it fail."""

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
LATE_IMPORTS = ("app/cli.py", "app/cli_record.py")
TRANSACTIONS = "app/db/session.py"
TIMELESS = ("engine", "loader", "db", "reports", "stewardship", "services", "clients")

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Layer:
    """One row of the table: modules below ``app``, and top-level names of others' packages."""

    name: str
    ours: frozenset[str]
    others: frozenset[str]
    never: frozenset[str]


@cache
def everything_in(text: str) -> tuple[ast.AST, ...]:
    """Every node of a file, parsed once for all the checks."""
    return tuple(ast.walk(ast.parse(text)))


@dataclass(frozen=True)
class Module:
    """One file of ours; ``name`` is dotted and without ``app``."""

    path: str
    name: str
    text: str

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Everything in the file."""
        return everything_in(self.text)

    @property
    def imports(self) -> list[tuple[int, str]]:
        """Every import as line and full dotted name, wherever in the file it stands."""
        found: list[tuple[int, str]] = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found.extend((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                source = "." * node.level + (node.module or "")
                found.extend((node.lineno, f"{source}.{alias.name}") for alias in node.names)
        return sorted(found)

    def calls(self) -> Iterator[tuple[int, str, bool]]:
        """Every call as line, name of what is called, and whether it is called on something (``x.name()``)."""
        for node in self.nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.lineno, node.func.id, False
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.lineno, node.func.attr, True


def table(document: str) -> dict[str, Layer]:
    """The layers of the import table, by name."""
    section = document.partition("## Who may import what")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    cells = [[re.findall(r"`([\w.]+)`", cell) for cell in row] for row in rows]
    layers = [
        Layer(name, frozenset(ours), frozenset(others), frozenset(never)) for [name], ours, others, never in cells
    ]
    return {layer.name: layer for layer in layers}


def modules(root: Path) -> list[Module]:
    """Every Python file of ``app`` and ``alembic``, the empty ones apart."""
    found = []
    for path in sorted([*root.glob("app/**/*.py"), *root.glob("alembic/**/*.py")]):
        place = path.relative_to(root)
        name = ".".join(place.with_suffix("").parts).removeprefix("app.").removesuffix(".__init__")
        if path.name != "__init__.py":
            found.append(Module(place.as_posix(), name, path.read_text(encoding="utf-8")))
    return found


def within(name: str, names: frozenset[str] | Mapping[str, object]) -> str | None:
    """The longest of ``names`` that is ``name`` or a package around it."""
    parts = name.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in names), None)


def wrong_imports(root: Path, layers: Mapping[str, Layer]) -> Iterator[str]:
    """Imports that the table does not allow, and modules that it does not know."""
    for module in modules(root):
        row = within(module.name, layers)
        if row is None:
            yield f"{module.path}:1: no row of the import table is for this file; give it one"
            continue
        for line, name in module.imports:
            if why := _refusal(layers[row], module.name, name):
                yield f"{module.path}:{line}: {row} may not import {name}: {why}"


def _refusal(layer: Layer, importer: str, name: str) -> str | None:
    if name.startswith("."):
        return "write imports in full"
    ours = name.startswith("app.")
    target = name.removeprefix("app.") if ours else name
    if (banned := within(target, layer.never)) and banned != within(importer, layer.never):
        return f"never {banned}"
    first = target.split(".")[0]
    if not ours:
        known = first in sys.stdlib_module_names or first in layer.others
        return None if known else "it is not among the others' packages of this layer"
    same = within(target, frozenset({layer.name})) or (importer == target)
    return None if same or within(target, layer.ours) else "it is not among our layers that this one may use"


def cycles(root: Path) -> Iterator[str]:
    """A circle of modules that import each other, if there is one."""
    known = {module.name: module for module in modules(root)}
    graph = {
        name: {found for _, target in module.imports if (found := within(target.removeprefix("app."), known))}
        for name, module in known.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        yield f"{known[circle[0]].path}:1: imports in a circle: {' <- '.join(circle)}"


def late_imports(root: Path) -> Iterator[str]:
    """Imports inside functions, but for the command line's."""
    for module in modules(root):
        if module.path not in LATE_IMPORTS:
            lines = {
                inner.lineno
                for node in module.nodes
                if isinstance(node, FUNCTIONS)
                for inner in ast.walk(node)
                if isinstance(inner, ast.Import | ast.ImportFrom)
            }
            yield from (f"{module.path}:{line}: an import inside a function" for line in sorted(lines))


def filled_packages(root: Path) -> Iterator[str]:
    """``__init__.py`` files with something in them."""
    for path in sorted([*root.glob("app/**/__init__.py"), *root.glob("tests/**/__init__.py")]):
        if path.stat().st_size:
            yield f"{path.relative_to(root).as_posix()}:1: an __init__.py file is empty"


def impurities(root: Path) -> Iterator[str]:
    """Binary floating point, files and output in the engine."""
    for module in modules(root):
        if within(module.name, frozenset({"engine"})):
            for node in module.nodes:
                if isinstance(node, ast.Constant) and isinstance(node.value, float):
                    yield f"{module.path}:{node.lineno}: a floating-point number in the engine"
            for line, name, _ in module.calls():
                if name in {"float", "open", "print", "input", "read_text", "write_text"}:
                    yield f"{module.path}:{line}: the engine does not call {name}"


def clocks(root: Path) -> Iterator[str]:
    """The time asked for, or an id or a random number made, where they are arguments."""
    for module in modules(root):
        if within(module.name, frozenset(TIMELESS)):
            for line, name, on_something in module.calls():
                asks_time = on_something and name in {"now", "utcnow", "today", "time"}
                if asks_time or re.fullmatch(r"uuid[1-8]|urandom|random", name):
                    yield f"{module.path}:{line}: {name}() in a layer that is given times and ids as arguments"


def transactions(root: Path) -> Iterator[str]:
    """Transactions begun or ended anywhere but in their one place."""
    for module in modules(root):
        if module.name.split(".")[0] != "alembic" and module.path != TRANSACTIONS:
            for line, name, on_something in module.calls():
                if on_something and name in {"commit", "rollback", "begin", "begin_nested"}:
                    yield f"{module.path}:{line}: .{name}() is called in {TRANSACTIONS} only"


def blocking(root: Path) -> Iterator[str]:
    """Transactions opened by a coroutine itself, where waiting for the database would stop everybody."""
    for module in modules(root):
        for node in module.nodes:
            if isinstance(node, ast.AsyncFunctionDef):
                for call in _own_calls(node):
                    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                    if name in {"transaction", "transaction_of"}:
                        yield f"{module.path}:{call.lineno}: the coroutine {node.name} opens a transaction"


def _own_calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls in a function, but for those in functions inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, (*FUNCTIONS, ast.Lambda)):
            yield from _own_calls(child)


def too_long(root: Path) -> Iterator[str]:
    """Files and functions over their budgets, tests included."""
    paths = [path for folder in ("app", "alembic", "tests") for path in root.glob(f"{folder}/**/*.py")]
    for path in sorted(paths):
        place, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        if (lines := len(text.splitlines())) > LONGEST_FILE:
            yield f"{place}:1: {lines} lines; a file has at most {LONGEST_FILE}"
        for node in everything_in(text):
            if isinstance(node, FUNCTIONS) and (long := _length(node)) > LONGEST_FUNCTION:
                yield f"{place}:{node.lineno}: {node.name} has {long} lines; a function has at most {LONGEST_FUNCTION}"


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def imports_of_the_table(root: Path) -> Iterator[str]:
    """``wrong_imports`` under the project's own table."""
    return wrong_imports(root, LAYERS)


LAYERS = table((ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
CHECKS: tuple[Callable[[Path], Iterator[str]], ...] = (
    imports_of_the_table,
    cycles,
    late_imports,
    filled_packages,
    impurities,
    clocks,
    transactions,
    blocking,
    too_long,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.__name__))
def test_the_code_keeps_to(check: Callable[[Path], Iterator[str]]) -> None:
    found = list(check(ROOT))
    assert not found, "\n".join(found)


def test_the_table_is_read_whole() -> None:
    assert LAYERS["errors"] == Layer("errors", frozenset(), frozenset(), frozenset({"os", "pathlib"}))
    assert "reportlab" in LAYERS["reports"].others
    assert LAYERS["settings"].ours == {"errors", "shipped", "db.address"}
    assert "db.tables" in LAYERS["services"].never
    below_app = {name for name in LAYERS if not name.startswith("alembic")}
    missing = [name for name in below_app if not list(ROOT.glob(f"app/{name.replace('.', '/')}*"))]
    assert not missing


PLANTED = [
    (imports_of_the_table, "app/engine/bad.py", "import sqlalchemy", "app/engine/bad.py:1: engine may not import"),
    (imports_of_the_table, "app/engine/bad.py", "\nfrom pathlib import Path", "app/engine/bad.py:2: engine may not"),
    (imports_of_the_table, "app/engine/bad.py", "from app.loader import catalogue", "engine may not import app.loader"),
    (imports_of_the_table, "app/engine/bad.py", "def f():\n    import httpx", "app/engine/bad.py:2: engine may not"),
    (
        imports_of_the_table,
        "app/engine/bad.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import fastapi",
        "app/engine/bad.py:3: engine may not import fastapi",
    ),
    (imports_of_the_table, "app/loader/bad.py", "import fastapi", "loader may not import fastapi"),
    (imports_of_the_table, "app/db/bad.py", "import fastapi", "db may not import fastapi"),
    (imports_of_the_table, "app/reports/bad.py", "import sqlalchemy", "reports may not import sqlalchemy"),
    (imports_of_the_table, "app/services/bad.py", "import fastapi", "services may not import fastapi"),
    (imports_of_the_table, "app/services/bad.py", "from app.db import tables", "never db.tables"),
    (imports_of_the_table, "app/services/bad.py", "from app.api import wire", "services may not import app.api.wire"),
    (imports_of_the_table, "app/api/routers/bad.py", "from app.db.tables import fact", "never db.tables"),
    (imports_of_the_table, "app/api/bad.py", "import sqlalchemy", "api may not import sqlalchemy"),
    (imports_of_the_table, "app/security/bad.py", "from jose import jwt", "security may not import jose.jwt"),
    (imports_of_the_table, "app/api/bad.py", "from jose import jwt", "api may not import jose.jwt"),
    (imports_of_the_table, "app/errors.py", "import pydantic", "errors may not import pydantic"),
    (imports_of_the_table, "app/engine/bad.py", "from . import values", "write imports in full"),
    (imports_of_the_table, "app/new/bad.py", "import os", "app/new/bad.py:1: no row of the import table"),
    (imports_of_the_table, "alembic/versions/bad.py", "from app.db.tables import fact", "alembic.versions may not"),
    (cycles, "app/engine/a.py", "from app.engine import b", "imports in a circle: engine."),
    (
        late_imports,
        "app/engine/bad.py",
        "def f():\n    import json",
        "app/engine/bad.py:2: an import inside a function",
    ),
    (filled_packages, "app/engine/__init__.py", "from app.engine.pack import Pack", "app/engine/__init__.py:1: "),
    (impurities, "app/engine/bad.py", "x = 1\ny = 0.5", "app/engine/bad.py:2: a floating-point number"),
    (impurities, "app/engine/bad.py", "x = float('1')", "app/engine/bad.py:1: the engine does not call float"),
    (impurities, "app/engine/bad.py", "x = open('f')", "app/engine/bad.py:1: the engine does not call open"),
    (clocks, "app/engine/bad.py", "import datetime\nx = datetime.date.today()", "app/engine/bad.py:2: today() in a"),
    (
        clocks,
        "app/services/bad.py",
        "from datetime import datetime\nx = datetime.now()",
        "app/services/bad.py:2: now()",
    ),
    (clocks, "app/db/bad.py", "from uuid import uuid4\nx = uuid4()", "app/db/bad.py:2: uuid4() in a layer"),
    (transactions, "app/services/bad.py", "def f(tx):\n    tx.session.commit()", "app/services/bad.py:2: .commit()"),
    (transactions, "app/db/repositories/bad.py", "def f(s):\n    s.begin()", "app/db/repositories/bad.py:2: .begin()"),
    (
        blocking,
        "app/api/bad.py",
        "async def f(call):\n    def work():\n        call.transaction()\n    with call.transaction():\n        work()",
        "app/api/bad.py:4: the coroutine f opens a transaction",
    ),
    (imports_of_the_table, "app/db/bad.py", "from sqlalchemy.ext import asyncio", "never sqlalchemy.ext.asyncio"),
    (too_long, "app/engine/bad.py", "x = 1\n" * 401, "app/engine/bad.py:1: 401 lines"),
    (too_long, "tests/test_bad.py", "def f():\n" + "    x = 1\n" * 60, "tests/test_bad.py:1: f has 61 lines"),
]


@pytest.mark.parametrize(
    ("check", "path", "text", "message"), PLANTED, ids=[f"{item[0].__name__}-{item[3][:40]}" for item in PLANTED]
)
def test_a_planted_breach_is_found(
    tmp_path: Path, check: Callable[[Path], Iterator[str]], path: str, text: str, message: str
) -> None:
    sound = {
        "app/engine/b.py": '"""Sound."""\nfrom app.engine import a\n',
        "app/engine/a.py": "import json\n",
        "app/db/session.py": "def f(connection):\n    connection.begin()\n",
        "app/cli.py": "def f():\n    from app.engine import a\n",
        "app/engine/__init__.py": "",
    }
    for place, content in sound.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(content, encoding="utf-8")
    assert not list(check(tmp_path))
    planted = tmp_path / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text, encoding="utf-8")
    [found] = check(tmp_path)
    assert message in found
