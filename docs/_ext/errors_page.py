"""Writes the table of the errors page before the pages are read: `errors_table.render()` makes it from the classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from errors_table import render

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]


def write_table(app: Sphinx) -> None:
    """Write what `errors.md` includes."""
    target = Path(app.srcdir) / "_generated" / "errors_table.md"
    text = render()
    target.parent.mkdir(exist_ok=True)
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Write it before anything is read."""
    app.connect("builder-inited", write_table)
    return {"parallel_read_safe": True}
