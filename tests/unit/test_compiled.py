"""What a program may do with the classes, whether they are compiled or not; these tests hold for both builds."""

from __future__ import annotations

import ast
import gc
import importlib
import inspect
import linecache
import os
import pickle
import traceback
import weakref
from functools import partial
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sockstream
from compiling.hot import HOT
from sockstream import EventEmitter, errors, net, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

HOT_MODULES = [f"sockstream.{name}" for name in HOT]
EMITTERS = [
    EventEmitter,
    stream.Readable,
    stream.Writable,
    stream.Duplex,
    stream.Transform,
    stream.PassThrough,
    net.Socket,
    net.Server,
]
each_emitter = pytest.mark.parametrize("cls", EMITTERS, ids=lambda cls: cls.__name__)
each_module = pytest.mark.parametrize("name", HOT_MODULES)


# -- which build this is ----------------------------------------------------------------------------------------------


def test_the_build_is_the_one_that_was_asked_for() -> None:
    """The gate sets SOCKSTREAM_BUILD for each of its runs; nobody else needs to."""
    asked = os.environ.get("SOCKSTREAM_BUILD", "auto")
    assert sockstream.COMPILED in {"auto": (True, False), "compiled": (True,), "pure": (False,)}[asked]


@each_module
def test_all_of_the_core_is_compiled_or_nothing_of_it(name: str) -> None:
    file = importlib.import_module(name).__file__ or ""
    assert file.endswith(tuple(EXTENSION_SUFFIXES)) is sockstream.COMPILED


# -- what can be asked of a class or a function -----------------------------------------------------------------------


