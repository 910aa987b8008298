"""Where a command works: a running, up-to-date database, a merchant, its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from msgspec import Struct

from kesto.core.merchant import Merchant
from kesto.core.refusals import NotFound
from kesto.ops import boot, clock, config
from kesto.ops.home import Home, real_home
from kesto.store import merchants
from kesto.store.session import LOST

ROLES = ("app", "run", "audit", "owner")
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.1


class Desk(Struct, frozen=True):
    """One merchant of one home; `now` is the test merchant's own clock, else the real time."""

    home: Home
    merchant: Merchant
    now: datetime


@contextmanager
def installation(place: Home | None = None) -> Iterator[Home]:
    """Have the home's database running with its tables up to date, for this process."""
    place = place or real_home()
    with boot.running(place):
        _bring_up_to_date(place)
        boot.boot(place, ROLES)
        yield place


@contextmanager
def desk(merchant_code: str = "", place: Home | None = None) -> Iterator[Desk]:
    """Work for a merchant; without a code for the usual or only one. Raises NotFound."""
    with installation(place) as home:
        merchant = _chosen(merchant_code or config.merchant_code())
        yield Desk(home, merchant, merchant.clock_at or clock.now())


def _bring_up_to_date(place: Home) -> None:
    """Look after the tables; a database that falls at this very moment is waited for."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            boot.migrate(place)
        except LOST:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _chosen(code: str) -> Merchant:
    known = merchants.all_merchants()
    found = [merchant for merchant in known if code in {"", merchant.code}]
    if len(found) == 1:
        return found[0]
    codes = ", ".join(merchant.code for merchant in known)
    if not known:
        raise NotFound(
            "there is no merchant here yet: `kesto import merchant FILE` opens one",
            code="no_merchant",
            field="merchant",
        )
    unknown = f"there is no merchant {code!r}; " if code else ""
    raise NotFound(
        f"{unknown}name one of the merchants with --merchant: {codes}",
        code="unknown_merchant",
        field="merchant",
    )
