"""Colours stand in one place: the tokens at the head of assets/desk.css."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LITERAL = re.compile(
    r"#[0-9a-fA-F]{3,8}\b(?=[\"'\s;,)])|\b(rgba?|hsla?|hwb|ok?l(ab|ch)|color)\("
    r"|(:\s*|[:=,(]\s*[\"'])(black|white|red|green|blue|yellow|orange|gr[ae]y)\b"
)
QR = "dashboard/qr.py"  # black on white in every theme, or no phone would read it
NAMED = re.compile(r"var\((--[a-z-]+)\)")
TRANSPARENT = "rgba(0,0,0,0)"  # not a colour: what is behind


def lines_of(*patterns: str) -> list[tuple[str, str]]:
    files = [file for pattern in patterns for file in sorted(ROOT.glob(pattern))]
    return [
        (f"{file.relative_to(ROOT)}:{number}", line.replace(TRANSPARENT, ""))
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    ]


def tokens() -> tuple[set[str], range]:
    """Return the names of the tokens, and the lines on which they are given."""
    lines = (ROOT / "assets/desk.css").read_text(encoding="utf-8").splitlines()
    end = lines.index("}")
    return set(re.findall(r"(--[a-z-]+):", "\n".join(lines[:end]))), range(1, end + 1)


def test_no_colour_stands_beside_the_tokens() -> None:
    own = {f"assets/desk.css:{number}" for number in tokens()[1]}
    files = ("assets/*.css", "assets/*.js", "dashboard/**/*.py", "dashboard/**/*.html")
    lines = lines_of(*files)
    assert [place for place, line in lines if _is_beside(place, line, own)] == []


def _is_beside(place: str, line: str, own: set[str]) -> bool:
    return bool(LITERAL.search(line)) and place not in own and not place.startswith(QR)


def test_charts_and_tables_name_tokens_that_there_are() -> None:
    lines = lines_of("assets/*.js", "dashboard/**/*.py")
    wanted = {name for _, line in lines for name in NAMED.findall(line)}
    assert wanted
    assert wanted <= tokens()[0]
