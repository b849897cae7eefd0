"""Sentences for the codes that the database keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.vocabulary import RvolBasis

FILTERS: Mapping[str, str] = {
    "price": "Its price is below the least that the strategy trades.",
    "volume": "Its average volume of 14 sessions is too small.",
    "atr": "Its average true range of 14 sessions is too small to pay for the risk.",
    "rvol": "Its opening range did not trade more than usual.",
    "history": "A daily bar is missing in the 15 sessions before.",
    "doji": "The opening range closed where it opened: no direction.",
    "rank": "Others had more relative volume: it is below the top.",
    "tradable": "The broker does not trade it.",
    "shortable": "It points down, and the broker lends no shares of it.",
    "halted": "Trading in it is halted.",
    "stale": "Its last price is too old to act on.",
}

FINDINGS: Mapping[str, str] = {
    "missing_session": "The source has no bars of a session.",
    "fetch_failed": "A session could not be fetched.",
    "few_symbols": "Far fewer symbols than in the session before.",
    "duplicate": "Two different bars of one symbol: none was taken.",
    "impossible": "A bar that cannot be, left out.",
    "bad_symbol": "Rows without a readable symbol, left out.",
    "refused": "The source does not know the symbol.",
    "corrected": "The source has changed a bar that was stored.",
    "split": "The number of shares changed; bars before are put on the new scale.",
    "jump": "The close jumped, and no split is known that explains it.",
    "volume": "Many times the usual volume.",
    "repeated": "The bar repeats the one before to the last share.",
    "zero_volume": "A bar without volume.",
    "gone": "No bar any more: delisted, renamed or halted.",
    "new": "A symbol that was not there before.",
}

BASES: Mapping[RvolBasis, str] = {
    RvolBasis.OPENING_RANGE: "Against the mean opening range of the 14 sessions before",
    RvolBasis.DAILY_VOLUME: "Against a share of an average day: no opening ranges are known yet",
}


CONFIDENCE = "RVOL / (1 + RVOL): how far the volume stood out, not how likely a gain is"


def sentences(codes: Sequence[str]) -> str:
    """Return why something was left out, for a person."""
    return " ".join(FILTERS.get(code, f"{code.replace('_', ' ').capitalize()}.") for code in codes)
