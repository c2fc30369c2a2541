"""References: what a backtick means in a docstring, `{api}` and `{event}` in a page, and names in signatures.

- `{api}` links a public name and fails the build when there is none: `{api}`Socket.pipe``, `{api}`timers.set_timeout``.
- `{event}` links an event and fails the build when there is none: `{event}`net.Socket.data``.
- A single backtick in a docstring is code, and a link where it names something of ours.
"""

from __future__ import annotations

import asyncio
import builtins
import collections.abc
import importlib
import inspect
import re
import socket
import types
import typing
from typing import TYPE_CHECKING

from api_names import find, find_event, public_names
from docutils import nodes
from sphinx import addnodes
from sphinx.roles import XRefRole
from sphinx.util.docutils import ReferenceRole

if TYPE_CHECKING:
    from docutils.nodes import Element, Node, system_message
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["setup"]

# Where a name in a signature may come from that has no page here.
_STANDARD: tuple[types.ModuleType, ...] = (builtins, typing, collections.abc, asyncio, socket, types)


class NameRole(ReferenceRole):
    """A reference to a public name."""

    def __init__(self, *, strict: bool) -> None:
        """Make one that fails the build for an unknown name, or one that leaves it as code."""
        super().__init__()
        self.strict = strict

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Make the reference; it is resolved when all pages have been read."""
        title = self.title if self.has_explicit_title or not self.strict else self.title.removeprefix("sockstream.")
        around = self.env.ref_context
        node = addnodes.pending_xref(
            self.rawtext,
            nodes.literal(self.rawtext, title, classes=["xref", "py"]),
            refdomain="",
            reftype="api" if self.strict else "code",
            reftarget=self.target,
            refwarn=self.strict,
        )
        node["py:module"], node["py:class"] = around.get("py:module"), around.get("py:class")
        self.set_source_info(node)
        return [node], []


class EventRole(XRefRole):
    """A reference to an event, shown as one writes it: `'data'`."""

    def process_link(
        self, env: BuildEnvironment, refnode: Element, has_explicit_title: bool, title: str, target: str
    ) -> tuple[str, str]:
        """Leave what the event belongs to out of what is shown."""
        return title if has_explicit_title else f"'{target.rpartition('.')[2]}'", target


def _class_around(node: Element) -> type | None:
    cls = public_names().get(f"{node.get('py:module')}.{node.get('py:class')}")
    return cls if inspect.isclass(cls) else None


# -- resolving --------------------------------------------------------------------------------------------------------


def resolve(app: Sphinx, env: BuildEnvironment, node: Element, content: Element) -> Element | None:
    """Find what Sphinx did not."""
    kind, target = node["reftype"], node["reftarget"]
    if kind in ("api", "code"):
        found = _to_name(app, env, node, target, content) or _to_event(app, env, node, target, content)
        return found or (content if kind == "code" else None)
    if node.get("refdomain") == "py":
        return _to_type(app, env, node, target, content)
    return None


def _to_name(app: Sphinx, env: BuildEnvironment, node: Element, target: str, content: Element) -> Element | None:
    path = find(target, node.get("py:module"), node.get("py:class"))
    return None if path is None else _to_path(app, env, node, path, content)


def _to_path(app: Sphinx, env: BuildEnvironment, node: Element, path: str, content: Element) -> Element | None:
    """Make a link to a documented object; none to what stands right above."""
    domain = env.domains.python_domain
    if path not in domain.objects:
        return None
    return domain.resolve_xref(env, node.get("refdoc", env.docname), app.builder, "obj", path, _plain(node), content)


def _plain(node: Element) -> addnodes.pending_xref:
    """Return a reference that is looked for by its full path only."""
    return addnodes.pending_xref("", refdoc=node.get("refdoc"), reftype="obj")


def _to_event(app: Sphinx, env: BuildEnvironment, node: Element, target: str, content: Element) -> Element | None:
    """Link an event that the class around has: `'data'` in a docstring of Socket."""
    quoted = re.fullmatch(r"'(\w+)'", target)
    cls = _class_around(node)
    if quoted is None or cls is None:
        return None
    path = find_event(quoted[1], cls)
    if path is None:
        return None
    standard = env.domains.standard_domain
    refdoc = node.get("refdoc", env.docname)
    return standard.resolve_xref(env, refdoc, app.builder, "event", path, _plain(node), content)


def _to_type(app: Sphinx, env: BuildEnvironment, node: Element, target: str, content: Element) -> Element | None:
    """Resolve a name in a signature or a `Raises:`: ours by its last part, the standard library's as plain text."""
    last = target.rpartition(".")[2]
    domain = env.domains.python_domain
    matches = {path for path, entry in domain.objects.items() if path.endswith(f".{last}") and not entry.aliased}
    classes = {path for path in matches if domain.objects[path].objtype in ("class", "exception", "type")}
    if len(classes) == 1:
        return _to_path(app, env, node, classes.pop(), content)
    return content if _is_standard(target) else None


def _is_standard(name: str) -> bool:
    module, _, rest = name.rpartition(".")
    if not module:
        return any(hasattr(each, rest) for each in _STANDARD)
    try:
        return hasattr(importlib.import_module(module), rest)
    except ImportError:
        return False


# -- events -----------------------------------------------------------------------------------------------------------


def parse_event(env: BuildEnvironment, signature: str, node: addnodes.desc_signature) -> str:
    """Show `data(chunk)` as an event of the class around; return what it is called: `net.Socket.data`."""
    match = re.fullmatch(r"(\w+)\((.*)\)", signature)
    if match is None:
        raise ValueError(signature)
    node += addnodes.desc_name(match[1], f"'{match[1]}'")
    parameters = addnodes.desc_parameterlist()
    for each in filter(None, map(str.strip, match[2].split(","))):
        parameters += addnodes.desc_parameter("", "", addnodes.desc_sig_name("", each))
    node += parameters
    around = env.ref_context
    return f"{around.get('py:module')}.{around.get('py:class')}.{match[1]}".removeprefix("sockstream.")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the roles, the event objects and the resolver."""
    app.add_object_type("event", "event", "pair: %s; event", parse_event, objname="event")
    app.add_role_to_domain("std", "event", EventRole(), override=True)
    app.add_role("api", NameRole(strict=True))
    app.add_role("code-or-link", NameRole(strict=False))
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True}
