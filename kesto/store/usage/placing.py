"""What events are placed by, remembered from one transaction to the next and never stale.

Every transaction that changes a customer, a subscription, its items, a meter or a metered price
notes so in `placing_change`, in its own rows. A process remembers what it read under a snapshot of
the database; with the first statement of the next transaction it asks which changes it sees now
and did not see then, and forgets what they touched. That is exact: a change that was on its way
when something was read is found as soon as it can be seen, whenever that is.

A transaction that has written already may see what is never committed: it reads anew and leaves
nothing behind; so does one that asked just before all was forgotten. A server that was started
again, whose numbers of transactions may have gone back, makes all forgotten.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct

from kesto.core.catalog import SoldMeter
from kesto.core.metering.sent import is_name
from kesto.store import meters
from kesto.store.session import Session
from kesto.store.usage import owners
from kesto.store.usage.owners import Known, Owner

MOST_NAMES = 20_000
"""So many names of a merchant's are remembered."""

MOST_MERCHANTS = 100
LONGEST = timedelta(minutes=30)
"""What nobody asked for so long is read anew; changes are kept for at least twice as long."""

NEVER = 2**63 - 1
NOTHING = f"{NEVER}:{NEVER}:"  # a snapshot after which nothing comes

_LOOK = """
    select pg_current_snapshot()::text, pg_current_xact_id_if_assigned() is null, now(),
        pg_postmaster_start_time(), m.clock_at,
        (select e.zone from billing_entity e where e.merchant_id = m.id order by e.id limit 1),
        exists (select from dead_letter d where d.merchant_id = m.id),
        (select json_agg(json_build_array(c.own, c.name))::text from placing_change c
         where c.merchant_id = m.id and c.xid >= %(first)s
           and not pg_visible_in_snapshot(c.xid::text::xid8, %(snapshot)s::pg_snapshot))
    from merchant m where m.id = %(merchant)s
"""

_changes = msgspec.json.Decoder(list[tuple[UUID | None, str]])


class Placing(Struct):
    """The meters by code, whom the names mean, and what time it is for the merchant.

    `clock_at` is a test merchant's own clock; `has_letters` tells whether rejected events wait.
    """

    meters: dict[str, SoldMeter]
    customers: dict[str, Known]
    subscriptions: dict[str, Known]
    zone: str
    clock_at: datetime | None
    has_letters: bool


class _Memory:
    """What is remembered of one merchant, as it was under a snapshot."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.server_since: datetime | None = None
        self.asked_at: datetime | None = None
        self.times_forgotten = 0
        self.forget(NOTHING)

    def forget(self, snapshot: str) -> None:
        """Remember nothing."""
        self.snapshot = snapshot
        self.meters: dict[str, SoldMeter] | None = None
        self.customers: dict[str, Known] = {}
        self.subscriptions: dict[str, Known] = {}
        self.times_forgotten += 1  # last: who looks meanwhile is told that it asked too soon

    def renew(self, seen: tuple[Any, ...]) -> None:
        """Forget what can't be relied on any more, by what a transaction sees at its beginning."""
        snapshot, _, now, server_since, *_, changes = seen
        is_known = self.asked_at is not None and now - self.asked_at < LONGEST
        if not is_known or server_since != self.server_since:
            self.forget(snapshot)
        elif changes is not None:
            self._drop(_changes.decode(changes))
        self.snapshot, self.asked_at, self.server_since = snapshot, now, server_since

    def _drop(self, changes: list[tuple[UUID | None, str]]) -> None:
        owns, names = {own for own, _ in changes}, {name for _, name in changes if name}
        if None in owns:
            self.forget(self.snapshot)
            return
        for remembered in (self.customers, self.subscriptions):
            for name in [
                name
                for name, known in remembered.items()
                if name in names or not owns.isdisjoint(known.ids)
            ]:
                del remembered[name]


class Look(Struct):
    """What was asked about changes, whether it is answered yet or not; of which memory, when."""

    answer: psycopg.Cursor[tuple[Any, ...]]
    memory: _Memory
    times_forgotten: int


def look(session: Session) -> Look:
    """Ask what changed since something was remembered; to be asked first in a transaction."""
    memory = _memory_of(session.merchant_id)
    times_forgotten, snapshot = memory.times_forgotten, memory.snapshot
    asked = {
        "merchant": session.merchant_id,
        "first": int(snapshot.partition(":")[0]),
        "snapshot": snapshot,
    }
    return Look(session.asked(_LOOK, asked), memory, times_forgotten)


