"""docs/api.md says where each endpoint of the specifications went, and says so truly."""

import re
from pathlib import Path

from dashboard.api import ENDPOINTS
from dashboard.api.views import BASE

TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
ASKED_FOR = re.compile(r"^\| [ODN] \| `(\w+ \S+)` \|", re.MULTILINE)
OURS = re.compile(r"`((?:GET|POST|PUT|DELETE) /api/v1/[^`]+)`")
METHODS = "GET|POST|PUT|DELETE"
SPECIFICATIONS = ("orb-trading-system-v2", "big-dipper-monitor", "delta-neutral-control-center")


def test_every_endpoint_that_it_names_is_there() -> None:
    named = {one for line in TEXT.splitlines() for one in OURS.findall(_ours(line))}
    there = {f"{each.method} {BASE}{each.path}" for each in ENDPOINTS}
    assert named - there == set()
    assert len(named) > 40


def test_every_endpoint_of_the_specifications_is_in_it(shared: Path) -> None:
    asked = set(ASKED_FOR.findall(TEXT))
    for name in SPECIFICATIONS:
        text = (shared / "specs" / f"{name}.md").read_text(encoding="utf-8", errors="replace")
        assert asked_for(text) - asked == set(), name


def asked_for(specification: str) -> set[str]:
    """Return the endpoints of a specification, from its tables and from its lists."""
    tables = re.findall(r"^\| (\w+) \| `(/api/\S+)` \|", specification, re.MULTILINE)
    turned = re.findall(rf"^\| `(/api/\S+)` \| ((?:{METHODS}|/)+) \|", specification, re.MULTILINE)
    listed = re.findall(rf"^({METHODS}) (/api/[^\s?]+)", specification, re.MULTILINE)
    both = [(each, path) for path, methods in turned for each in methods.split("/")]
    return {f"{method} {path}" for method, path in [*tables, *listed, *both]}


def _ours(line: str) -> str:
    """Return what a line says of this desk: of a row, its last column."""
    return line.rsplit("|", 2)[1] if line.startswith("|") else line
