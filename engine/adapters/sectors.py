"""Sectors of US shares. The broker tells none; lists of indices that `pytickersymbols` ships do."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from models.market import SECTORS

log = logging.getLogger(__name__)

PACKAGE, DATA = "pytickersymbols", "indices_data.py"
# Their lists have a column of sectors. What others have is free text: AMD is of the "Industrials".
LISTS = ("S&P 500", "S&P 600")
# Some companies carry a second label, of an older scheme in which property trusts are financial and
# those who sell electricity are of the energy: each of these gives way to what is before it, and to
# all that are not named.
GIVE_WAY = ("Utilities", "Financials", "Industrials", "Energy")
WINNING = (*(sector for sector in SECTORS if sector not in GIVE_WAY), *GIVE_WAY)


def known_sectors(package: str = PACKAGE) -> Mapping[str, str]:
    """Return the sectors of the S&P 500's large and the S&P 600's small companies: about 1,100.

    A list that has become unreadable must not cost the broker's: it is told, and nothing is known.
    """
    try:
        return _read(package)
    except Exception as error:  # noqa: BLE001  # whatever it is: the broker's list comes first
        log.warning("no sectors are known: %s cannot be read (%r)", package, error)
        return {}


def sector_of(labels: Iterable[str]) -> str | None:
    """Return the sector among a company's labels, None where there is none."""
    known = frozenset(labels)
    return next((sector for sector in WINNING if sector in known), None)


def _read(package: str) -> dict[str, str]:
    lists = _lists(package)
    found = {
        str(company["symbol"]): sector_of(company["industries"])
        for name in LISTS
        for company in lists[name]["companies"]
    }
    return {symbol: sector for symbol, sector in found.items() if symbol and sector}


def _lists(package: str) -> Any:
    """Return the lists, in a module that nobody else knows: imported, 6 MB would stay for ever."""
    known = find_spec(package)
    if known is None or known.origin is None:
        raise ImportError(package)
    spec = spec_from_file_location(f"{package}_data", Path(known.origin).with_name(DATA))
    if spec is None or spec.loader is None:
        raise ImportError(DATA)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.INDICES
