"""Compiles the hot modules of the package: `python -m compiling.build SOURCE WORK`.

SOURCE holds the package, and nothing is written there.  WORK gets its copy as Cython sees it, the C of that, and below
`built` the extension modules.
"""

from __future__ import annotations

import ast
import os
import shutil
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Distribution, Extension

from compiling.fields import collect, declarations, definitions
from compiling.hot import HOT
from compiling.rewrite import rewrite

_DIRECTIVES = {
    "language_level": 3,
    # What the library is told wrong it answers for itself: an annotation is no check.
    "annotation_typing": False,
    # Functions keep their signatures, their docstrings and their place in classes.
    "binding": True,
    # A field that is None has no attributes, as in Python, instead of crashing.
    "nonecheck": True,
    # Streams and states cannot be pickled, in C either.
    "auto_pickle": False,
}
# Python's own flags may ask for more, at several times the compilers' time and for nothing that was to be measured.
_FLAGS = [] if sys.platform == "win32" else ["-O2", "-g0", "-w"]


def prepare(source: Path, work: Path) -> list[str]:
    """Write what Cython compiles; return the paths within WORK."""
    shutil.copytree(source / "sockstream", work / "sockstream", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    files = {_module_name(path, work): path for path in sorted((work / "sockstream").rglob("*.py"))}
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in files.items()}
    hot = {name: trees.pop(name) for name in (f"sockstream.{each}" for each in HOT)}
    classes = collect(hot, trees)
    fields = work / "sockstream" / "_fields.pyx"
    fields.write_text(definitions(classes), "utf-8")
    fields.with_suffix(".pxd").write_text(declarations(classes), "utf-8")
    for name, tree in hot.items():
        text, imports = rewrite(files[name].read_text("utf-8"), tree, classes)
        files[name].write_text(text, "utf-8")
        files[name].with_suffix(".pxd").write_text(imports, "utf-8")
    return [str(path.relative_to(work)) for path in (fields, *(files[name] for name in hot))]


def _module_name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts)


def compile_all(paths: list[str]) -> None:
    """Compile modules of the current directory into `built`."""
    workers = os.cpu_count() or 1
    extensions = [
        Extension(
            os.path.splitext(path)[0].replace(os.sep, "."),
            [path],
            extra_compile_args=_FLAGS,
            define_macros=[("CYTHON_CLINE_IN_TRACEBACK", "0")],
        )
        for path in paths
    ]
    made = cythonize(extensions, nthreads=workers, compiler_directives=_DIRECTIVES, quiet=True)
    command = Distribution({"name": "sockstream", "ext_modules": made}).get_command_obj("build_ext")
    command.build_lib = "built"
    command.build_temp = "objects"
    command.parallel = workers
    command.ensure_finalized()
    command.run()


def main() -> None:
    """Do what the command line says."""
    source, work = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    paths = prepare(source, work)
    # Tracebacks name files as they are named here.
    os.chdir(work)
    compile_all(paths)


if __name__ == "__main__":
    main()
