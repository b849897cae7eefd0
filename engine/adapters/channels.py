"""Channels to people, through Apprise: the only module that knows it, or a channel's address."""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from engine.rules.alert_texts import Message
from models.vocabulary import Severity

if TYPE_CHECKING:
    from apprise import NotifyBase

PATIENCE = 15.0  # seconds from the beginning of a sending until it counts as failed
WEB = {"http": "json", "https": "jsons"}  # a plain address gets the message as JSON
STATUS = re.compile(r"\berror=(\d{3})\b")

KINDS = {
    "discord": "Discord",
    "gotify": "Gotify",
    "gotifys": "Gotify",
    "http": "Webhook",
    "https": "Webhook",
    "json": "Webhook",
    "jsons": "Webhook",
    "mailto": "E-mail",
    "mailtos": "E-mail",
    "matrix": "Matrix",
    "matrixs": "Matrix",
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "pover": "Pushover",
    "slack": "Slack",
    "tgram": "Telegram",
}

_TYPES = {Severity.INFO: "info", Severity.WARNING: "warning"}  # else "failure"


class AddressedChannel:
    """One address that takes messages. Nothing that it says contains the address."""

    def __init__(self, name: str, address: str, patience: float = PATIENCE) -> None:
        self._name = name
        self._address = address
        self._patience = patience
        self._service: NotifyBase | None = None
        self._sending: threading.Thread | None = None

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self._name

    @property
    def kind(self) -> str:
        """Return what it is; a scheme that is not known might be a secret put in its place."""
        return KINDS.get(urlsplit(self._address).scheme.lower(), "Other")

    def send(self, message: Message) -> str | None:
        """Send in a thread that is left behind when it takes too long; return what went wrong."""
        if self._sending is not None and self._sending.is_alive():
            return "it still has not answered to the message before"
        problems: list[str | None] = []
        self._sending = threading.Thread(
            target=lambda: problems.append(self._sent(message)),
            name=f"channel {self._name}",
            daemon=True,
        )
        self._sending.start()
        self._sending.join(self._patience)
        return problems[0] if problems else f"no answer within {self._patience:g} seconds"

    def _sent(self, message: Message) -> str | None:
        try:
            return self._send(message)
        except Exception as error:  # noqa: BLE001  # a plugin's own; its text may hold the address
            return f"it failed ({type(error).__name__})"

    def _send(self, message: Message) -> str | None:
        # A second of imports, which only a desk with channels needs, and never the trading thread.
        from apprise import NotifyFormat, NotifyType  # noqa: PLC0415

        self._service = self._service or _service(self._address)
        if self._service is None:
            return "its address is none that can be sent to"
        _heard.statuses = []
        taken = self._service.notify(
            body=message.body,
            title=message.title,
            notify_type=NotifyType(_TYPES.get(message.severity, "failure")),
            body_format=NotifyFormat.TEXT,
        )
        if taken:
            return None
        status = next(iter(_heard.statuses), None)
        return f"it answered with HTTP {status}" if status else "it cannot be reached"


def _service(address: str) -> NotifyBase | None:
    """Return what sends to an address, None when it is none."""
    from apprise import Apprise, AppriseAsset, PersistentStoreMode  # noqa: PLC0415

    _listen()
    # Nothing is kept in files, and a redirect does not get to see what was meant for another.
    asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, http_redirects=False)
    found: Any = Apprise.instantiate(address, asset=asset)  # discord.com and others by their host
    if found is None and urlsplit(address).scheme.lower() in WEB:
        found = Apprise.instantiate(_webhook(address), asset=asset)
    service: NotifyBase | None = found
    return service


def _webhook(address: str) -> str:
    """Return a web address as Apprise's JSON webhook; what its query says is passed on."""
    parts = urlsplit(address)
    query = urlencode([(f"-{name}", value) for name, value in parse_qsl(parts.query)])
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    plain = f"{WEB[parts.scheme.lower()]}://{parts.netloc}{path}"
    return f"{plain}?{query}" if query else plain


# ------------------------------------------------------------------------------ its log
class _Heard(threading.local):
    """The HTTP statuses that Apprise complained of in this thread."""

    def __init__(self) -> None:
        self.statuses: list[str] = []


_heard = _Heard()


class _Ear(logging.Handler):
    """Takes the status out of what Apprise logs, and drops the rest: it may tell the address."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a status."""
        if found := STATUS.search(record.getMessage()):
            _heard.statuses.append(found.group(1))


def _listen() -> None:
    log = logging.getLogger("apprise")
    log.setLevel(logging.WARNING)
    log.propagate = False
    log.handlers[:] = [_Ear()]
