"""Which sources a desk has: chosen by its settings, for bootstrap alone."""

from __future__ import annotations

from pydantic import SecretStr

from engine.adapters.alpaca_bars import DATA_URL, PER_MINUTE, alpaca_client
from engine.adapters.daily_sources.alpaca import LIVE_URL, PAPER_URL, AlpacaAssets, AlpacaDaily
from engine.adapters.daily_sources.massive import URL, MassiveDaily, massive_client
from engine.adapters.daily_sources.recorded import RecordedDaily
from engine.adapters.market_playback import PlayedData
from engine.adapters.opening_bars import OpeningBars
from engine.adapters.web import WebClient
from engine.desk import DailySource
from engine.errors import ConfigurationError
from engine.settings import BrokerName, Settings


class Sources:
    """Makes the sources that the settings name; they share one client and its limit."""

    def __init__(self, settings: Settings, *, time_scale: float = 1.0) -> None:
        self._settings = settings
        self._per_minute = round(PER_MINUTE * time_scale)  # of the desk's clock, which may be fast
        self._alpaca: WebClient | None = None
        self._clients: list[WebClient] = []

    def daily(self, played: PlayedData | None = None) -> DailySource:
        """Return where daily bars come from (BELLWETHER_DAILY): as the broker, unless it is said.

        Raises:
            ConfigurationError: a key is missing, or there is no recorded market.
        """
        settings = self._settings
        follows = "alpaca" if settings.broker is BrokerName.ALPACA else "recorded"
        match settings.daily or follows:
            case "massive":
                client = massive_client(_needed(settings.massive_api_key, "MASSIVE_API_KEY"))
                self._clients.append(client)
                listings = self._assets().listings if settings.alpaca_api_key else tuple
                return MassiveDaily(client, settings.massive_url or URL, listings)
            case "alpaca":
                url = settings.alpaca_data_url or DATA_URL
                return AlpacaDaily(self._client(), self._assets(), url)
            case _ if played is None:
                raise ConfigurationError("BELLWETHER_DAILY=recorded needs a recorded market")
            case _:
                return RecordedDaily(played)

    def opening(self) -> OpeningBars:
        """Return the live opening ranges on the feed that the account has (ALPACA_FEED)."""
        settings = self._settings
        url = settings.alpaca_data_url or DATA_URL
        return OpeningBars(self._client(), url, settings.alpaca_feed)

    def stop(self) -> None:
        """End every wait of a request: the desk stops."""
        for client in self._clients:
            client.stop()

    def _assets(self) -> AlpacaAssets:
        settings = self._settings
        url = PAPER_URL if settings.alpaca_paper else LIVE_URL
        return AlpacaAssets(self._client(), settings.alpaca_trading_url or url)

    def _client(self) -> WebClient:
        if self._alpaca is None:
            self._alpaca = alpaca_client(
                _needed(self._settings.alpaca_api_key, "ALPACA_API_KEY"),
                _needed(self._settings.alpaca_secret_key, "ALPACA_SECRET_KEY"),
                per_minute=self._per_minute,
            )
            self._clients.append(self._alpaca)
        return self._alpaca


def _needed(secret: SecretStr | None, name: str) -> str:
    if secret is None:
        raise ConfigurationError(f"{name} is not set")
    return secret.get_secret_value()
