"""The tables of docs/errors.md: every class and every code once, and every code has a place that raises it."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sockstream import errors

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]

# The contract's codes, and Node's where that is silent, by the builtin that has them.
CODES: dict[type[Exception], str] = {
    TypeError: "ERR_INVALID_ARG_TYPE ERR_INVALID_RETURN_VALUE",
    ValueError: """
        ERR_INVALID_ARG_VALUE ERR_OUT_OF_RANGE ERR_SOCKET_BAD_PORT ERR_INVALID_ADDRESS ERR_INVALID_IP_ADDRESS
        ERR_UNKNOWN_ENCODING ERR_INVALID_FD_TYPE
    """,
    RuntimeError: """
        ERR_SERVER_ALREADY_LISTEN ERR_SERVER_NOT_RUNNING ERR_STREAM_WRITE_AFTER_END ERR_STREAM_DESTROYED
        ERR_STREAM_PREMATURE_CLOSE ERR_STREAM_ALREADY_FINISHED ERR_STREAM_PUSH_AFTER_EOF
        ERR_STREAM_UNSHIFT_AFTER_END_EVENT ERR_STREAM_NULL_VALUES ERR_STREAM_CANNOT_PIPE ERR_METHOD_NOT_IMPLEMENTED
        ERR_MULTIPLE_CALLBACK ERR_SOCKET_CLOSED ERR_SOCKET_CLOSED_BEFORE_CONNECTION ERR_SOCKET_CONNECTION_TIMEOUT
        ERR_SOCKET_HANDLE_ADOPTED ERR_INVALID_HANDLE_TYPE ERR_IP_BLOCKED ERR_MISSING_ARGS ERR_UNHANDLED_ERROR ABORT_ERR
    """,
}
PAIRS = [(code, builtin) for builtin, codes in CODES.items() for code in codes.split()]
CLASSES = [
    cls
    for name in errors.__all__
    if isinstance(cls := getattr(errors, name), type) and issubclass(cls, errors.SockstreamError)
]
CODED = [cls for cls in CLASSES if re.fullmatch("ERR_.*|.*_ERR", vars(cls).get("code", ""))]
# In Node it is only ever defined.
RESERVED = {errors.SocketConnectionTimeoutError}


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("errors_table", ROOT / "docs" / "_ext" / "errors_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLE = load()
ROWS = [line for line in TABLE.render().split("\n") if line.startswith("| ") and "sockstream.errors." in line]


@pytest.mark.parametrize(("code", "builtin"), PAIRS)
def test_a_code_of_the_contract_has_one_class_of_the_right_kind(code: str, builtin: type[Exception]) -> None:
    (cls,) = [cls for cls in CODED if cls.code == code]
    assert issubclass(cls, builtin)
    (row,) = [row for row in ROWS if f"| `{code}` |" in row]
    assert f".{cls.__name__}`" in row
    assert f"`{builtin.__name__}`" in row


@pytest.mark.parametrize("cls", CLASSES)
def test_a_class_is_in_one_row(cls: type[errors.SockstreamError]) -> None:
    assert sum(f".{cls.__name__}`" in row for row in ROWS) == 1


def test_the_rows_are_in_the_order_of_the_module() -> None:
    written = [name for name in vars(errors) if name in {cls.__name__ for cls in CODED}]
    assert [type(error).__name__ for error in TABLE.EXAMPLES] == [name for name in written if name != "SockstreamError"]


def test_a_row_says_all() -> None:
    (row,) = [row for row in ROWS if "SocketBadPortError" in row]
    assert row == (
        "| `ERR_SOCKET_BAD_PORT` | {py:exc}`~sockstream.errors.SocketBadPortError` | `ValueError` "
        "| A port is not a whole number from 0 to 65535. "
        "| `port should be >= 0 and < 65536. Received type int (65536).` |"
    )
    (row,) = [row for row in ROWS if "SystemBrokenPipeError" in row]
    assert row == (
        "| `EPIPE`, `ESHUTDOWN` | {py:exc}`~sockstream.errors.SystemBrokenPipeError` "
        "| `BrokenPipeError`, `ConnectionError`, `OSError` | Written to a connection that the peer or we had closed. |"
    )


def test_failed_look_ups_have_nodes_name_first() -> None:
    (row,) = [row for row in ROWS if "LookupFailedError" in row]
    assert row.startswith("| `ENOTFOUND`, `EAI_")
    assert "EAI_AGAIN" in row
    assert "EAI_NONAME" not in row


def _raised() -> set[str]:
    """Return the names of all that the library calls or raises, but for where the errors are defined."""
    found: set[str] = set()
    for path in (ROOT / "src" / "sockstream").rglob("*.py"):
        if path.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            made = node.func if isinstance(node, ast.Call) else node.exc if isinstance(node, ast.Raise) else None
            if isinstance(made, ast.Name):
                found.add(made.id)
    return found


def test_every_code_is_raised_somewhere() -> None:
    raised = _raised()
    assert {cls for cls in CODED if cls.__name__ not in raised} == RESERVED | {errors.SockstreamError}


def test_the_script_prints_the_tables() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "_ext" / "errors_table.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout == TABLE.render()
