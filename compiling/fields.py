"""Which slots of the hot classes become C fields, and of what type.

A class whose `__slots__` name attributes gets, in the compiled build, a base class that holds them as fields of a C
struct; the class itself stays an ordinary Python class, which one may subclass, patch and look into.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COUNT", "Classes", "FieldClass", "class_of", "collect", "declarations", "definitions", "slots_of"]

# The C type of lengths and of what counts them.
COUNT = "Py_ssize_t"
# What Python keeps for the class itself.
_SPECIAL = ("__dict__", "__weakref__")
# Numbers that only the library sets: they never leave the range of C's.
_COUNTS = frozenset(
    {
        "_bytes_dispatched",
        "_bytes_read",
        "_unsent_before",
        "corked",
        "count",
        "length",
        "offset",
        "pending_callbacks",
        "references",
        "write_length",
    }
)
_TIMES = frozenset({"last_activity", "seconds"})
_CONTAINERS = frozenset({"dict", "list", "tuple"})

_SOURCE_BESIDE = """
from importlib.machinery import SourceFileLoader
from os.path import dirname, join


def _source_beside(loader, name):
    path = join(dirname(loader.path), name.rpartition(".")[2] + ".py")
    loader.get_source = SourceFileLoader(name, path).get_source


"""
_PROPERTY = """
    @property
    def {name}(self):
        return self.c_{name}

    @{name}.setter
    def {name}(self, value):
        self.c_{name} = value
"""


@dataclass
class FieldClass:
    """A class, and what it has of C fields."""

    name: str
    module: str
    # The names of its bases, as they are written.
    written_bases: list[str]
    # The special slots that it keeps.
    kept: list[str] = field(default_factory=list)
    # Its own fields in order, with what the source says they hold.
    annotations: dict[str, ast.expr | None] = field(default_factory=dict)
    # Those that hold True or False and nothing else.
    flags: set[str] = field(default_factory=set)
    # The next class above it that has fields of its own.
    base: FieldClass | None = None

    @property
    def c_name(self) -> str:
        """The name of the C class that holds its fields: its own, or the nearest it inherits."""
        if not self.annotations and self.base is not None:
            return self.base.c_name
        return f"{self.name.lstrip('_')}Fields"

    @property
    def is_internal(self) -> bool:
        """Whether what is annotated as one of these is one: for an emitter, a program's own class may stand in."""
        return [self, *self.above()][-1].name != "EventEmitter"

    def above(self) -> Iterator[FieldClass]:
        """Walk the classes with fields above it, the nearest first."""
        base = self.base
        while base is not None:
            yield base
            base = base.base

    def is_public(self, attribute: str) -> bool:
        """Whether a program's subclass may have its own idea of a field: it is always asked for by name."""
        return not self.is_internal and not attribute.startswith("_")

    def find(self, attribute: str, classes: Classes) -> str | None:
        """Return the C type of one of its own or inherited fields; None where C knows no such field."""
        for owner in (self, *self.above()):
            if attribute in owner.annotations:
                return None if owner.is_public(attribute) else owner.c_type(attribute, classes)
        return None

    def c_type(self, attribute: str, classes: Classes) -> str:
        """Return the C type of a field of its own."""
        if self.is_public(attribute):
            return "object"
        if attribute in _COUNTS:
            return COUNT
        if attribute in _TIMES:
            return "double"
        if attribute in self.flags:
            return "bint"
        return class_of(self.annotations[attribute], classes) or "object"


# By name.
Classes = dict[str, FieldClass]


def class_of(annotation: ast.expr | None, classes: Classes) -> str | None:
    """Return the C type of what is annotated so, which may be None as well; None where it has none of its own."""
    parts = _alternatives(annotation)
    if len(parts) != 1:
        return None
    only = parts[0]
    if isinstance(only, ast.Name) and only.id in classes and classes[only.id].is_internal:
        return classes[only.id].c_name
    if isinstance(only, ast.Subscript) and isinstance(only.value, ast.Name) and only.value.id in _CONTAINERS:
        return only.value.id
    return None


def _alternatives(annotation: ast.expr | None) -> list[ast.expr]:
    if annotation is None:
        return []
    if isinstance(annotation, ast.BinOp):
        return _alternatives(annotation.left) + _alternatives(annotation.right)
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return []
    return [annotation]


# -- reading the sources ----------------------------------------------------------------------------------------------


def collect(hot: dict[str, ast.Module], others: dict[str, ast.Module]) -> Classes:
    """Return the classes with fields, own or inherited.

    Args:
        hot: the modules that are compiled, by name.
        others: the rest: their classes keep their slots, but may stand between two of the hot ones.

    Raises:
        ValueError: the sources have what a compiled class cannot have.
    """
    classes: Classes = {}
    nodes: list[tuple[ast.ClassDef, FieldClass]] = []
    for module, tree in (*hot.items(), *others.items()):
        for node in tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            one = FieldClass(node.name, module, [ast.unparse(base) for base in node.bases])
            if module in hot:
                if node.name in classes:
                    raise ValueError(f"{module} and {classes[node.name].module} both have a {node.name}: rename one")
                _read_class(node, one)
            classes.setdefault(node.name, one)
            nodes.append((node, one))
    for _, one in nodes:
        one.base = _base_of(one, classes)
    for node, one in nodes:
        _read_promises(node, one)
    for node, one in nodes:
        _check(node, one)
    _check_between(nodes, hot)
    return {name: one for name, one in classes.items() if one.annotations or one.base is not None}


