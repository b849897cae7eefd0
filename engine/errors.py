"""Everything the desk raises on purpose. Each message may be read by a person."""

from __future__ import annotations


class DeskError(Exception):
    """Base of all errors whose message may be shown to a person."""


class ConfigurationError(DeskError):
    """A setting is missing, unknown or makes no sense."""


class BadInputError(DeskError):
    """A file that was given cannot be used; the message names file, row and column."""


class NotPermittedError(DeskError):
    """The actor's role does not allow this."""


class NotProvenError(NotPermittedError):
    """The actor must first show their password once more."""


class InvalidRequestError(DeskError):
    """What was asked for cannot be done as it was asked."""


class NotFoundError(InvalidRequestError):
    """What was asked for does not exist."""


class TooManyRequestsError(DeskError):
    """Somebody asked too often; it ends by itself after `retry_after` seconds."""

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class NotTheEngineError(DeskError):
    """Another engine holds the lease; this process must not trade."""


class BrokerRejectedError(DeskError):
    """The broker said no. Asking again will not help."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class BrokerUnavailableError(DeskError):
    """The broker did not answer. What it did is unknown until it is looked up."""


class BrokerBusyError(BrokerUnavailableError):
    """The request certainly did nothing: it was not sent, or turned away at the rate limit."""


class SourceUnavailableError(DeskError):
    """A source of market data did not answer, or not in full. Asking again later may help."""


class SourceRefusedError(DeskError):
    """A source of market data said no: the key, the plan or the question is wrong."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
