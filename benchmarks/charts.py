"""One chart a workload: bars for each peer in each case, or lines for each peer over the cases."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from benchmarks.figures import summarise
from benchmarks.svg import Picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.figures import Figure, Sample
    from benchmarks.runner import Outcome

__all__ = ["draw", "write"]

_MARGIN = 16
_NAMES = 215
_PANEL = 330
_GAP = 24
_VALUE = 70
_ROW = 18
_BAR = 12
_TITLE = 56
# Ours, the one we take after, the limit, all others.
_COLOURS = {"sockstream": "#3b76d6", "node": "#4f9d48", "c": "#6e7781"}
_OTHERS = "#b8860b", "#a34fb0", "#c2513c", "#2a9d9d"
_BAR_OTHERS = "#b6bec8"


def write(outcomes: Sequence[Outcome], directory: Path) -> list[Path]:
    """Draw each workload that gave figures into a file of its name; return the files."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for outcome in outcomes:
        if any(peers for peers in outcome.samples.values()):
            paths.append(directory / f"{outcome.name}.svg")
            paths[-1].write_text(draw(outcome))
    return paths


def draw(outcome: Outcome) -> str:
    """Return the chart of a workload as SVG."""
    medians = {
        case: {name: summarise(taken) for name, taken in peers.items()} for case, peers in outcome.samples.items()
    }
    figures = [outcome.workload.figure(name) for name in outcome.workload.chart.figures]
    if outcome.workload.chart.lines:
        places = {case.name: case.x for case in outcome.workload.cases if case.x}
        return str(_lines(outcome, figures, {x: medians[case] for case, x in places.items() if medians[case]}))
    return str(_bars(outcome, figures, {case: peers for case, peers in medians.items() if peers}))


def _bars(outcome: Outcome, figures: Sequence[Figure], medians: Mapping[str, Mapping[str, Sample]]) -> Picture:
    rows = sum(len(peers) + bool(case) for case, peers in medians.items())
    width = 2 * _MARGIN + _NAMES + len(figures) * _PANEL + (len(figures) - 1) * _GAP
    picture = Picture(width, _TITLE + rows * _ROW + _MARGIN)
    picture.text(_MARGIN, 24, f"{outcome.name}: {outcome.workload.title}", kind="title")
    for index, figure in enumerate(figures):
        picture.text(_panel_left(index), 46, _caption(figure), kind="faint")
    y = float(_TITLE)
    for case, peers in medians.items():
        if case:
            picture.text(_MARGIN, y + _BAR, case, kind="faint")
            y += _ROW
        for name, summary in peers.items():
            picture.text(_MARGIN + _NAMES - 8, y + _BAR - 1, name, anchor="end")
            for index, figure in enumerate(figures):
                _one_bar(picture, _panel_left(index), y, figure, summary, peers, _colour(name) or _BAR_OTHERS)
            y += _ROW
    return picture


def _one_bar(
    picture: Picture,
    left: float,
    y: float,
    figure: Figure,
    summary: Sample,
    peers: Mapping[str, Sample],
    colour: str,
) -> None:
    longest = max(other[figure.name] for other in peers.values())
    length = (_PANEL - _VALUE) * max(summary[figure.name], 0.0) / longest if longest > 0 else 0.0
    picture.bar(left, y, max(length, 1), _BAR, colour)
    picture.text(left + max(length, 1) + 6, y + _BAR - 1, figure.text(summary[figure.name]))


def _panel_left(index: int) -> float:
    return _MARGIN + _NAMES + index * (_PANEL + _GAP)


def _caption(figure: Figure) -> str:
    return f"{figure.title} ({figure.better.value} is better)"


def _colour(name: str) -> str | None:
    """Return the colour of those that have one of their own: `sockstream-data`, `import sockstream.net`."""
    return next((_COLOURS[word] for word in re.split(r"[-. :]", name) if word in _COLOURS), None)


# -- lines ---------------------------------------------------------------------------------------------------------

_WIDE = 420
_HIGH = 220
_LEFT = 60


def _lines(outcome: Outcome, figures: Sequence[Figure], medians: Mapping[float, Mapping[str, Sample]]) -> Picture:
    names = list(dict.fromkeys(name for peers in medians.values() for name in peers))
    spare = iter(_OTHERS * len(names))
    colours = {name: _colour(name) or next(spare) for name in names}
    panel = _LEFT + _WIDE + _GAP
    legend = _TITLE + _HIGH + 44
    picture = Picture(2 * _MARGIN + len(figures) * panel, legend + len(names) * _ROW + _MARGIN)
    picture.text(_MARGIN, 24, f"{outcome.name}: {outcome.workload.title}", kind="title")
    for index, figure in enumerate(figures):
        left = _MARGIN + index * panel + _LEFT
        picture.text(left, 46, _caption(figure), kind="faint")
        _line_panel(picture, left, figure, medians, colours)
        picture.text(
            left + _WIDE / 2, _TITLE + _HIGH + 32, outcome.workload.chart.x_title, anchor="middle", kind="faint"
        )
    for index, name in enumerate(names):
        picture.bar(_MARGIN + _LEFT, legend + index * _ROW, _BAR, _BAR, colours[name])
        picture.text(_MARGIN + _LEFT + 20, legend + index * _ROW + _BAR - 1, name)
    return picture


def _line_panel(
    picture: Picture,
    left: float,
    figure: Figure,
    medians: Mapping[float, Mapping[str, Sample]],
    colours: Mapping[str, str],
) -> None:
    """Draw one figure: the places on a logarithmic axis, the values on one that begins at nothing."""
    values = [summary[figure.name] for peers in medians.values() for summary in peers.values()]
    top = _round_up(max(values) * figure.scale)
    first, last = math.log(min(medians)), math.log(max(medians))

    def point(place: float, value: float) -> tuple[float, float]:
        share = (math.log(place) - first) / (last - first) if last > first else 0.5
        return left + _WIDE * share, _TITLE + _HIGH * (1 - value * figure.scale / top)

    for quarter in range(5):
        y = _TITLE + _HIGH * (1 - quarter / 4)
        picture.axis((left, y), (left + _WIDE, y))
        picture.text(left - 6, y + 4, f"{top * quarter / 4:,g}", anchor="end")
    for place in medians:
        picture.text(point(place, 0)[0], _TITLE + _HIGH + 16, f"{place:,g}", anchor="middle")
    for name, colour in colours.items():
        points = [point(place, peers[name][figure.name]) for place, peers in medians.items() if name in peers]
        picture.line(points, colour)


def _round_up(value: float) -> float:
    """Return the next number above that has one digit, an even one or 1, so that its quarters read well."""
    if value <= 0:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(value))
    return next(step * magnitude for step in (1, 2, 4, 6, 8, 10) if step * magnitude >= value)
