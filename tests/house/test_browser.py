"""The script that looks for a browser changes nothing on a computer that has one."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "browser"
TOOLS = ("env", "id", "ln", "mktemp", "rm", "sh", "tail")
PRETENDS = ("apt-cache", "chromium", "chromedriver")


@pytest.fixture
def computer(tmp_path: Path) -> Path:
    """A folder of commands: a few real ones, and those of a computer that can install packages."""
    for tool in TOOLS:
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    for name in PRETENDS:
        _command(tmp_path / name, ":")
    _command(tmp_path / "sudo", 'shift; exec "$@"')
    _command(tmp_path / "true", ":")
    brings = f'echo "$*" >>"{tmp_path}/asked"; ln -sf true "{tmp_path}/chromium"'
    _command(tmp_path / "apt-get", brings)
    return tmp_path


def _command(path: Path, what: str) -> None:
    path.write_text(f"#!/bin/sh\n{what}\n")
    path.chmod(0o755)


def asked(computer: Path) -> list[str]:
    """Run the script and return what it asked the system to install."""
    done = subprocess.run(
        [shutil.which("sh") or "sh", SCRIPT], env={"PATH": f"{computer}"}, check=False, timeout=20
    )
    assert done.returncode == 0
    told = computer / "asked"
    return told.read_text().splitlines() if told.exists() else []


def test_a_computer_with_a_browser_is_left_as_it_is(computer: Path) -> None:
    assert asked(computer) == []


def test_a_computer_without_a_browser_gets_all_that_helps(computer: Path) -> None:
    (computer / "chromium").unlink()
    update, browsers, quicker = asked(computer)
    assert update.split()[0] == "update"
    assert browsers.endswith("chromium chromium-driver")
    assert quicker.endswith("chromium-headless-shell")
