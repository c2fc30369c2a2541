"""What makes a wheel: with the compiled core where there is a C compiler, in pure Python where there is none.

The environment variable SOCKSTREAM_BUILD decides: `pure` compiles nothing, `compiled` fails when that cannot be done,
`auto` (the default) goes without it then.  An editable installation is always pure.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_VARIABLE = "SOCKSTREAM_BUILD"
_CHOICES = ("auto", "compiled", "pure")


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the extension modules to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, if a wheel is built that is to hold what that makes."""
        choice = os.environ.get(_VARIABLE) or "auto"
        if choice not in _CHOICES:
            raise ValueError(f"{_VARIABLE} is {choice!r}; it may be one of {', '.join(_CHOICES)}")
        if self.target_name != "wheel" or choice == "pure":
            return
        if version == "editable":
            if choice == "compiled":
                raise ValueError(f"an editable installation is always pure: unset {_VARIABLE}, or build a wheel")
            return
        failure = self._compile(build_data)
        if failure is None:
            return
        if choice == "compiled":
            raise RuntimeError(f"{_VARIABLE} asks for the compiled core, but {failure}")
        self.app.display_warning(f"sockstream goes without its compiled core and is slower: {failure}")

    def _compile(self, build_data: dict[str, Any]) -> str | None:
        """Compile into a directory of its own; return what stands in the way, if anything does."""
        if platform.python_implementation() != "CPython":
            return "it is for CPython only"
        header = Path(sysconfig.get_path("include")) / "Python.h"
        if not header.is_file():
            return f"there is no {header}"
        # Removed with this hook, which outlives the writing of the wheel.
        self._work = tempfile.TemporaryDirectory(prefix="sockstream-")
        root, work = Path(self.root), Path(self._work.name, "work")
        command = [sys.executable, "-m", "compiling.build", root / "src", work]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            return "it could not be compiled:\n" + (done.stdout + done.stderr)[-4000:]
        built = work / "built"
        for path in built.rglob("*"):
            if path.is_file():
                build_data["force_include"][str(path)] = path.relative_to(built).as_posix()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        return None
