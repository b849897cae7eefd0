"""Settings: environment first, then `.env`, then defaults; every wrong one is named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from engine.errors import ConfigurationError
from engine.settings import ProcessRole, Settings, keep_secret_key, load_settings

KEY = "k" * 40
SECRETS = {
    "BELLWETHER_SECRET_KEY": "secret-one-" + KEY,
    "ALPACA_API_KEY": "secret-two",
    "ALPACA_SECRET_KEY": "secret-three",
    "MASSIVE_API_KEY": "secret-four",
    "BELLWETHER_ADMIN_PASSWORD": "secret-five",
    "BELLWETHER_METRICS_TOKEN": "secret-six",
    "SENTRY_DSN": "secret-seven",
    "BELLWETHER_BOT_KEY_DELTA_NEUTRAL": "secret-eight",
}
START = "2026-11-20T09:25:00-05:00"


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("ALPACA_API_KEY", "ALPACA_SECRET_KEY", "POLYGON_API_KEY", "MASSIVE_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def load(**environment: str) -> Settings:
    return load_settings(environment)


def complaint(**environment: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(**environment)
    return str(caught.value)


# ---------------------------------------------------------------------------- where from
def test_without_anything_the_defaults_hold() -> None:
    settings = load()
    assert (settings.database_url, settings.port) == ("sqlite:///data/bellwether.db", 8050)
    assert (settings.broker, settings.role, settings.host) == ("simulated", "all", "127.0.0.1")


def test_dotenv_beats_the_default(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BELLWETHER_PORT=9000\n")
    assert load().port == 9000


def test_the_environment_beats_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BELLWETHER_PORT=9000\n")
    assert load(BELLWETHER_PORT="9001").port == 9001


def test_the_process_environment_is_read_when_none_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BELLWETHER_PORT", "9002")
    assert load_settings().port == 9002


def test_a_given_environment_is_all_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELLWETHER_PORT", "9002")
    assert load().port == 8050


def test_an_option_of_the_command_beats_everything(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BELLWETHER_ROLE=web\n")
    settings = load_settings({"BELLWETHER_ROLE": "all"}, role=ProcessRole.ENGINE)
    assert settings.role == "engine"


@pytest.mark.parametrize("name", ["ALPACA_API_KEY", "ALPACA_KEY"])
def test_alpacas_key_has_two_names(name: str) -> None:
    assert load(**{name: "abc"}).alpaca_api_key == SecretStr("abc")


@pytest.mark.parametrize("name", ["ALPACA_SECRET_KEY", "ALPACA_SECRET"])
def test_alpacas_secret_has_two_names(name: str) -> None:
    assert load(**{name: "abc"}).alpaca_secret_key == SecretStr("abc")


@pytest.mark.parametrize("name", ["MASSIVE_API_KEY", "POLYGON_API_KEY"])
def test_massives_key_is_read_under_its_former_name(name: str) -> None:
    assert load(**{name: "abc"}).massive_api_key == SecretStr("abc")


def test_paper_is_the_default_and_live_has_to_be_asked_for() -> None:
    assert (load().alpaca_paper, load(ALPACA_PAPER="false").alpaca_paper) == (True, False)


def test_a_feed_connection_has_a_thread_of_its_own() -> None:
    assert load(BELLWETHER_FEED_LIMIT="500").feed_threads == 532


@pytest.mark.parametrize(
    ("environment", "as_json"),
    [
        ({}, False),
        ({"BELLWETHER_LOG_FORMAT": "json"}, True),
        ({"BELLWETHER_ENV": "production", "BELLWETHER_SECRET_KEY": KEY}, True),
    ],
)
def test_logs_are_json_in_production(environment: dict[str, str], as_json: bool) -> None:  # noqa: FBT001
    assert load(**environment).logs_as_json is as_json


# ---------------------------------------------------------------------------- secret files
@pytest.mark.parametrize("name", [*SECRETS, "ALPACA_KEY", "BELLWETHER_DATABASE_URL"])
def test_a_setting_can_stand_in_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text(f"{KEY}-from-file\n")
    settings = load(**{f"{name}_FILE": str(tmp_path / "file")})
    assert f"{KEY}-from-file" in plain(settings)


def test_a_setting_given_directly_beats_its_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("from-file")
    settings = load(ALPACA_API_KEY="direct", ALPACA_API_KEY_FILE=str(tmp_path / "file"))
    assert "direct" in plain(settings)


def test_a_file_beats_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ALPACA_API_KEY=from-dotenv\n")
    (tmp_path / "file").write_text("from-file")
    assert "from-file" in plain(load(ALPACA_API_KEY_FILE=str(tmp_path / "file")))


def test_dotenv_may_name_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("from-file")
    (tmp_path / ".env").write_text(f"ALPACA_API_KEY_FILE={tmp_path / 'file'}\n")
    assert "from-file" in plain(load())


def test_a_file_that_is_not_there_is_named() -> None:
    assert complaint(ALPACA_API_KEY_FILE="gone").startswith("ALPACA_API_KEY_FILE: gone cannot be")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert complaint(ALPACA_API_KEY_FILE=str(tmp_path / "file")).endswith("is empty")


def test_a_name_without_a_value_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BELLWETHER_PORT=9000\n")
    settings = load(BELLWETHER_PORT="", BELLWETHER_ADMIN_PASSWORD="", ALPACA_API_KEY="")
    assert (settings.port, settings.admin_password, settings.alpaca_api_key) == (9000, None, None)


def test_an_option_of_the_command_beats_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("sqlite:///from-file.db")
    given = {"BELLWETHER_DATABASE_URL_FILE": str(tmp_path / "file")}
    assert load_settings(given, database_url="sqlite://").database_url == "sqlite://"


# ---------------------------------------------------------------------------- what is refused
def test_an_unknown_name_in_the_environment_is_named() -> None:
    assert complaint(BELLWETHER_PROT="8050").startswith("unknown setting BELLWETHER_PROT")


def test_an_unknown_name_in_dotenv_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BELLWETHER_MAX_POSITIONS=20\n")
    assert complaint().startswith("unknown setting BELLWETHER_MAX_POSITIONS")


def test_other_peoples_names_are_not_our_affair(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COMPOSE_PROJECT_NAME=desk\n")
    assert load(PATH="/bin", ALPACA_UNKNOWN="1").port == 8050


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BELLWETHER_PORT", "80500"),
        ("BELLWETHER_BROKER", "robinhood"),
        ("BELLWETHER_ENV", "staging"),
        ("BELLWETHER_ROLE", "both"),
        ("BELLWETHER_DATA", "yahoo"),
        ("BELLWETHER_LOG_LEVEL", "LOUD"),
        ("BELLWETHER_CLOCK_SPEED", "0"),
        ("BELLWETHER_THREADS", "1"),
        ("ALPACA_FEED", "otc"),
        ("ALPACA_PAPER", "perhaps"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_by_name(name: str, value: str) -> None:
    assert complaint(**{name: value}).startswith(f"{name}: ")


def test_production_demands_a_secret() -> None:
    assert "BELLWETHER_SECRET_KEY must be given" in complaint(BELLWETHER_ENV="production")


def test_a_short_secret_is_refused() -> None:
    assert "at least 32 characters" in complaint(BELLWETHER_SECRET_KEY="k" * 31)


@pytest.mark.parametrize("name", ["BELLWETHER_CLOCK_START", "BELLWETHER_CLOCK_EPOCH"])
def test_a_clock_needs_a_time_zone(name: str) -> None:
    assert complaint(**{name: "2026-11-20T09:25:00"}) == f"{name} needs a time zone"


@pytest.mark.parametrize(
    "clock",
    [
        {"BELLWETHER_CLOCK_START": START},
        {"BELLWETHER_CLOCK_SPEED": "10"},
        {"BELLWETHER_CLOCK_EPOCH": START},
    ],
)
@pytest.mark.parametrize(
    "url",
    [
        None,
        "https://api.alpaca.markets",
        "https://paper-api.alpaca.markets/v2",
        "https://API.ALPACA.MARKETS:443",
    ],
)
def test_a_shifted_clock_is_refused_with_alpaca_itself(
    url: str | None, clock: dict[str, str]
) -> None:
    given = {"ALPACA_TRADING_URL": url} if url else {}
    assert "is refused" in complaint(BELLWETHER_BROKER="alpaca", **given, **clock)


@pytest.mark.parametrize("broker", ["alpaca", "simulated"])
def test_a_shifted_clock_is_allowed_elsewhere(broker: str) -> None:
    settings = load(
        BELLWETHER_BROKER=broker,
        BELLWETHER_CLOCK_START=START,
        ALPACA_TRADING_URL="http://127.0.0.1:9999",
    )
    assert settings.clock_start == datetime(2026, 11, 20, 14, 25, tzinfo=UTC)


# ---------------------------------------------------------------------------- secrets stay secret
def test_secrets_are_in_no_text_of_the_settings() -> None:
    settings = load(**SECRETS)
    texts = (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json())
    assert not any("secret-" in text for text in texts)


def test_secrets_are_in_no_complaint() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(**SECRETS | {"BELLWETHER_SECRET_KEY": "secret-short"})
    assert "secret-" not in whole_complaint(caught.value)


def test_the_password_of_the_database_is_not_shown() -> None:
    settings = load(BELLWETHER_DATABASE_URL="postgresql+psycopg://desk:secret-eight@db/bellwether")
    assert "secret-" not in repr(settings) + str(settings)


def test_a_secret_of_the_wrong_kind_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(SECRETS, admin_password=["secret-list"])
    assert "secret-" not in whole_complaint(caught.value)


# ---------------------------------------------------------------------------- keys of other bots
def test_each_bot_has_a_key_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("from-file\n")
    settings = load(
        BELLWETHER_BOT_KEY_DIPPER="direct",
        BELLWETHER_BOT_KEY_DELTA_NEUTRAL_FILE=str(tmp_path / "file"),
    )
    keys = {name: key.get_secret_value() for name, key in settings.bot_keys.items()}
    assert keys == {"dipper": "direct", "delta-neutral": "from-file"}


def test_a_bots_key_in_the_environment_beats_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BELLWETHER_BOT_KEY_A=old\nBELLWETHER_BOT_KEY_B=b\n")
    keys = load(BELLWETHER_BOT_KEY_A="new").bot_keys
    assert (keys["a"].get_secret_value(), keys["b"].get_secret_value()) == ("new", "b")


@pytest.mark.parametrize("end", ["", "_", "_FILE", "__X", "_lower", "S"])
def test_a_key_of_no_bot_is_unknown(end: str) -> None:
    assert "unknown setting" in complaint(**{f"BELLWETHER_BOT_KEY{end}": "x"})


# ---------------------------------------------------------------------------- the kept key
def test_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    first = keep_secret_key(load(), tmp_path / "data")
    assert keep_secret_key(load(), tmp_path / "data") == first
    assert (len(first) >= 43, (tmp_path / "data" / "secret_key").stat().st_mode & 0o777) == (
        True,
        0o600,
    )


def test_a_given_key_is_not_written_down(tmp_path: Path) -> None:
    assert keep_secret_key(load(BELLWETHER_SECRET_KEY=KEY), tmp_path) == KEY
    assert not (tmp_path / "secret_key").exists()


def test_an_empty_key_is_never_used(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(ConfigurationError, match="holds no key: delete it"):
        keep_secret_key(load(), tmp_path)


def plain(settings: Settings) -> list[str]:
    """Every value of the settings, secrets in clear."""
    values = [value for _, value in settings] + list(settings.bot_keys.values())
    return [v.get_secret_value() if isinstance(v, SecretStr) else str(v) for v in values]


def whole_complaint(error: BaseException | None) -> str:
    """An error with all that led to it, as a log shows it."""
    return f"{error} {whole_complaint(error.__cause__)}" if error else ""


# ---------------------------------------------------------------------------- channels
def test_each_channel_has_a_setting_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "address").write_text("tgram://token/chat\n")
    settings = load(
        BELLWETHER_ALERT_OPS_MAIL="mailto://me:secret@example.com",
        BELLWETHER_ALERT_PHONE_FILE=str(tmp_path / "address"),
        BELLWETHER_ALERT_UNSET="",
    )
    found = {name: url.get_secret_value() for name, url in settings.alert_channels.items()}
    assert found == {"ops_mail": "mailto://me:secret@example.com", "phone": "tgram://token/chat"}


def test_the_environment_beats_dotenv_channel_by_channel(tmp_path: Path) -> None:
    lines = ("BELLWETHER_ALERT_A=json://one/a", "BELLWETHER_ALERT_B=json://one/b")
    (tmp_path / ".env").write_text("\n".join(lines))
    settings = load(BELLWETHER_ALERT_B="json://two/b")
    found = {name: url.get_secret_value() for name, url in settings.alert_channels.items()}
    assert found == {"a": "json://one/a", "b": "json://two/b"}


@pytest.mark.parametrize("name", ["BELLWETHER_ALERT_", "BELLWETHER_ALERT_no", "BELLWETHER_ALERTS"])
def test_what_names_no_channel_is_unknown(name: str) -> None:
    assert "unknown setting" in complaint(**{name: "json://somewhere"})


def test_an_address_that_is_none_is_refused_and_not_repeated() -> None:
    said = complaint(BELLWETHER_ALERT_PHONE="a-token-without-an-address")
    assert said == "BELLWETHER_ALERT_PHONE is no address: it needs a ://"


def test_a_channel_s_address_is_not_shown() -> None:
    assert "planted" not in repr(load(BELLWETHER_ALERT_PHONE="tgram://planted/chat"))


def test_the_public_address_is_one() -> None:
    assert "BELLWETHER_PUBLIC_URL" in complaint(BELLWETHER_PUBLIC_URL="desk.example")
