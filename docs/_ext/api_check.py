"""The build fails when the reference lacks a public name, a member of a public class, or an event."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from api_names import event_path, events_of, members_of, public_names
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["missing", "setup"]

_logger = logging.getLogger(__name__)


def missing(names: set[str], events: set[str]) -> list[str]:
    """Return what is public and not among the names and events that the pages document."""
    found: list[str] = []
    for path, value in public_names().items():
        wanted = [path]
        if inspect.isclass(value):
            wanted += [f"{path}.{name}" for name in members_of(value)]
            wanted += [event_path(value, name) for event in events_of(value) for name in event.names]
        found += [each for each in wanted if each not in names and each not in events]
    return found


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of each name that is missing; the build takes warnings for errors."""
    if not app.config.reference_is_complete:
        return
    python = env.domains.python_domain
    events = {name for kind, name in env.domains.standard_domain.objects if kind == "event"}
    for name in missing(set(python.objects), events):
        _logger.warning("the reference lacks %s", name, type="reference", subtype="incomplete")


def setup(app: Sphinx) -> dict[str, bool]:
    """Look when all pages have been read."""
    app.add_config_value("reference_is_complete", True, "env", types=frozenset({bool}))
    app.connect("env-check-consistency", check)
    return {"parallel_read_safe": True}
