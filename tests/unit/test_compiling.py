"""How the sources become what Cython compiles: no compiler is needed for these."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest

from compiling.fields import Classes, collect, declarations, definitions, slots_of
from compiling.hot import HOT
from compiling.rewrite import rewrite

SOURCE = Path(__file__).parents[2] / "src"
NAMES = [f"sockstream.{name}" for name in HOT]
each_module = pytest.mark.parametrize("name", NAMES)


def _path(name: str) -> Path:
    return SOURCE.joinpath(*name.split(".")).with_suffix(".py")


def _trees() -> tuple[dict[str, ast.Module], dict[str, ast.Module]]:
    paths = {".".join(path.relative_to(SOURCE).with_suffix("").parts): path for path in SOURCE.rglob("*.py")}
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in paths.items()}
    return {name: trees.pop(name) for name in NAMES}, trees


def _classes(**modules: str) -> Classes:
    """Return the classes with fields of some hot modules, and of `other`, which is none."""
    trees = {name: ast.parse(textwrap.dedent(text)) for name, text in modules.items()}
    others = {name: trees.pop(name) for name in ("other",) if name in trees}
    return collect(trees, others)


def _rewritten(source: str) -> list[str]:
    text = textwrap.dedent(source)
    return rewrite(text, ast.parse(text), _classes(one=text))[0].splitlines()


# -- the package ------------------------------------------------------------------------------------------------------


@each_module
def test_no_line_of_a_module_moves(name: str) -> None:
    hot, others = _trees()
    before = _path(name).read_text(encoding="utf-8")
    after, _ = rewrite(before, hot[name], collect(hot, others))
    assert len(after.split("\n")) == len(before.split("\n"))
    places = [
        [(node.name, node.lineno) for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        for tree in (ast.parse(before), ast.parse(after))
    ]
    assert places[0] == places[1]


def test_every_slot_of_a_hot_class_is_a_field() -> None:
    hot, others = _trees()
    classes = collect(hot, others)
    declared = declarations(classes)
    missing = [
        f"{node.name}.{name}"
        for tree in hot.values()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and (slots := slots_of(node)) is not None
        for name in ast.literal_eval(slots.value)
        if name not in ("__dict__", "__weakref__")
        and f" {name}\n" not in declared.split(f"cdef class {classes[node.name].c_name}")[-1]
        and f" c_{name}\n" not in declared
    ]
    assert missing == []


def test_methods_that_run_for_each_chunk_know_what_they_are_methods_of() -> None:
    """Else they would be slower than in pure Python."""
    hot, others = _trees()
    name = "sockstream.net.handle_stream"
    text, imports = rewrite(_path(name).read_text(encoding="utf-8"), hot[name], collect(hot, others))
    lines = text.splitlines()
    above = lines[next(index for index, line in enumerate(lines) if "def handle_data(" in line) - 1]
    for typed in ("self=HandleStreamFields", "state=ReadableStateFields", "runtime=RuntimeFields", "size=Py_ssize_t"):
        assert typed in above
    assert "from sockstream._fields cimport" in imports


# -- fields -----------------------------------------------------------------------------------------------------------


def test_what_the_constructor_says_is_the_type_of_a_field() -> None:
    source = """
        class Other:
            __slots__ = ("x",)

        class One(Base):
            __slots__ = ("__weakref__", "flag", "other", "names", "length", "maybe", "given", "mixed", "late")

            late: bool

            def __init__(self, given: Other | None) -> None:
                self.flag = False
                self.other: Other | None = None
                self.names: dict[str, int] = {}
                self.length = 0
                self.maybe: bool | None = None
                self.given = given
                self.mixed = True

            def change(self, value):
                self.flag = value is not None
                self.mixed = value
        """
    assert declarations(_classes(one=source)).split("\n\n")[-1].splitlines() == [
        "cdef class OneFields:",
        "    cdef public bint flag",
        "    cdef public OtherFields other",
        "    cdef public dict names",
        "    cdef public Py_ssize_t length",
        "    cdef public object maybe",
        "    cdef public OtherFields given",
        "    cdef public object mixed",
        "    cdef public bint late",
    ]


def test_fields_are_inherited_through_classes_that_are_not_hot() -> None:
    top = """
        class Top:
            __slots__ = ("a",)
        """
    between = """
        class Between(Top):
            __slots__ = ()
        """
    bottom = """
        class Bottom(Between):
            __slots__ = ("b",)
        """
    assert "cdef class BottomFields(TopFields):" in declarations(_classes(top=top, bottom=bottom, other=between))


def test_a_public_attribute_of_an_emitter_is_found_by_its_name() -> None:
    source = """
        class EventEmitter:
            __slots__ = ("_events", "user")
        """
    classes = _classes(one=source)
    assert "cdef public object _events" in declarations(classes)
    assert "cdef object c_user" in declarations(classes)
    assert "def user(self):" in definitions(classes)
    assert "def _events(self):" not in definitions(classes)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('__slots__ = ("a",)', "a of its own beside the slot of Top"),
        ("def a(self): ...", "a of its own beside the slot of Top"),
        ("a = 1", "a of its own beside the slot of Top"),
    ],
)
@pytest.mark.parametrize("place", ["bottom", "other"])
def test_a_class_that_takes_the_name_of_a_field_is_refused(place: str, body: str, message: str) -> None:
    top = 'class Top:\n    __slots__ = ("a",)\n'
    with pytest.raises(ValueError, match=message):
        _classes(top=top, **{place: f"class Bottom(Top):\n    {body}\n"})


def test_a_hot_class_on_one_with_slots_that_is_not_hot_is_refused() -> None:
    with pytest.raises(ValueError, match="Bottom stands on Between, which has slots: name other in HOT"):
        _classes(
            top='class Top:\n    __slots__ = ("a",)\n',
            other='class Between(Top):\n    __slots__ = ("b",)\n',
            bottom="class Bottom(Between): ...\n",
        )


def test_two_hot_classes_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="both have a Same: rename one"):
        _classes(one="class Same: ...", two="class Same: ...")


# -- functions --------------------------------------------------------------------------------------------------------

ONE = """
from __future__ import annotations

