"""Log lines: one shape for our own and for every library's, secrets left out."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from engine.journal import correlation

SECRET = re.compile(r"password|passwd|secret|token|api_?key|authorization|cookie", re.IGNORECASE)
REDACTED = "[redacted]"
# They tell of each thing that went well; the scheduler also of rounds that it rightly leaves out.
LEVELS = {
    "alembic": logging.WARNING,
    "apscheduler": logging.ERROR,
    "urllib3": logging.INFO,  # below, it tells whole paths, and those of channels hold secrets
    "werkzeug": logging.WARNING,
}

Event = MutableMapping[str, Any]


def configure_logs(*, level: str, as_json: bool) -> None:
    """Send every log line of the process to standard error, in one shape."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a test or a reload may configure it again
    )
    _route_stdlib(level, log_formatter(as_json=as_json))


def _shared() -> list[structlog.typing.Processor]:
    """Return what every line goes through, whoever wrote it."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_correlation,
        redact,
    ]


def add_correlation(_logger: Any, _method: str, event: Event) -> Event:
    """Name the click or job run that caused a line."""
    if caused_by := correlation.get():
        event.setdefault("correlation_id", caused_by)
    return event


def redact(_logger: Any, _method: str, event: Event) -> Event:
    """Leave out whatever is called like a secret, at any depth."""
    for key, value in event.items():
        event[key] = _redacted(key, value)
    return event


def _redacted(key: object, value: Any) -> Any:
    if isinstance(key, str) and SECRET.search(key):
        return REDACTED
    if isinstance(value, dict):
        return {inner: _redacted(inner, each) for inner, each in value.items()}
    return value


def log_formatter(*, as_json: bool) -> structlog.stdlib.ProcessorFormatter:
    """Return what makes a line of a record, for people or for programs, without secrets."""
    processors: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta
    ]
    if as_json:
        processors += [
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(default=str),
        ]
    else:
        plain = structlog.dev.plain_traceback  # the other one shows every variable's value
        colors = sys.stderr.isatty()
        processors.append(structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain))
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_shared(), processors=processors)


def _route_stdlib(level: str, formatter: logging.Formatter) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in LEVELS.items():
        logging.getLogger(name).setLevel(max(root.level, least))


def report_to_sentry(dsn: str | None) -> None:
    """Send errors to Sentry, if there is one: without bodies, cookies, headers or local names."""
    if dsn is None:
        return
    import sentry_sdk  # noqa: PLC0415  # slow, and most desks have none

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        before_send=_without_secrets,
        before_breadcrumb=_without_addresses,
    )


def _without_addresses(crumb: Any, _hint: Any) -> Any:
    """Leave out the requests that the desk made: the addresses of channels hold secrets."""
    return None if crumb.get("category") == "httplib" else crumb


def _without_secrets(event: Any, _hint: Any) -> Any:
    event.get("request", {}).pop("headers", None)
    event.setdefault("tags", {})["correlation_id"] = correlation.get()
    return {key: _redacted(key, value) for key, value in event.items()}
