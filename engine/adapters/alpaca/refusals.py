"""Alpaca's error bodies as refusal codes with a sentence for an operator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from engine.errors import BrokerBusyError, BrokerRejectedError, BrokerUnavailableError

UNAUTHORISED = 401
TOO_MANY = 429
NOT_FOUND, NOT_FOUND_CODE = 404, "not_found"
CLIENT_ERRORS = range(400, 500)

# The message decides: Alpaca uses one number for many refusals (alpaca facts, Errors).
_BY_MESSAGE = (
    ("client_order_id must be unique", "duplicate", "The broker knows this order already."),
    ("insufficient buying power", "buying_power", "Not enough buying power at the broker."),
    ("insufficient qty available", "held_quantity", "The shares are held by another order."),
    ("wash trade", "wash_trade", "An opposite order is working; the broker refuses a second one."),
    ("cannot be sold short", "shortable", "The broker does not lend this symbol."),
    ("only day orders", "hard_to_borrow", "Hard to borrow: the broker takes day orders only."),
    ("sub-penny", "sub_penny", "The price has too many decimals for the broker."),
    ("base_price", "base_price", "The attached stop is on the wrong side of the market."),
    ("stop price must be", "stop_side", "The price is beyond the stop already."),
    ("bracket orders must be", "order_class", "The broker does not take this entry with a stop."),
    ("oto orders", "order_class", "The broker does not take this entry with a stop."),
    ("trading halt", "halted", "Trading in this symbol is halted."),
    ("no available quote", "no_quote", "The broker has no quote for this symbol."),
    ("not found", "unknown_symbol", "The broker does not know this symbol."),
    ("is not active", "inactive", "This symbol is not active at the broker."),
    ("account is restricted", "account", "The account may not trade."),
    ("account not allowed to short", "no_shorting", "The account may not sell short."),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that was not a success."""

    status: int
    text: str


def body_of(answer: Answer) -> Mapping[str, Any]:
    """Return the JSON object of an answer, an empty one if it is none."""
    try:
        body = json.loads(answer.text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def raise_for(answer: Answer) -> NoReturn:
    """Turn a failed answer into what the desk understands.

    A 4xx with a number means that the broker refused; everything else that it could not be asked.

    Raises:
        BrokerRejectedError: it said no; nothing exists at the broker.
        BrokerBusyError: it turned the request away at its limit.
        BrokerUnavailableError: whether it acted is unknown.
    """
    body = body_of(answer)
    message = str(body.get("message", "")).strip() or answer.text.strip()[:200] or "no text"
    refused = answer.status in CLIENT_ERRORS and answer.status not in {UNAUTHORISED, TOO_MANY}
    if refused and "code" in body:
        code, sentence = classify(message)
        if answer.status == NOT_FOUND:  # "asset not found" is a 422
            code = NOT_FOUND_CODE
        raise BrokerRejectedError(code, f"{sentence} (Alpaca: {message})")
    if answer.status == TOO_MANY:
        raise BrokerBusyError("Alpaca's request limit is used up (429)")
    if answer.status == UNAUTHORISED:
        raise BrokerUnavailableError("Alpaca does not accept the keys (401)")
    raise BrokerUnavailableError(f"Alpaca answered {answer.status}: {message}")


def classify(message: str) -> tuple[str, str]:
    """Return the desk's code and sentence for a message of Alpaca's."""
    lowered = message.lower()
    for part, code, sentence in _BY_MESSAGE:
        if part in lowered:
            return code, sentence
    return "broker", "The broker refused."
