"""A clerk who does one kind of deed again and again until told to stop, or killed.

Run as `python -m tests.faults.clerk HOME MERCHANT KIND FILE SEED`. What was committed is noted in
the file, a word a line: whoever kills the clerk holds the database against it.
"""

import random
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import TextIO
from uuid import UUID

from kesto.bench.subscribers import PLANS, SELLER
from kesto.core.banking import BankEntry, BankFile
from kesto.core.calendar import local_date
from kesto.core.changes import Cancel, ChangePlan, ChangeQuantity, Command, Pause
from kesto.core.customers import Customer, Person
from kesto.core.refusals import Refused
from kesto.core.subscription import NewSubscription
from kesto.flows.change_subscription import change_subscription
from kesto.flows.credit import credit
from kesto.flows.give_credit import NewCredit, give_credit
from kesto.flows.import_customers import import_customers
from kesto.flows.match_payment import import_bank_file
from kesto.ops import boot
from kesto.ops.home import ROLES, Home
from kesto.store import invoices, merchants
from kesto.store.ids import new_id
from kesto.store.session import LOST, PASSING, forget_connections, reading
from tests.faults.metered_town import ZONE

ACTOR = "the town's clerk"
PARTY = 3
PAUSE_SECONDS = 0.05


class Clerk:
    """One clerk: whose, by which chance, and where what was done is noted."""

    def __init__(self, merchant_id: UUID, notes: TextIO, seed: int) -> None:
        self.merchant_id = merchant_id
        self.notes = notes
        self.chance = random.Random(seed)  # noqa: S311 - chance, not a secret
        self.now: datetime

    def works(self, deed: "Callable[[Clerk], str]", stop: threading.Event) -> None:
        """Do the deed again and again; what is refused or crossed is left alone."""
        while not stop.wait(PAUSE_SECONDS):
            try:
                with reading(self.merchant_id) as session:
                    merchant = merchants.merchant(session)
                assert merchant.clock_at is not None
                self.now = merchant.clock_at
                done = deed(self)
            except Refused:
                continue
            except PASSING as trouble:
                if isinstance(trouble, LOST):
                    forget_connections()
            else:
                self.notes.write(f"{done}\n")
                self.notes.flush()

    def one_of(self, query: str) -> tuple[object, ...]:
        """A row of a query, any of them."""
        with reading(self.merchant_id) as session:
            return self.chance.choice(session.rows(query))


def take_orders(clerk: Clerk) -> str:
    """Customers come with their orders."""
    party = new_id().hex
    names = [f"{party}-{n}" for n in range(PARTY)]
    people = [
        Customer(new_id(), name, kind="consumer", person=Person(f"Guest {name}")) for name in names
    ]
    today = local_date(clerk.now, ZONE)
    plan = f"line-{clerk.chance.randrange(PLANS)}"
    orders = [NewSubscription(new_id(), name, name, plan, today) for name in names]
    import_customers(clerk.merchant_id, people, orders, clerk.now)
    return party


def change(clerk: Clerk) -> str:
    """A subscription is changed in one way or another."""
    (name,) = clerk.one_of("select external_id from subscription where external_id like 's-%%'")
    today = local_date(clerk.now, ZONE)
    commands: list[Command] = [
        Pause(on=today, until=today + timedelta(days=4)),
        ChangePlan(plan=f"line-{clerk.chance.randrange(PLANS)}"),
        ChangeQuantity(Decimal(clerk.chance.randint(1, 4))),
        *([Cancel()] if not clerk.chance.randrange(10) else []),
    ]
    command = clerk.chance.choice(commands)
    changed = change_subscription(clerk.merchant_id, str(name), command, clerk.now, ACTOR)
    return f"{changed.subscription_id}"


def take_payments(clerk: Clerk) -> str:
    """The bank's file comes in with a few payments; some files come twice."""
    with reading(clerk.merchant_id) as session:
        rows = session.rows("select reference, total_minor from invoice where kind = 'invoice'")
    name = new_id().hex
    entries = [
        BankEntry(
            account=SELLER.iban,
            entry_key=f"{name}-{n}",
            amount_minor=max(total - clerk.chance.choice((0, 0, 0, 5, -5)), 1),
            currency="EUR",
            direction="in",
            is_reversal=False,
            booked_on=local_date(clerk.now, ZONE),
            references=(reference,),
        )
        for n, (reference, total) in enumerate(clerk.chance.sample(rows, PARTY))
    ]
    digest = sha256(name.encode()).hexdigest()
    file = BankFile("camt.054", name, digest, clerk.now, tuple(entries))
    for _ in range(clerk.chance.randint(1, 2)):
        import_bank_file(clerk.merchant_id, file, f"{name}.xml", clerk.now)
    return name


def give_back(clerk: Clerk) -> str:
    """An invoice is credited, or a customer is given credit."""
    if clerk.chance.randrange(2):
        (customer_id,) = clerk.one_of("select id from customer")
        assert isinstance(customer_id, UUID)
        own = new_id()
        wanted = NewCredit(kind="given", amount_minor=150, reason="sorry")
        give_credit(clerk.merchant_id, customer_id, wanted, clerk.now, ACTOR, grant_id=own)
        return f"grant {own}"
    (invoice_id,) = clerk.one_of("select id from invoice where kind = 'invoice'")
    assert isinstance(invoice_id, UUID)
    with reading(clerk.merchant_id) as session:
        number = invoices.numbers_of(session, [invoice_id])[invoice_id]
    return f"note {credit(clerk.merchant_id, number, 'a mistake', clerk.now, ACTOR)}"


DEEDS: Mapping[str, Callable[[Clerk], str]] = {
    "orders": take_orders,
    "changes": change,
    "payments": take_payments,
    "credits": give_back,
}


def main() -> None:
    """Be that clerk."""
    home, merchant, kind, path, seed = sys.argv[1:]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    boot.boot(Home(Path(home)), ROLES)
    with Path(path).open("a", encoding="ascii") as notes:
        Clerk(UUID(merchant), notes, int(seed)).works(DEEDS[kind], stop)


if __name__ == "__main__":
    main()