def _base_of(one: FieldClass, classes: Classes) -> FieldClass | None:
    """Return the nearest class with fields among its ancestors; of several, the one that has the others' as well."""
    nearest: FieldClass | None = None
    for name in one.written_bases:
        above = classes.get(name)
        if above is None:
            continue
        found = above if above.annotations else _base_of(above, classes)
        if found is not None and (nearest is None or _descends(found, nearest, classes)):
            nearest = found
    return nearest


def _descends(one: FieldClass, other: FieldClass, classes: Classes) -> bool:
    above: FieldClass | None = one
    while above is not None and above is not other:
        above = _base_of(above, classes)
    return above is other


def slots_of(node: ast.ClassDef) -> ast.Assign | None:
    """Return the assignment to `__slots__`."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__slots__":
            return statement
    return None


def _read_class(node: ast.ClassDef, into: FieldClass) -> None:
    """Find the fields of a class, and what is said of them and assigned to them."""
    slots = slots_of(node)
    if slots is None:
        return
    names = ast.literal_eval(slots.value)
    into.kept = [name for name in names if name in _SPECIAL]
    into.annotations = {name: None for name in names if name not in _SPECIAL}
    values: dict[str, list[ast.expr]] = {name: [] for name in into.annotations}
    for inner in ast.walk(node):
        if isinstance(inner, ast.AnnAssign) and (name := _field(inner.target)) in values:
            into.annotations[name] = inner.annotation
        elif isinstance(inner, ast.Assign):
            for target in inner.targets:
                if (name := _field(target)) in values:
                    values[name].append(inner.value)
    _read_parameters(node, into)
    into.flags = {
        name
        for name, annotation in into.annotations.items()
        if _is_bool(annotation) or (annotation is None and values[name] and all(map(_is_truth, values[name])))
    }


def _field(target: ast.expr) -> str:
    """Return which attribute is meant in a class's body or its methods; nothing if none is."""
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        return target.attr
    return target.id if isinstance(target, ast.Name) else ""


def _read_parameters(node: ast.ClassDef, into: FieldClass) -> None:
    """Take the annotations of the constructor's parameters that become attributes as they are."""
    for method in node.body:
        if not isinstance(method, ast.FunctionDef) or method.name != "__init__":
            continue
        given = {each.arg: each.annotation for each in (*method.args.args, *method.args.kwonlyargs)}
        for inner in ast.walk(method):
            if isinstance(inner, ast.Assign) and isinstance(inner.value, ast.Name) and inner.value.id in given:
                for name in map(_field, inner.targets):
                    if name in into.annotations and into.annotations[name] is None:
                        into.annotations[name] = given[inner.value.id]


def _read_promises(node: ast.ClassDef, one: FieldClass) -> None:
    """Take what the body of a class says of fields that it inherits."""
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            for owner in one.above():
                if name in owner.annotations and owner.annotations[name] is None:
                    owner.annotations[name] = statement.annotation


def _check(node: ast.ClassDef, one: FieldClass) -> None:
    """See that the class does not take the name of a field above it for something else: C would not find that."""
    slots = slots_of(node)
    names = [] if slots is None else list(ast.literal_eval(slots.value))
    for statement in node.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names.append(statement.name)
        elif isinstance(statement, ast.Assign):
            names += [target.id for target in statement.targets if isinstance(target, ast.Name)]
    for owner in one.above():
        for name in set(names) & set(owner.annotations):
            raise ValueError(f"{one.module}.{one.name} has a {name} of its own beside the slot of {owner.name}")


def _check_between(nodes: list[tuple[ast.ClassDef, FieldClass]], hot: dict[str, ast.Module]) -> None:
    """See that no hot class stands on one with slots that is not hot: there would be two layouts in one object."""
    slotted = {
        one.name: one
        for node, one in nodes
        if one.module not in hot
        and (slots := slots_of(node)) is not None
        and set(ast.literal_eval(slots.value)) - set(_SPECIAL)
    }
    for _, one in nodes:
        if one.module in hot:
            for base in one.written_bases:
                if base in slotted:
                    raise ValueError(
                        f"{one.module}.{one.name} stands on {base}, which has slots: name {slotted[base].module} in HOT"
                    )


def _is_bool(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "bool"


def _is_truth(value: ast.expr) -> bool:
    """Return whether an expression is True or False and never anything else."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, bool)
    if isinstance(value, ast.BoolOp):
        return all(map(_is_truth, value.values))
    return isinstance(value, ast.Compare) or (isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not))


# -- writing them down ------------------------------------------------------------------------------------------------


def declarations(classes: Classes) -> str:
    """Return the `.pxd` of the C classes."""
    order = _in_order(classes)
    lines = [f"cdef class {each.c_name}" for each in order]
    for each in order:
        lines.append(f"\ncdef class {_head(each)}:")
        for name in each.annotations:
            written = f"c_{name}" if each.is_public(name) else name
            lines.append(f"    cdef{'' if each.is_public(name) else ' public'} {each.c_type(name, classes)} {written}")
    return "\n".join(lines) + "\n"


def definitions(classes: Classes) -> str:
    """Return the `.pyx` of the C classes; it also has what tells a traceback the source of a compiled module."""
    lines = [_SOURCE_BESIDE]
    for each in _in_order(classes):
        lines += [f"cdef class {_head(each)}:", "    pass"]
        lines += [_PROPERTY.format(name=name) for name in filter(each.is_public, each.annotations)]
    return "\n".join(lines) + "\n"


def _in_order(classes: Classes) -> list[FieldClass]:
    """Return the classes that have fields of their own, each behind its base."""
    return sorted((each for each in classes.values() if each.annotations), key=lambda each: len(list(each.above())))


def _head(one: FieldClass) -> str:
    return one.c_name if one.base is None else f"{one.c_name}({one.base.c_name})"
