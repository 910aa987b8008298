"""A process that does one deed for one merchant and may be told to die in the middle of it.

Run as `python -m tests.faults.actor HOME DATABASE DEED MERCHANT`; KESTO_CRASH_AT says where it
dies.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

from kesto.ops import boot
from kesto.ops.home import ROLES, Home
from tests.faults import contract_deeds, deeds, mutants

ROOT = Path(__file__).resolve().parents[2]
DIED = 86

DEEDS: Mapping[str, Callable[[UUID], object]] = {
    "answer": deeds.answer,
    "bill": deeds.bill_in_chunks,
    "import": deeds.import_villagers,
    "match": deeds.match,
    "settle": deeds.settle_by_hand,
    "credit": deeds.credit_one,
    "issue": deeds.issue,
    "write_off": deeds.write_off_one,
    "give": deeds.give,
    "sell": deeds.sell,
    "expire": deeds.expire,
    "pay_back": deeds.pay_back,
    "close": deeds.close,
    "change": deeds.change,
    "confirm": deeds.confirm,
    "send": deeds.send,
    "roll_up": contract_deeds.roll_up,
    "mend": deeds.mend,
    "remind": contract_deeds.remind,
    "watch": contract_deeds.watch,
    "migrate": contract_deeds.migrate,
    "live": deeds.live,
    **mutants.MUTANTS,
}


def act(place: Home, database: str, deed: str, merchant_id: UUID, crash_at: str) -> int:
    """Do a deed in a process of its own; answers how that ended."""
    words = [str(place.path), database, deed, str(merchant_id)]
    surroundings = {**os.environ, "KESTO_CRASH_AT": crash_at}
    command = [sys.executable, "-m", "tests.faults.actor", *words]
    return subprocess.run(command, cwd=ROOT, env=surroundings, check=False).returncode


def main() -> None:
    """Be that process."""
    home, database, deed, merchant = sys.argv[1:]
    boot.boot(Home(Path(home)), ROLES, database)
    DEEDS[deed](UUID(merchant))


if __name__ == "__main__":
    main()
