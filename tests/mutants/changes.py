"""Every small change of a module that a test should notice, one at a time.

Changed are the bodies of functions: comparisons, ``and`` and ``or``, conditions, arithmetic, constants, what is
returned, and statements that only call something. A sentence is left out, as no test should repeat its words; any
other text gets another end. Texts of f-strings, docstrings, defaults and annotations are left alone, and so is
``strict=True``, with which the program only checks itself.
"""

import ast
import copy
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import TypeAlias

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COMBINED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_SENTENCE = re.compile(r"\w \w")
_CALLED = {"any": "all", "all": "any", "min": "max", "max": "min"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: in which function, on which line, within which statement, and what becomes what."""

    function: str
    line: int
    statement: range
    was: str
    now: str
    code: CodeType

    @property
    def words(self) -> str:
        """What becomes what, in one line."""
        return f"{self.was} -> {self.now}"


def changes(source: str, file: str) -> Iterator[Change]:
    """Every change of the module ``source``, in the order of its functions; each has the function's own new code."""
    for classes, function in _functions(ast.parse(source).body, ()):
        for node, lines in _nodes(function):
            for edit in _edits(node):
                found = _changed(function, classes, (node, edit), file)
                if found is not None:
                    was, now, code = found
                    yield Change(code.co_qualname, getattr(node, "lineno", lines.start), lines, was, now, code)


def _functions(body: list[ast.stmt], classes: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], _Function]]:
    """Each function with the names of the classes that it stands in."""
    for item in body:
        if isinstance(item, _Function):
            yield classes, item
        elif isinstance(item, ast.ClassDef):
            yield from _functions(item.body, (*classes, item.name))


def _nodes(function: _Function) -> Iterator[tuple[ast.AST, range]]:
    """What of a function can be changed, with the lines of its statement; not its head, docstrings and f-strings."""
    waiting: list[tuple[ast.AST, range]] = [(item, range(0)) for item in reversed(function.body)]
    while waiting:
        node, lines = waiting.pop()
        if _left_alone(node):
            continue
        if isinstance(node, ast.stmt):
            lines = _lines(node)
        yield node, lines
        below = list(ast.iter_child_nodes(node))
        if isinstance(node, _Function):
            below = list(node.body)
        elif isinstance(node, ast.AnnAssign):
            below = [node.value] if node.value else []
        waiting += [(item, lines) for item in reversed(below)]


def _left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.keyword) and node.arg == "strict")


def _lines(statement: ast.stmt) -> range:
    """The lines of a statement, without the statements within it."""
    body: list[ast.stmt] = getattr(statement, "body", [])
    last = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return range(statement.lineno, max(last, statement.lineno) + 1)


_Edit: TypeAlias = Callable[[ast.AST], ast.AST]


def _edits(node: ast.AST) -> Iterator[_Edit]:
    """Each gives what stands in the place of a copy of ``node``."""
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            other = _COMPARED[type(operator)]()
            yield lambda made, index=index, other=other: _with_item(made, "ops", index, other)  # type: ignore[misc]  # the index of this round
    elif isinstance(node, ast.BoolOp):
        yield lambda made: _with(made, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for index in range(len(node.values)):
            yield lambda made, index=index: _without(made, index)  # type: ignore[misc]  # the same
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield lambda _: node.operand
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _COMBINED:
        yield lambda made: _with(made, "op", _COMBINED[type(node.op)]())
    else:
        yield from _edits_of_others(node)


def _edits_of_others(node: ast.AST) -> Iterator[_Edit]:
    if isinstance(node, ast.Constant):
        yield from _edits_of_constant(node)
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        for held in (True, False) if not isinstance(node, ast.While) else (False,):
            yield lambda made, held=held: _with(made, "test", ast.Constant(held))  # type: ignore[misc]  # the same
    elif isinstance(node, ast.comprehension):
        for index in range(len(node.ifs)):
            yield lambda made, index=index: _with_item(made, "ifs", index, ast.Constant(value=True))  # type: ignore[misc]  # the same
    elif isinstance(node, ast.Return) and node.value is not None and not _is_nothing(node.value):
        yield lambda made: _with(made, "value", ast.Constant(None))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLED:
        name = _CALLED[node.func.id]
        yield lambda made: _with(made, "func", ast.Name(name, ast.Load()))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield lambda _: ast.Pass()
    elif isinstance(node, ast.Break | ast.Continue):
        yield lambda _: ast.Continue() if isinstance(node, ast.Break) else ast.Break()


def _edits_of_constant(node: ast.Constant) -> Iterator[_Edit]:
    value = node.value
    if isinstance(value, bool):
        yield lambda _: ast.Constant(not value)
    elif isinstance(value, int):
        yield lambda _: ast.Constant(value + 1)
    elif isinstance(value, str):
        yield lambda _: ast.Constant("" if _SENTENCE.search(value) else f"{value}XX")


def _is_nothing(node: ast.expr) -> bool:
    """Whether it is ``None`` already, or ``False``: it is for the type checker to tell those two apart."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


def _with(made: ast.AST, field: str, value: ast.AST) -> ast.AST:
    setattr(made, field, value)
    return made


def _with_item(made: ast.AST, field: str, index: int, value: ast.AST) -> ast.AST:
    getattr(made, field)[index] = value
    return made


def _without(made: ast.AST, index: int) -> ast.AST:
    values: list[ast.expr] = getattr(made, "values")  # noqa: B009 -- a BoolOp, which the checker cannot know
    del values[index]
    return made if len(values) > 1 else values[0]


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def _changed(
    function: _Function, classes: tuple[str, ...], change: tuple[ast.AST, _Edit], file: str
) -> tuple[str, str, CodeType] | None:
    """What becomes what, and the function's new code; ``None`` where it would not compile."""
    node, edit = change
    memo: dict[int, object] = {}
    whole = copy.deepcopy(function, memo)
    there = memo[id(node)]
    assert isinstance(there, ast.AST)
    new = edit(copy.deepcopy(node))
    was, now = ast.unparse(node), ast.unparse(new)
    made = _Replace(there, ast.copy_location(new, node)).visit(whole)
    assert isinstance(made, _Function)
    if any(isinstance(item, ast.Name) and item.id == "super" for item in ast.walk(function)):
        made.body.append(ast.Expr(ast.Name("__class__", ast.Load())))  # the new code closes over what the old one did
    shell: ast.stmt = made
    for name in reversed(classes):
        shell = ast.ClassDef(name, bases=[], keywords=[], body=[shell], decorator_list=[])
    module = ast.Module([ast.copy_location(shell, function)], [])
    try:
        compiled = compile(ast.fix_missing_locations(module), file, "exec")
    except SyntaxError:
        return None
    name = ".".join([*classes, function.name])
    code = next(item for item in _codes(compiled) if item.co_qualname == name and item.co_flags & inspect.CO_NEWLOCALS)
    return _short(was), _short(now), code


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield from _codes(item)


def _short(text: str) -> str:
    """The first line of a text that may be a whole ``if`` statement."""
    return text.partition("\n")[0]
