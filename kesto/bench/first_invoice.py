"""Row e: from nothing to the first issued invoice, beside a database server that only starts."""

import multiprocessing
import time
from collections.abc import Callable
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

from kesto.bench.crew import Worked
from kesto.bench.figure import Measured, short, steady_spread
from kesto.bench.ground import Ground, Made
from kesto.bench.rounds import Round, interleaved, median_of
from kesto.bench.subscribers import NOW, SELLER, catalogue
from kesto.core.customers import Customer, Person
from kesto.core.subscription import NewSubscription
from kesto.flows.add_customers import add_customers
from kesto.flows.bill import bill
from kesto.flows.open_merchant import open_merchant
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.subscribe import subscribe
from kesto.store.ids import new_id
from kesto.verify import verify

ROUNDS = 5


def measure(ground: Ground, _size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Make everything anew between two servers that are made and started bare."""
    tell("making installations, each to its first invoice")
    rounds = interleaved(lambda: _first(ground), lambda: _bare(ground), ROUNDS, steady_spread())
    value = median_of(rounds, lambda one: one.product.seconds)
    baseline = median_of(rounds, lambda one: one.baseline_seconds)
    ratio = median_of(rounds, lambda one: 1 / one.ratio)
    return [Measured("e", "s", value, baseline, ratio, [_sample(one) for one in rounds])]


def _first(ground: Ground) -> Worked:
    """A process that begins with an empty folder; the clock stops at its invoice."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with ground.empty_folder() as folder:
        began = time.perf_counter()
        process = context.Process(target=_work, args=(theirs, ground.installed, folder))
        process.start()
        theirs.close()
        made = ours.recv()
        seconds = time.perf_counter() - began
        findings = ours.recv()
        process.join()
    if (made, findings) != (1, 0):
        raise AssertionError(f"one invoice was to be issued and found right: {made}, {findings}")
    return Worked(seconds, ())


def _bare(ground: Ground) -> Worked:
    with ground.empty_folder() as folder:
        began = time.perf_counter()
        with ground.bare(folder):
            return Worked(time.perf_counter() - began, ())


def _work(pipe: Connection, installed: Made, folder: Path) -> None:
    with installed(folder):
        merchant_id, made = _issue()
        pipe.send(made)
        pipe.send(len(verify(merchant_id)))


def _issue() -> tuple[UUID, int]:
    """What a merchant does first: a price list, a customer, an order, an invoice."""
    merchant_id = open_merchant("first", "First", "test", SELLER, NOW)
    offered = catalogue(new_id)
    publish_catalogue(merchant_id, offered, NOW)
    person = Person("Aino Virtanen", street="Kuja 2", postal_code="00200", city="Helsinki")
    add_customers(merchant_id, [Customer(new_id(), "aino", kind="consumer", person=person)], NOW)
    order = NewSubscription(
        id=new_id(),
        external_id="aino-line",
        holder="aino",
        plan=offered.plans[0].plan,
        start_on=date(2026, 10, 1),
        zone="Europe/Helsinki",
    )
    subscribe(merchant_id, [order], NOW)
    return merchant_id, bill(merchant_id, NOW.date(), NOW)


def _sample(one: Round) -> dict[str, object]:
    return {
        "ratio": short(1 / one.ratio),
        "seconds": short(one.product.seconds),
        "baseline_seconds": [short(one.before.seconds), short(one.after.seconds)],
    }
