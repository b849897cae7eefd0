"""Every table of the desk: whoever imports this knows them all."""

from __future__ import annotations

from models import (
    accounts,
    alerts,
    bots,
    control,
    dip,
    funding,
    journal,
    market_data,
    people,
    reconciliation,
    simulation,
    trading,
)
from models.tables import Table

MODULES = (
    *(accounts, alerts, bots, control, dip, funding, journal, market_data),
    *(people, reconciliation, simulation, trading),
)
METADATA = Table.metadata
TABLES = METADATA.sorted_tables  # whoever refers to a row comes after it
