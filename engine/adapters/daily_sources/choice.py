"""Which sources a desk has: chosen by its settings, for bootstrap alone."""

from __future__ import annotations

from pydantic import SecretStr

from engine.adapters.alpaca_bars import DATA_URL, PER_MINUTE, SPARE, alpaca_client, alpaca_pace
from engine.adapters.daily_sources.alpaca import LIVE_URL, PAPER_URL, AlpacaAssets, AlpacaDaily
from engine.adapters.daily_sources.massive import URL, MassiveDaily, massive_client
from engine.adapters.daily_sources.recorded import RecordedDaily
from engine.adapters.market_playback import PlayedData
from engine.adapters.opening_bars import OpeningBars
from engine.adapters.sectors import known_sectors
from engine.adapters.web import WebClient
from engine.clock import Clock
from engine.desk import DailySource
from engine.errors import ConfigurationError
from engine.settings import BrokerName, Settings


class Sources:
    """Makes the sources that the settings name; at Alpaca they share one limit.

    The scan has a client of its own: what a sync fetches at that moment is never before it.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        scale = max(1.0, clock.speed)  # the limit is of the desk's clock, which may be fast
        self._pace = alpaca_pace(round(PER_MINUTE[settings.alpaca_feed] * scale))
        self._patient: WebClient | None = None
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
                return MassiveDaily(client, settings.massive_url or URL, listings, known_sectors)
            case "alpaca":
                url = settings.alpaca_data_url or DATA_URL
                return AlpacaDaily(self._in_no_hurry(), self._assets(), url, sectors=known_sectors)
            case _ if played is None:
                raise ConfigurationError("BELLWETHER_DAILY=recorded needs a recorded market")
            case _:
                return RecordedDaily(played)

    def opening(self) -> OpeningBars:
        """Return the live opening ranges on the feed that the account has (ALPACA_FEED)."""
        settings = self._settings
        return OpeningBars(
            self._client(),
            self._clock,
            settings.alpaca_data_url or DATA_URL,
            settings.alpaca_feed,
            history=self._in_no_hurry(),
        )

    def stop(self) -> None:
        """End every wait of a request: the desk stops."""
        for client in self._clients:
            client.stop()

    def _assets(self) -> AlpacaAssets:
        settings = self._settings
        url = PAPER_URL if settings.alpaca_paper else LIVE_URL
        return AlpacaAssets(self._in_no_hurry(), settings.alpaca_trading_url or url)

    def _in_no_hurry(self) -> WebClient:
        if self._patient is None:
            self._patient = self._client(spare=SPARE)
        return self._patient

    def _client(self, *, spare: int = 0) -> WebClient:
        client = alpaca_client(
            _needed(self._settings.alpaca_api_key, "ALPACA_API_KEY"),
            _needed(self._settings.alpaca_secret_key, "ALPACA_SECRET_KEY"),
            self._pace,
            spare=spare,
        )
        self._clients.append(client)
        return client


def _needed(secret: SecretStr | None, name: str) -> str:
    if secret is None:
        raise ConfigurationError(f"{name} is not set")
    return secret.get_secret_value()