def placing(
    session: Session, looked: Look, customers: set[str], subscriptions: set[str]
) -> Placing:
    """What is needed to place events that name these: read where it is not remembered.

    `looked` is what this transaction asked first. Names that mean nobody are left out.
    """
    seen = looked.answer.fetchone()
    if seen is None:
        raise LookupError(session.merchant_id)
    memory = _memory_of(session.merchant_id)
    with memory.lock:
        # Where others only renewed it meanwhile, the answer tells too much, never too little. Where
        # they forgot, it was asked about what is not remembered any more, and may tell too little.
        is_the_same = (memory, memory.times_forgotten) == (looked.memory, looked.times_forgotten)
        if not seen[1] or not is_the_same:
            memory = _Memory()
        memory.renew(seen)
        return _filled(session, memory, customers, subscriptions, seen)


def forget_changes(session: Session, most: int) -> int:
    """Delete changes that every process has seen or has forgotten all before; says how many.

    What is committed is marked with the time of the mark, and deleted when that is an hour old.
    """
    count = session.execute(
        "delete from placing_change where merchant_id = %s and no = any(array("
        " select no from placing_change where merchant_id = %s and seen_at < now() - %s limit %s))",
        *(session.merchant_id, session.merchant_id, 2 * LONGEST, most),
    )
    session.execute(
        "update placing_change set seen_at = now() where merchant_id = %s and seen_at is null",
        session.merchant_id,
    )
    return count


def _filled(
    session: Session,
    memory: _Memory,
    customers: set[str],
    subscriptions: set[str],
    seen: tuple[Any, ...],
) -> Placing:
    if len(memory.customers) + len(memory.subscriptions) > MOST_NAMES:
        memory.customers, memory.subscriptions = {}, {}
    if memory.meters is None:
        memory.meters = meters.meters(session)
    known = _chosen(memory.customers, customers), _chosen(memory.subscriptions, subscriptions)
    new_customers, new_subscriptions = _new(known[0], customers), _new(known[1], subscriptions)
    if new_customers or new_subscriptions:
        found = owners.owners(session, new_customers, new_subscriptions)
        memory.customers.update(_of_customers(found, new_customers))
        memory.subscriptions.update(_of_subscriptions(found, new_subscriptions))
        left = [name for name in new_customers if name not in memory.customers]
        # They have no subscription, so no id of theirs would tell when they get one.
        idle = {name: Known(()) for name in owners.customers_known(session, left)} if left else {}
        known = (
            {**idle, **_chosen(memory.customers, customers)},
            _chosen(memory.subscriptions, subscriptions),
        )
    return Placing(memory.meters, *known, seen[5] or "UTC", seen[4], seen[6])


def _new(known: dict[str, Known], names: set[str]) -> list[str]:
    """Those that are not known and may be names."""
    if len(known) == len(names):
        return []
    return sorted(name for name in names if name not in known and is_name(name))


def _chosen(remembered: dict[str, Known], names: set[str]) -> dict[str, Known]:
    """Those of the names that are remembered; much more is than is asked for."""
    return {name: remembered[name] for name in names if name in remembered}


def _of_customers(found: Sequence[Owner], names: Sequence[str]) -> Iterator[tuple[str, Known]]:
    by_user: dict[str, list[Owner]] = {}
    for one in found:
        for name in {one.user, one.user_id.hex}:
            by_user.setdefault(name, []).append(one)
    for name in names:
        own = by_user.get(name) or by_user.get(_hex(name, "cus_"))
        if own:
            yield name, Known(tuple(own))


def _of_subscriptions(found: Sequence[Owner], names: Sequence[str]) -> Iterator[tuple[str, Known]]:
    by_name = {one.id.hex: one for one in found}
    # What the merchant calls it comes before what its id says.
    by_name |= {one.external_id: one for one in found}
    for name in names:
        own = by_name.get(name) or by_name.get(_hex(name, "sub_"))
        if own is not None:
            yield name, Known((own,))


def _hex(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).replace("-", "").lower()


def _memory_of(merchant_id: UUID) -> _Memory:
    with _lock:
        if merchant_id not in _memories and len(_memories) >= MOST_MERCHANTS:
            _memories.pop(next(iter(_memories)))
        return _memories.setdefault(merchant_id, _Memory())


_memories: dict[UUID, _Memory] = {}
_lock = Lock()