def _functions(name: str) -> Iterator[tuple[str, Any, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield the path, the object and the source of what a module defines; what has several forms is left out."""
    module = importlib.import_module(name)
    path = Path(module.__file__ or "")
    tree = ast.parse(path.with_name(f"{path.name.split('.')[0]}.py").read_text(encoding="utf-8"))
    for holder, prefix, body in [(module, "", tree.body)] + [
        (getattr(module, node.name), f"{node.name}.", node.body) for node in tree.body if isinstance(node, ast.ClassDef)
    ]:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list:
                function = vars(holder)[node.name]
                yield prefix + node.name, getattr(function, "__func__", function), node


@each_module
def test_functions_have_their_signatures(name: str) -> None:
    for path, function, node in _functions(name):
        wanted = node.args
        found = inspect.signature(function).parameters.values()
        assert [each.name for each in found if each.kind is each.POSITIONAL_ONLY] == [
            each.arg for each in wanted.posonlyargs
        ], path
        assert [each.name for each in found if each.kind is each.POSITIONAL_OR_KEYWORD] == [
            each.arg for each in wanted.args
        ], path
        assert [each.name for each in found if each.kind is each.KEYWORD_ONLY] == [
            each.arg for each in wanted.kwonlyargs
        ], path
        defaults = [each for each in (*wanted.defaults, *wanted.kw_defaults) if each is not None]
        assert sum(each.default is not each.empty for each in found) == len(defaults), path


@each_module
def test_functions_have_their_names_and_docstrings(name: str) -> None:
    for path, function, node in _functions(name):
        assert function.__doc__ == ast.get_docstring(node, clean=False), path
        assert (function.__module__, function.__qualname__, function.__name__) == (name, path, node.name)


@each_module
def test_coroutine_functions_are_known_as_such(name: str) -> None:
    for path, function, node in _functions(name):
        assert inspect.iscoroutinefunction(function) is isinstance(node, ast.AsyncFunctionDef), path


@each_emitter
def test_a_class_has_the_signature_of_its_constructor(cls: Any) -> None:
    assert [*inspect.signature(cls).parameters.values()] == [*inspect.signature(cls.__init__).parameters.values()][1:]


# -- subclasses, attributes, patches ----------------------------------------------------------------------------------


@each_emitter
async def test_a_subclass_overrides_methods(cls: Any) -> None:
    class Louder(cls):  # type: ignore[misc]
        def emit(self, name: str, *args: Any) -> bool:
            emitted.append(name)
            return bool(super().emit(name, *args))

    emitted: list[str] = []
    heard: list[str] = []
    louder = Louder().on("news", heard.append)
    assert isinstance(louder, cls)
    assert louder.emit("news", "text")
    assert (emitted[-1], heard) == ("news", ["text"])


@each_emitter
async def test_a_subclass_adds_slots_bases_and_arguments(cls: Any) -> None:
    class Named:
        name = "nobody"

        def greet(self) -> str:
            return f"I am {self.name}"

    class Both(cls, Named):  # type: ignore[misc]
        __slots__ = ("name",)

        def __init__(self, name: str, **options: Any) -> None:
            super().__init__(**options)
            self.name = name

    assert Both("it").greet() == "I am it"


@each_emitter
async def test_attributes_are_set_read_and_deleted(cls: Any) -> None:
    one = cls()
    one.user = "somebody"
    assert (one.user, vars(one)) == ("somebody", {"user": "somebody"})
    del one.user
    with pytest.raises(AttributeError, match="'user'"):
        one.user  # noqa: B018


@each_emitter
async def test_a_method_is_replaced_on_one_object(cls: Any) -> None:
    one, other = cls(), cls()
    one.emit = lambda *args: args
    assert one.emit("x", 1) == ("x", 1)
    assert other.emit("x", 1) is False


@each_emitter
async def test_a_method_is_replaced_on_the_class(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cls, "emit", lambda self, *args: args, raising=False)
    assert cls().emit("x", 1) == ("x", 1)


async def test_a_subclass_has_its_own_idea_of_a_public_attribute() -> None:
    class Limited(net.Server):
        max_connections = 5

    class Owned(net.Socket):
        @property
        def server(self) -> Any:
            return "mine"

        @server.setter
        def server(self, value: object) -> None:
            given.append(value)

    given: list[object] = []
    assert Limited().max_connections is None  # the constructor's, as an attribute of the object
    assert (Owned().server, given) == ("mine", [None])


async def test_public_attributes_take_any_value() -> None:
    server = net.Server()
    server.max_connections = 3
    server.drop_max_connection = True
    assert (server.max_connections, server.drop_max_connection) == (3, True)
    assert server.drop_max_connection is True


async def test_a_weak_reference_goes_with_the_object() -> None:
    for cls in EMITTERS:
        one: Any = cls()
        one.itself = one
        gone = weakref.ref(one)
        del one
        gc.collect()
        assert gone() is None, cls


# -- errors -----------------------------------------------------------------------------------------------------------


@each_emitter
async def test_an_emitter_in_use_cannot_be_pickled_nor_copied(cls: Any) -> None:
    one = cls().on("x", lambda: None)
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(one)


def test_a_wrong_argument_is_refused_by_the_library_not_by_the_compiler() -> None:
    emitter: Any = EventEmitter()
    with pytest.raises(errors.InvalidArgTypeError):
        emitter.set_max_listeners("many")
    with pytest.raises(TypeError, match=r"emit\(\)"):
        emitter.emit()
    with pytest.raises(TypeError, match="unexpected keyword"):
        emitter.on(nom="x")


def test_a_traceback_shows_the_lines_of_the_library() -> None:
    def fail() -> None:
        raise ValueError("of a listener")

    with pytest.raises(ValueError, match="of a listener") as caught:
        EventEmitter().on("x", fail).emit("x")
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [frame.name.rpartition(".")[2] for frame in frames] == [
        "test_a_traceback_shows_the_lines_of_the_library",
        "emit",
        "fail",
    ]
    assert Path(frames[1].filename).parts[-2:] == ("sockstream", "events.py")
    linecache.checkcache()
    assert frames[1].line == "result = listener(*args)"


def test_endless_recursion_is_an_error() -> None:
    """No frame of Python's own is among these calls."""
    emitter = EventEmitter()
    emitter.on("x", partial(emitter.emit, "x"))
    with pytest.raises(RecursionError):
        emitter.emit("x")
