"""The project keeps its shape: what lies where, and what its files may speak of."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
TOP_LEVEL = {
    *("dashboard", "engine", "models", "tests", "assets", "docs", "wsgi.py"),
    *("pyproject.toml", "README.md", "Makefile", "Dockerfile", "compose.yaml", *LOCKS),
    *(".ci", ".dockerignore", ".editorconfig", ".gitignore", ".gitattributes"),
}
# Put together here, so that this file does not find itself.
PATHS_OF_ONE_MACHINE = [f"/{folder}/" for folder in ("work", "opt/pypi", "opt/wheels")]


def test_the_top_level_holds_only_what_belongs_there() -> None:
    top_level = {path.parts[0] for path in tracked_files()}
    assert top_level <= TOP_LEVEL


@pytest.mark.parametrize("path", PATHS_OF_ONE_MACHINE)
def test_no_file_speaks_of_one_machine(path: str) -> None:
    guilty = [str(file) for file in tracked_files() if path.encode() in contents(file)]
    assert guilty == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_hold_names_versions_and_hashes_alone(lock: str) -> None:
    line = re.compile(r"([a-z0-9-]+==[^/]+|    --hash=sha256:[0-9a-f]{64})( \\)?")
    odd = [text for text in (ROOT / lock).read_text().splitlines() if not line.fullmatch(text)]
    assert odd == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_locked_at_a_version_it_allows(lock: str) -> None:
    locked = locked_versions(lock)
    missing = [
        str(wanted)
        for wanted in requirements(development=lock == "requirements-dev.lock")
        if not wanted.specifier.contains(locked.get(canonicalize_name(wanted.name), ""))
    ]
    assert missing == []


def test_both_locks_agree_on_everything_but_urllib3() -> None:
    run, development = (locked_versions(lock) for lock in LOCKS)
    different = {name for name, version in run.items() if development.get(name) != version}
    assert different <= {"urllib3"}


def tracked_files() -> list[Path]:
    ask = ["git", "-c", "safe.directory=*", "ls-files", "-z"]  # whoever owns the clone
    listed = subprocess.run(ask, cwd=ROOT, check=True, capture_output=True, text=True)
    files = (Path(name) for name in listed.stdout.split("\0") if name)
    return [file for file in files if (ROOT / file).is_file()]


def contents(file: Path) -> bytes:
    return (ROOT / file).read_bytes()


def requirements(*, development: bool) -> list[Requirement]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = project["project"]["dependencies"]
    if development:
        named = named + project["dependency-groups"]["dev"]
    return [Requirement(name) for name in named]


def locked_versions(lock: str) -> dict[str, str]:
    pinned = re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)
    return dict(pinned)