class State:
    __slots__ = (
        "__weakref__",
        "length",
        "next",
    )

    def __init__(self) -> None:
        self.length = 0
        self.next: State | None = None
"""


def _declared(function: str) -> str:
    """Return what Cython is told of the variables of a function, which stands behind `ONE`."""
    lines = _rewritten(f"{ONE}\n\n{textwrap.dedent(function)}")
    return lines[next(index for index, line in enumerate(lines) if line.startswith("def f(")) - 1]


def test_slots_leave_the_class() -> None:
    assert _rewritten(ONE)[3:9] == ["class State(StateFields):", "    __slots__ = ('__weakref__',)", "", "", "", ""]


def test_variables_that_hold_one_class_are_declared() -> None:
    assert (
        _declared(
            """
            def f(state: State, any):
                second = state.next
                third = None
                if any:
                    third = second.next
                size = len(any)
                rest = 0
                rest += state.length
                rest = size - state.length
            """
        )
        == "@cython.locals(rest=Py_ssize_t, second=StateFields, size=Py_ssize_t, state=StateFields, third=StateFields)"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "x = any",
        "x, y = any",
        "for x in any: pass",
        "with any as x: pass",
        "x = 0",
        "x += any",
        "g = lambda: x",
        "def g(): return x",
        "global x",
        "try: pass\n    except OSError as x: pass",
        "x = [1 for x in any]",
        "(x := any)",
    ],
)
def test_a_variable_that_may_hold_something_else_is_not_declared(statement: str) -> None:
    text = f"def f(state: State, any):\n    {statement}\n    x = state.next\n"
    if statement.startswith("global"):
        text = text.replace("any):", "any):\n    pass")
    assert _declared(text) == "@cython.locals(state=StateFields)"


@pytest.mark.parametrize("statement", ["x = None", "x = any", "x += any", "x = len(any) / 2"])
def test_a_count_that_may_be_something_else_is_not_declared(statement: str) -> None:
    assert _declared(f"def f(state: State, any):\n    {statement}\n    x = len(any)\n") == (
        "@cython.locals(state=StateFields)"
    )


def test_a_chain_of_comparisons_is_written_out() -> None:
    """Cython 3.3 takes `not (a is b is c)` for `a is not b is c`."""
    assert _rewritten("x = not (a is b is None) or 1 < 2 < 3") == [
        "x = not ((a is b and b is None)) or 1 < 2 < 3",
    ]
    with pytest.raises(ValueError, match="line 1: write these comparisons out"):
        _rewritten("x = f() is g() is None")


def test_generators_and_arguments_of_other_types_are_left_alone() -> None:
    assert _declared("def f(state: State):\n    yield state\n") == ""
    assert _declared("def f(state: State | int):\n    return state\n") == ""
