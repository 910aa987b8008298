"""A process that brings usage to ClickHouse, and is killed in the middle of it.

Run as `python -m tests.faults.shipper HOME DATABASE MERCHANT FILE DEED FORGETS`.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from kesto.flows.keep_months import keep_months
from kesto.flows.move_usage import move_usage
from kesto.flows.ship_usage import ship_usage
from kesto.ops import boot
from kesto.ops.home import ROLES, Home
from kesto.store.usage import spool
from kesto.store.usage.clickhouse import ClickHouseEvents
from tests.faults.actor import ROOT
from tests.faults.warehouse import Warehouse
from tests.town import morning

SHIP_POINTS = (
    *("ship_usage.claimed", "ship_usage.claimed:2", "ship_usage.arrived", "ship_usage.arrived:2"),
    *("ship_usage.before_commit", "ship_usage.before_commit:3", "ship_usage.after_commit:2"),
)
MOVE_POINTS = (
    *("move_usage.begun", "move_usage.arrived", "move_usage.arrived:3", "move_usage.before_note:2"),
    *("move_usage.noted", "move_usage.noted:3", "move_usage.before_commit"),
)
MONTH_POINTS = ("keep_months.before_commit", "keep_months.keys_gone")
POINTS = (*SHIP_POINTS, *MOVE_POINTS, *MONTH_POINTS)
"""Where it dies."""

BATCHES, CHUNK = 2, 2
"""So few go together, so that there are several shipments and parts."""

NOW: datetime = morning("2026-11-12")


def ship(merchant_id: UUID, store: ClickHouseEvents) -> None:
    """What waits in the spool goes on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "MOST_BATCHES", BATCHES)
        ship_usage(merchant_id, store)


def move(merchant_id: UUID, store: ClickHouseEvents) -> None:
    """What PostgreSQL has goes over."""
    move_usage(merchant_id, store, NOW, chunk=CHUNK)


def keep(merchant_id: UUID, _store: ClickHouseEvents) -> None:
    """Months that nobody needs any more are taken away."""
    keep_months(merchant_id, NOW)


DEEDS: Mapping[str, Callable[[UUID, ClickHouseEvents], None]] = {
    "ship": ship,
    "move": move,
    "keep": keep,
}


def act(
    where: tuple[Home, str, UUID, Path], deed: str, *, crash_at: str = "", forgets: bool = False
) -> int:
    """Do a deed in a process of its own; answers how that ended."""
    place, database, merchant_id, file = where
    words = [str(place.path), database, str(merchant_id), str(file), deed, str(int(forgets))]
    command = [sys.executable, "-m", "tests.faults.shipper", *words]
    surroundings = {**os.environ, "KESTO_CRASH_AT": crash_at}
    return subprocess.run(command, cwd=ROOT, env=surroundings, check=False).returncode


def main() -> None:
    """Be that process."""
    home, database, merchant, file, deed, forgets = sys.argv[1:]
    boot.boot(Home(Path(home)), ROLES, database)
    server = Warehouse(Path(file), forgets=forgets == "1")
    settings.KESTO_USAGE = server
    DEEDS[deed](UUID(merchant), ClickHouseEvents(server))


if __name__ == "__main__":
    main()
