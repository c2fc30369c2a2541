"""What the docstrings say in the house's way, turned into what Sphinx knows.

- An `Events:` section of a class becomes event objects.
- What a method's `Events: 'drain', ...` names becomes strict references to them.
- `Node: ...` becomes a paragraph of its own: at the end, or below a class's first, with its bases and its code.
- The arguments' names become plain code, so that no other thing of that name is linked.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from api_names import events_of, find_event, is_typed_dict, path_of, public_bases, public_names

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]

_QUOTED = re.compile(r"`'(\w+)'`")
# Stands for a colon in what documents a value: napoleon takes the words before it for a type.
_COLON = "\ue000"
# The first letter of what an attribute is.
_ATTRIBUTE = re.compile(r"(\.\. attribute:: .*\n\n   )([a-z])")
# "Node: `net.connect`, `net.createConnection`."; what follows the names is a remark on them.
_NODE = re.compile(r"(?:(?<=\s)|^)Node:\s+((?:`[^`]+`(?:,\s+)?)+[^.`]*)\.(?=\s|$)", re.MULTILINE)


def _is_field_of_named_tuple(value: object) -> bool:
    return type(value).__name__ == "_tuplegetter"


def process_docstring(app: Sphinx, what: str, name: str, value: Any, options: object, lines: list[str]) -> None:
    """Rewrite a docstring's lines in place, before napoleon reads its other sections."""
    if inspect.isclass(value):
        _take_events_out(lines)
        _protect_arguments(value, lines)
        return
    if callable(value):
        _protect_arguments(value, lines)
    _protect_colons(lines)
    _link_events(_class_around(name), lines)
    if what in ("attribute", "data", "property"):
        lines[:] = [line.replace(":", _COLON) for line in lines]


def finish_docstring(app: Sphinx, what: str, name: str, value: Any, options: object, lines: list[str]) -> None:
    """Add to a docstring's lines what comes at its end, when napoleon has read its sections."""
    text = _ATTRIBUTE.sub(lambda match: match[1] + match[2].upper(), "\n".join(lines).replace(_COLON, ":"))
    remarks = [" ".join(match[1].split()).replace("`", "``") for match in _NODE.finditer(text)]
    lines[:] = _NODE.sub("", text).split("\n")
    note = f"Node: {', '.join(remarks)}. " if remarks else ""
    if not inspect.isclass(value):
        lines += _small(note)
        return
    if not is_typed_dict(value):
        end = next((index for index, line in enumerate(lines) if index and not line.strip()), len(lines))
        lines[end:end] = _small(note + _bases(value) + _code(value))
    lines += _event_directives(value)


def _small(text: str) -> list[str]:
    return ["", ".. rst-class:: node-name", "", f"   {text.strip()}", ""] if text else []


def _class_around(name: str) -> type | None:
    """Return the class whose member is called so."""
    around = public_names().get(name.rpartition(".")[0])
    return around if inspect.isclass(around) else None


# -- classes ----------------------------------------------------------------------------------------------------------


def _take_events_out(lines: list[str]) -> None:
    if "Events:" not in lines:
        return
    start = lines.index("Events:")
    end = next((i for i in range(start + 1, len(lines)) if lines[i] and not lines[i].startswith(" ")), len(lines))
    del lines[start:end]


def _bases(cls: type) -> str:
    names = [(base.__name__, f":py:class:`~{path_of(base)}`") for base in public_bases(cls)]
    builtin = [base for base in cls.__bases__ if base.__module__ == "builtins" and base is not object]
    names += [(base.__name__, f"``{base.__name__}``") for base in builtin]
    articles = [f"{'an' if name[0] in 'AEIOU' else 'a'} {link}" for name, link in names]
    return f"Is {' and '.join(articles)}. " if articles else ""


def _code(cls: type) -> str:
    """Tell the code of an error."""
    return f"Code: ``{vars(cls)['code']}``." if issubclass(cls, BaseException) and "code" in vars(cls) else ""


def _event_directives(cls: type) -> list[str]:
    events = events_of(cls)
    if not events:
        return []
    lines = ["", ".. rubric:: Events", ""]
    for event in events:
        for index, (name, arguments) in enumerate(zip(event.names, event.arguments, strict=True)):
            lines.append(f"{'   ' if index else ''}{'' if index else '.. event:: '}{name}({arguments})")
        lines += ["", f"   {event.text[0].upper()}{event.text[1:]}", ""]
    return lines


# -- functions and methods --------------------------------------------------------------------------------------------


def _protect_arguments(value: Any, lines: list[str]) -> None:
    """Make plain code of the arguments' names."""
    try:
        names = set(inspect.signature(value).parameters) - {"self"}
    except (TypeError, ValueError):
        return
    for index, line in enumerate(lines):
        lines[index] = re.sub(r"(?<!`)`(\w+)`(?!`)", lambda m: f"``{m[1]}``" if m[1] in names else m[0], line)


def _protect_colons(lines: list[str]) -> None:
    """Keep napoleon from taking what stands before a colon in `Returns:` for a type: the signature has that."""
    inside = False
    for index, line in enumerate(lines):
        if line and not line.startswith(" "):
            inside = line in ("Returns:", "Yields:")
        elif inside:
            lines[index] = line.replace(":", _COLON)


def _link_events(cls: type | None, lines: list[str]) -> None:
    """Make strict references of the events that a method is said to emit."""
    inside = False
    for index, line in enumerate(lines):
        inside = line.startswith("Events: ") or (inside and bool(line.strip()))
        if inside:
            lines[index] = _QUOTED.sub(lambda m: f":event:`'{m[1]}' <{find_event(m[1], cls) or m[1]}>`", line)


def skip_member(app: Sphinx, what: str, name: str, value: Any, skip: bool, options: object) -> bool | None:
    """Leave the fields of a named tuple to the `Attributes:` of its docstring."""
    return True if _is_field_of_named_tuple(value) else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Take docstrings before and after napoleon does (500)."""
    app.connect("autodoc-process-docstring", process_docstring, priority=400)
    app.connect("autodoc-process-docstring", finish_docstring, priority=600)
    app.connect("autodoc-skip-member", skip_member)
    return {"parallel_read_safe": True}
