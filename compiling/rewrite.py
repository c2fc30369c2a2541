"""The source of a hot module as Cython gets it: the same lines, with the C types that follow from its annotations.

No line moves, so that a traceback of the compiled module points into the source that lies beside it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from compiling.fields import COUNT, Classes, FieldClass, class_of, slots_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["rewrite"]

_PRELUDE = b"; import cython; from sockstream._fields import _source_beside; _source_beside(__loader__, __name__)"
_Function = ast.FunctionDef | ast.AsyncFunctionDef
# The comparisons that have an opposite.
_NEGATED = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
_WITHIN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)


def rewrite(source: str, tree: ast.Module, classes: Classes) -> tuple[str, str]:
    """Return a module's source for Cython and its `.pxd`."""
    work = _Rewriter(source, classes)
    work.module(tree)
    return work.text(), work.declarations()


class _Rewriter:
    def __init__(self, source: str, classes: Classes) -> None:
        self.lines = source.encode().split(b"\n")
        self.classes = classes
        # Field classes that the module names.
        self.used: set[str] = set()

    def text(self) -> str:
        return b"\n".join(self.lines).decode()

    def declarations(self) -> str:
        return f"from sockstream._fields cimport {', '.join(sorted(self.used))}\n" if self.used else ""

    def module(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and len(node.ops) > 1 and any(isinstance(op, _NEGATED) for op in node.ops):
                self._unchain(node)
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                self.lines[node.lineno - 1] += _PRELUDE
        for statement in tree.body:
            if isinstance(statement, ast.ClassDef):
                self.class_(statement)
            elif isinstance(statement, ast.FunctionDef):
                self.function(statement, None)

    def class_(self, node: ast.ClassDef) -> None:
        known = self.classes.get(node.name)
        if known is not None and known.annotations:
            self._shrink_slots(node, known)
            self._add_base(node, known)
        owner = known if known is None or known.annotations else known.base
        for method in _methods(node.body):
            self.function(method, owner)

    def _unchain(self, node: ast.Compare) -> None:
        """Write a chain of comparisons out: in `not (a is b is c)`, Cython negates the first and keeps the second."""
        operands = [node.left, *node.comparators]
        if node.lineno != node.end_lineno or not all(isinstance(each, (ast.Name, ast.Constant)) for each in operands):
            raise ValueError(f"line {node.lineno}: write these comparisons out with `and`: {ast.unparse(node)}")
        pairs = [ast.Compare(one, [op], [two]) for one, op, two in zip(operands, node.ops, operands[1:], strict=False)]
        line, written = self.lines[node.lineno - 1], " and ".join(map(ast.unparse, pairs))
        self.lines[node.lineno - 1] = b"%b(%b)%b" % (
            line[: node.col_offset],
            written.encode(),
            line[node.end_col_offset :],
        )

    # -- classes ------------------------------------------------------------------------------------------------------

    def _shrink_slots(self, node: ast.ClassDef, known: FieldClass) -> None:
        slots = slots_of(node)
        assert slots is not None
        first, last = slots.lineno - 1, (slots.end_lineno or slots.lineno) - 1
        indent = b" " * slots.col_offset
        self.lines[first] = indent + f"__slots__ = {tuple(known.kept)!r}".encode()
        for index in range(first + 1, last + 1):
            self.lines[index] = b""

    def _add_base(self, node: ast.ClassDef, known: FieldClass) -> None:
        self.used.add(known.c_name)
        name = known.c_name.encode()
        if node.bases:
            last = node.bases[-1]
            index, column = (last.end_lineno or 0) - 1, last.end_col_offset or 0
            inserted = b", " + name
        else:
            index, column = node.lineno - 1, node.col_offset + len(f"class {node.name}")
            inserted = b"(" + name + b")"
        line = self.lines[index]
        self.lines[index] = line[:column] + inserted + line[column:]

    # -- functions ----------------------------------------------------------------------------------------------------

    def function(self, node: ast.FunctionDef, owner: FieldClass | None) -> None:
        if _is_overload(node) or any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in ast.walk(node)):
            return
        types = _Types(node, owner, self.classes).found
        if not types:
            return
        index = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 2
        above = self.lines[index].strip()
        if above and not above.startswith(b"#"):
            return
        declared = ", ".join(f"{name}={c_name}" for name, c_name in sorted(types.items()))
        self.lines[index] = b" " * node.col_offset + f"@cython.locals({declared})".encode()
        self.used |= set(types.values()) & {each.c_name for each in self.classes.values()}


