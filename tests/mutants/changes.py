"""Every small change of a module that a test should notice, one at a time.

Changed are the bodies of functions: comparisons, ``and`` and ``or``, conditions, arithmetic, constants, what is
returned, and statements that only call something. Texts of f-strings, docstrings, defaults and annotations are left
alone.
"""

import ast
import copy
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
_CALLED = {"any": "all", "all": "any", "min": "max", "max": "min"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: in which function, on which line, and what becomes what."""

    function: str
    line: int
    was: str
    now: str
    code: CodeType

    @property
    def words(self) -> str:
        """What becomes what, in one line."""
        return f"{self.was} -> {self.now}"


def changes(source: str, file: str) -> Iterator[Change]:
    """Every change of the module ``source``, in the order of its functions; each has the function's own new code."""
    tree = ast.parse(source)
    for name, function in _functions(tree.body, ""):
        for node in _nodes(function):
            for edit in _edits(node):
                yield from _changed(tree, function, name, (node, edit), file)


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, _Function]]:
    for item in body:
        if isinstance(item, _Function):
            yield prefix + item.name, item
        elif isinstance(item, ast.ClassDef):
            yield from _functions(item.body, f"{prefix}{item.name}.")


def _nodes(function: _Function) -> Iterator[ast.AST]:
    """What of a function can be changed: all but its head, its docstrings and what is within f-strings."""
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        yield node
        below = list(ast.iter_child_nodes(node))
        if isinstance(node, _Function):
            below = list(node.body)
        elif isinstance(node, ast.AnnAssign):
            below = [node.value] if node.value else []
        waiting += reversed(below)


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
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
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
        yield lambda _: ast.Constant(f"{value}XX")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


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
    tree: ast.Module, function: _Function, name: str, change: tuple[ast.AST, _Edit], file: str
) -> Iterator[Change]:
    """The change as code; nothing where the module would not compile."""
    node, edit = change
    memo: dict[int, object] = {}
    whole = copy.deepcopy(tree, memo)
    there = memo[id(node)]
    assert isinstance(there, ast.AST)
    new = edit(copy.deepcopy(node))
    was, now = ast.unparse(node), ast.unparse(new)
    ast.fix_missing_locations(_Replace(there, ast.copy_location(new, node)).visit(whole))
    at = (name, _first(function))
    line = getattr(node, "lineno", function.lineno)
    try:
        compiled = compile(whole, file, "exec")
    except SyntaxError:
        return
    code = next(item for item in _codes(compiled) if (item.co_qualname, item.co_firstlineno) == at)
    yield Change(name, line, _short(was), _short(now), code)


def _first(function: _Function) -> int:
    return min([function.lineno, *(item.lineno for item in function.decorator_list)])


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield from _codes(item)


def _short(text: str) -> str:
    """The first line of a text that may be a whole ``if`` statement."""
    return text.partition("\n")[0]
