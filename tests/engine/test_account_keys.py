"""More accounts than one: their keys by name, and one sentence for what cannot be used."""

from pathlib import Path

import pytest

from engine.account_keys import slot_of, variables_of
from engine.errors import ConfigurationError
from engine.settings import BrokerName, Settings, load_settings

FIRST = {
    "BELLWETHER_BROKER": "alpaca",
    "ALPACA_API_KEY": "secret-first",
    "ALPACA_SECRET_KEY": "secret-of-the-first",
}
IRA = {"ALPACA_API_KEY_IRA": "secret-ira", "ALPACA_SECRET_KEY_IRA": "secret-of-ira"}


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder: no `.env`."""
    monkeypatch.chdir(tmp_path)


def load(**environment: str) -> Settings:
    return load_settings(FIRST | environment)


def keys(settings: Settings, account: str) -> tuple[str, str]:
    own = settings.trading_as(account)
    assert own.alpaca_api_key is not None
    assert own.alpaca_secret_key is not None
    return own.alpaca_api_key.get_secret_value(), own.alpaca_secret_key.get_secret_value()


def complaint(**environment: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(**environment)
    return str(caught.value)


def test_an_account_is_traded_with_its_own_keys() -> None:
    settings = load(**IRA)
    assert keys(settings, "ira") == ("secret-ira", "secret-of-ira")
    assert keys(settings, "paper") == ("secret-first", "secret-of-the-first")


def test_an_account_is_paper_unless_it_is_said_to_be_live() -> None:
    assert load(**IRA).trading_as("ira").alpaca_paper
    live = load(**IRA, ALPACA_PAPER_IRA="false")
    assert (live.trading_as("ira").alpaca_paper, live.alpaca_paper) == (False, True)


def test_an_account_has_endpoints_of_its_own_or_those_of_the_first() -> None:
    common, own = "http://127.0.0.1:1", "http://127.0.0.1:2"
    settings = load(**IRA, ALPACA_TRADING_URL=common)
    assert settings.trading_as("ira").alpaca_trading_url == common
    settings = load(**IRA, ALPACA_TRADING_URL=common, ALPACA_TRADING_URL_IRA=own)
    assert settings.trading_as("ira").alpaca_trading_url == own
    assert settings.trading_as("paper").alpaca_trading_url == common


def test_keys_may_stand_in_files_and_in_dotenv(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret-in-a-file\n")
    (tmp_path / ".env").write_text("ALPACA_SECRET_KEY_IRA=secret-in-dotenv\n")
    settings = load(ALPACA_API_KEY_IRA_FILE=str(tmp_path / "key"))
    assert keys(settings, "ira") == ("secret-in-a-file", "secret-in-dotenv")


def test_a_file_of_the_first_pair_is_no_account(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret-in-a-file")
    environment = {k: v for k, v in FIRST.items() if k != "ALPACA_API_KEY"}
    settings = load_settings({**environment, "ALPACA_API_KEY_FILE": str(tmp_path / "key")})
    assert settings.alpaca_accounts == ()


def test_a_name_without_a_value_is_as_good_as_none() -> None:
    assert load(ALPACA_API_KEY_IRA="", ALPACA_SECRET_KEY_IRA="").alpaca_accounts == ()


def test_the_first_pair_is_called_by_whose_money_it_is() -> None:
    assert (load().first_account, load(ALPACA_PAPER="false").first_account) == ("paper", "live")


@pytest.mark.parametrize("half", IRA)
def test_half_a_pair_is_one_sentence(half: str) -> None:
    (other,) = IRA.keys() - {half}
    said = complaint(**{half: IRA[half]})
    assert said == f"the account IRA lacks {other}: an account has both keys"


def test_an_account_of_which_only_the_kind_is_known_is_one_sentence() -> None:
    said = complaint(ALPACA_PAPER_IRA="false")
    assert said.startswith("the account IRA lacks ALPACA_API_KEY_IRA")


@pytest.mark.parametrize("name", ["ira", "1", "A" * 17, "A-B", "_A"])
def test_a_name_that_cannot_be_used_is_one_sentence(name: str) -> None:
    assert "an account's name is" in complaint(**{f"ALPACA_API_KEY_{name}": "secret"})


@pytest.mark.parametrize("name", ["PAPER", "LIVE", "SIMULATED"])
def test_a_name_that_means_something_else_is_one_sentence(name: str) -> None:
    assert f"no account can be called {name}" in complaint(**{f"ALPACA_API_KEY_{name}": "secret"})


def test_a_kind_that_is_neither_is_one_sentence() -> None:
    assert complaint(**IRA, ALPACA_PAPER_IRA="maybe") == "ALPACA_PAPER_IRA: it is true or false"


def test_one_key_under_two_names_is_one_sentence() -> None:
    twin = {"ALPACA_API_KEY_ROTH": "secret-ira", "ALPACA_SECRET_KEY_ROTH": "secret-of-ira"}
    assert "one account would have two books" in complaint(**IRA, **twin)
    assert "one account would have two books" in complaint(**IRA | {"ALPACA_API_KEY": "secret-ira"})


def test_an_account_without_keys_names_the_variables_that_are_missing() -> None:
    with pytest.raises(ConfigurationError, match="ALPACA_API_KEY_ROTH and ALPACA_SECRET_"):
        load().trading_as("roth")
    with pytest.raises(ConfigurationError, match="set ALPACA_API_KEY and ALPACA_SECRET_KEY"):
        load().trading_as("live")


def test_where_nothing_is_traded_at_alpaca_such_names_are_nobodys_affair() -> None:
    settings = load_settings({"ALPACA_API_KEY_ID": "of another program"})
    assert (settings.broker, settings.alpaca_accounts) == (BrokerName.SIMULATED, ())


def test_a_shifted_clock_is_refused_if_any_account_is_at_alpaca() -> None:
    clock = {"BELLWETHER_CLOCK_SPEED": "10", "ALPACA_TRADING_URL": "http://127.0.0.1:1"}
    assert load(**IRA, **clock).clock_speed == 10
    at_alpaca = {"ALPACA_TRADING_URL_IRA": "https://api.alpaca.markets"}
    assert "is refused" in complaint(**IRA, **clock, **at_alpaca)


def test_no_key_is_in_any_text_of_the_settings() -> None:
    settings = load(**IRA)
    texts = (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json())
    assert not any("secret-" in text for text in texts)


def test_no_key_is_in_a_complaint() -> None:
    assert "secret-" not in complaint(**IRA, ALPACA_PAPER_IRA="maybe")


@pytest.mark.parametrize(("account", "slot"), [("paper", ""), ("live", ""), ("ira", "ira")])
def test_the_first_pair_has_no_name_in_the_database(account: str, slot: str) -> None:
    assert slot_of(account) == slot
    assert variables_of(account)[0] == "ALPACA_API_KEY" + (f"_{slot.upper()}" if slot else "")
