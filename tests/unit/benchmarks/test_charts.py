from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from benchmarks.charts import draw, write
from benchmarks.workload import Case, Chart

from .support import make_outcome, make_workload

if TYPE_CHECKING:
    from pathlib import Path

NAMESPACE = "{http://www.w3.org/2000/svg}"
SAMPLES = {
    "small": {"ours": [{"rate": 100.0, "cost": 1e-6}], "theirs": [{"rate": 50.0, "cost": 4e-6}]},
    "big": {"ours": [{"rate": 1.0, "cost": 1e-3}]},
    "apart": {},
}
CASES = (Case("small", x=10), Case("big", x=1000), Case("apart"))


def texts(picture: ET.Element) -> list[str]:
    return [element.text or "" for element in picture.iter(f"{NAMESPACE}text")]


def test_bars_are_as_long_as_their_values_in_each_case() -> None:
    picture = ET.fromstring(draw(make_outcome(make_workload(cases=CASES), SAMPLES)))
    bars = [element for element in picture.iter(f"{NAMESPACE}rect") if element.get("fill")]
    widths = [float(bar.get("width", "0")) for bar in bars]
    ours_rate, ours_cost, theirs_rate, theirs_cost, alone_rate, alone_cost = widths
    assert ours_rate == 2 * theirs_rate
    assert theirs_cost == 4 * ours_cost
    assert ours_rate == theirs_cost == alone_rate == alone_cost


def test_a_chart_says_what_it_shows() -> None:
    said = texts(ET.fromstring(draw(make_outcome(make_workload(cases=CASES), SAMPLES))))
    assert said[:3] == ["work: work & play", "jobs/s (higher is better)", "CPU µs/job (lower is better)"]
    assert said[3:9] == ["small", "ours", "100", "1.00", "theirs", "50"]


def test_lines_go_through_a_point_for_each_case() -> None:
    workload = make_workload(cases=CASES, chart=Chart(("cost",), lines=True, x_title="open connections"))
    apart = {"ours": [{"cost": 1.0}]}
    picture = ET.fromstring(draw(make_outcome(workload, {**SAMPLES, "apart": apart})))
    ours, theirs = (line for line in picture.iter(f"{NAMESPACE}polyline") if line.get("class") == "line")
    (left, upper), (right, top) = (map(float, point.split(",")) for point in (ours.get("points") or "").split())
    assert right - left == 420
    assert upper > top
    assert len((theirs.get("points") or "").split()) == 1
    assert {"open connections", "10", "1,000", "ours", "theirs"} <= set(texts(picture))


def test_ours_stand_out() -> None:
    names = ("sockstream-data", "import sockstream.net", "node-data", "gevent")
    picture = ET.fromstring(
        draw(make_outcome(make_workload(), {"": {name: [{"rate": 1.0, "cost": 1.0}] for name in names}}))
    )
    ours, imported, node, other = [bar.get("fill") for bar in picture.iter(f"{NAMESPACE}rect") if bar.get("fill")][::2]
    assert ours == imported
    assert len({ours, node, other}) == 3


def test_the_same_figures_give_the_same_file() -> None:
    workload = make_workload(cases=CASES)
    assert draw(make_outcome(workload, SAMPLES)) == draw(make_outcome(workload, SAMPLES))


def test_a_workload_without_figures_has_no_chart(tmp_path: Path) -> None:
    empty = make_outcome(make_workload(), {"": {}})
    full = make_outcome(make_workload(cases=CASES), SAMPLES)
    assert write([empty], tmp_path / "new") == []
    (path,) = write([full], tmp_path / "new")
    assert path == tmp_path / "new" / "work.svg"
    assert path.read_text() == draw(full)
