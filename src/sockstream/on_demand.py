"""Packages whose names are imported when they are asked for: a program loads what it uses, and starts sooner.

A package says for type checkers what it has (`if TYPE_CHECKING: from ... import ...`) and, beside that, where each name
comes from.  `from package import name`, `package.name`, `from package import *` and `dir(package)` work as ever.

An import needs a descriptor, so nothing that must work without one may be the first to ask for a name: the file streams
are not imported this way.

No name may also be that of a module of the package: Python would bind the module to it once anybody imports that.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["on_demand"]


def on_demand(
    package: str, names: Mapping[str, Sequence[str]], *, modules: Sequence[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make a package's `__getattr__` and `__dir__`.

    Args:
        package: its name.
        names: which names each of its modules has.
        modules: those of its modules that are asked for by their own name.
    """
    homes = {name: module for module, its_names in names.items() for name in its_names}
    contents = vars(sys.modules[package])

    def __getattr__(name: str) -> Any:  # noqa: N807  # these two become the package's
        if name in modules:
            return import_module(f"{package}.{name}")
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        # Python asks here no more for what is there.
        value = contents[name] = getattr(import_module(f"{package}.{homes[name]}"), name)
        return value

    def __dir__() -> list[str]:  # noqa: N807
        return sorted({*homes, *modules, *(name for name in contents if name.startswith("__"))})

    return __getattr__, __dir__