def _methods(body: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            yield statement
        elif isinstance(statement, ast.If):
            yield from _methods(statement.orelse)


def _is_overload(node: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "overload" for each in node.decorator_list)


class _Types:
    """What is known of a function's variables: those that hold one class with fields (or None), or counts."""

    def __init__(self, node: ast.FunctionDef, owner: FieldClass | None, classes: Classes) -> None:
        self.classes = classes
        self.by_c_name = {each.c_name: each for each in classes.values()}
        self.found: dict[str, str] = {}
        # Variables that hold something else as well.
        self._mixed: set[str] = set()
        # Those that are None at times, and those that are told numbers.
        self._optional: set[str] = set()
        self._numbered: set[str] = set()
        self._read_arguments(node, owner)
        # Cython would declare them anew in the functions within that use them.
        self._mixed |= _used_within(node)
        while True:
            before = dict(self.found)
            for inner in _own(node):
                self._read_statement(inner)
            for name, c_type in tuple(self.found.items()):
                if name in self._mixed or name in (self._optional if c_type == COUNT else self._numbered):
                    self._mixed.add(name)
                    del self.found[name]
            if self.found == before:
                break

    def _read_arguments(self, node: ast.FunctionDef, owner: FieldClass | None) -> None:
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        self._mixed.update(each.arg for each in arguments if each.arg != "self")
        decorators = {ast.unparse(each) for each in node.decorator_list}
        if owner is not None and arguments and arguments[0].arg == "self" and "staticmethod" not in decorators:
            self.found["self"] = owner.c_name
        for each in arguments:
            c_name = class_of(each.annotation, self.classes)
            if c_name in self.by_c_name:
                self.found[each.arg] = c_name
                self._mixed.discard(each.arg)

    def _read_statement(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assigned(target, node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            c_name = class_of(node.annotation, self.classes)
            if c_name in self.by_c_name:
                self._note(node.target.id, c_name)
            elif node.value is not None:
                self._assigned(node.target, node.value)
        elif isinstance(node, ast.AugAssign):
            if isinstance(node.target, ast.Name) and not self._is_count(node.value):
                self._mixed.add(node.target.id)
        elif isinstance(node, ast.NamedExpr):
            self._assigned(node.target, node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._unknown(node.target)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._unknown(node.optional_vars)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            self._mixed.update(node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name is not None:
            self._mixed.add(node.name)

    def _assigned(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple):
            if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
                for one, its_value in zip(target.elts, value.elts, strict=True):
                    self._assigned(one, its_value)
            else:
                self._unknown(target)
        elif isinstance(target, ast.Name):
            if isinstance(value, ast.Constant) and value.value is None:
                self._optional.add(target.id)
                return
            if isinstance(value, ast.Constant) and type(value.value) is int:
                self._numbered.add(target.id)
                return
            c_name = self._type_of(value)
            if c_name is None:
                self._mixed.add(target.id)
            else:
                self._note(target.id, c_name)

    def _note(self, name: str, c_name: str) -> None:
        if self.found.setdefault(name, c_name) != c_name:
            self._mixed.add(name)

    def _unknown(self, target: ast.expr) -> None:
        self._mixed.update(each.id for each in ast.walk(target) if isinstance(each, ast.Name))

    def _is_count(self, value: ast.expr) -> bool:
        is_number = isinstance(value, ast.Constant) and type(value.value) is int
        return is_number or self._type_of(value) == COUNT

    def _type_of(self, value: ast.expr) -> str | None:
        """Return the class with fields that an expression has, or that it is a count."""
        if isinstance(value, ast.Name):
            return self.found.get(value.id)
        if isinstance(value, ast.Attribute):
            holder = self._type_of(value.value)
            if holder is not None:
                c_type = self.by_c_name[holder].find(value.attr, self.classes)
                return c_type if c_type in self.by_c_name or c_type == COUNT else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            if value.func.id == "len":
                return COUNT
            if value.func.id in self.classes:
                return self.classes[value.func.id].c_name
        if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Add, ast.Sub)):
            return COUNT if self._type_of(value.left) == self._type_of(value.right) == COUNT else None
        return None


def _used_within(node: ast.FunctionDef) -> set[str]:
    """Return the names that functions within a function use."""
    inner = [each for each in ast.walk(node) if each is not node and isinstance(each, _WITHIN)]
    return {each.id for one in inner for each in ast.walk(one) if isinstance(each, ast.Name)}


def _own(node: _Function) -> Iterator[ast.AST]:
    """Walk a function, without what is in the functions within."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        inner = waiting.pop(0)
        yield inner
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting[:0] = ast.iter_child_nodes(inner)
