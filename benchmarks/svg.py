"""Pictures: a few shapes, written as SVG text that is the same for the same figures."""

from __future__ import annotations

from xml.sax.saxutils import escape

__all__ = ["Picture"]

# Both colour schemes of the reader's system.
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 14px; font-weight: 600 }
.faint { fill: #57606a } .ground { fill: #ffffff }
.axis { stroke: #d0d7de; stroke-width: 1; fill: none }
.line { stroke-width: 2; fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .faint { fill: #8d96a0 } .ground { fill: #0d1117 } .axis { stroke: #30363d }
}
""".strip()


class Picture:
    """An SVG file in the making; coordinates grow to the right and down."""

    def __init__(self, width: float, height: float) -> None:
        self._size = (width, height)
        self._shapes: list[str] = []

    def text(self, x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> None:
        """Write a line of text.

        Args:
            x: where its anchor is.
            y: where its base line is.
            text: what it says.
            anchor: `start`, `middle` or `end`.
            kind: `title`, `faint` or nothing.
        """
        style = f' class="{kind}"' if kind else ""
        self._shapes.append(f'<text x="{_(x)}" y="{_(y)}" text-anchor="{anchor}"{style}>{escape(text)}</text>')

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        self._shapes.append(
            f'<rect x="{_(x)}" y="{_(y)}" width="{_(width)}" height="{_(height)}" rx="2" fill="{colour}"/>'
        )

    def axis(self, *points: tuple[float, float]) -> None:
        """Draw a thin line through points."""
        self._shapes.append(f'<polyline class="axis" points="{_points(points)}"/>')

    def line(self, points: list[tuple[float, float]], colour: str) -> None:
        """Draw a line through points, with a dot on each."""
        self._shapes.append(f'<polyline class="line" stroke="{colour}" points="{_points(tuple(points))}"/>')
        self._shapes += [f'<circle cx="{_(x)}" cy="{_(y)}" r="3" fill="{colour}"/>' for x, y in points]

    def __str__(self) -> str:
        width, height = map(_, self._size)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        )
        ground = '<rect class="ground" width="100%" height="100%"/>'
        return "\n".join((head, f"<style>\n{_STYLE}\n</style>", ground, *self._shapes, "</svg>", ""))


def _(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{_(x)},{_(y)}" for x, y in points)
