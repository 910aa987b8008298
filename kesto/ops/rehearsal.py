"""A dry run on the command line: parts in several processes, the result as sums and as a file."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TextIO
from uuid import UUID

from msgspec import Struct

from kesto.core.money import format_minor
from kesto.core.refusals import Conflict, Invalid
from kesto.flows.clear_run import RunAsked, clear_run
from kesto.flows.rehearse import Rehearsal, prepare, rehearse
from kesto.ops import background, boot, console, leash
from kesto.ops.billing import deaf_to_interrupts
from kesto.ops.desk import Desk
from kesto.ops.home import Home
from kesto.store import merchants
from kesto.store.session import Role, reading
from kesto.words import foreseen
from kesto.words.foreseen import Foreseen, Sums

FEW_GROUPS = 2_000


class Asked(Struct, frozen=True):
    """What is to be rehearsed: a day, one customer or all, a file for the result, processes."""

    through: date
    customer: str
    csv_file: str
    workers: int


def show_rehearsal(at: Desk, asked: Asked, *, as_json: bool) -> None:
    """Say what a run through a day would come to; with a file, each group in it."""
    plan = prepare(*(at.merchant.id, asked.through, at.now), customer=asked.customer, role="audit")
    with reading(at.merchant.id) as session:
        currency = merchants.billing_entities(session)[0].currency
    sums = Sums()
    with _opened(asked.csv_file) as file, console.progress("Dry run", plan.groups) as advance:
        if file is not None:
            file.write(foreseen.head())
        for part, found in zip(plan.parts, _found(at.home, plan, asked.workers), strict=True):
            sums.count(found)
            if file is not None:
                file.write(foreseen.rows(found))
            told = f"{sums.invoices:,} invoices, {sums.set_aside:,} set aside"
            advance(part.groups, plan.groups, told)
    if as_json:
        console.show_json(
            {
                "through": asked.through,
                "groups": plan.groups,
                "invoices": sums.invoices,
                "total": format_minor(sums.total_minor, currency),
                "last_total": format_minor(sums.before_minor, currency),
                "credited": format_minor(sums.credited_minor, currency),
                "currency": currency,
                "parked": sums.set_aside,
            }
        )
        return
    amounts = (sums.total_minor, sums.before_minor, sums.credited_minor)
    written = [f"{format_minor(minor, currency)} {currency}" for minor in amounts]
    console.show_table(
        ("through", ">groups", ">invoices", ">total", ">last total", ">credited", ">set aside"),
        [(asked.through, plan.groups, sums.invoices, *written, sums.set_aside)],
        title="Dry run: nothing was billed",
    )


def clearing(
    place: Home, merchant_id: UUID, asked: RunAsked, now: datetime, workers: int
) -> Callable[[], None]:
    """What asks whether a run may begin, by a rehearsal in several processes where it is large."""

    def added_up(plan: Rehearsal) -> Sums:
        sums = Sums()
        for found in _found(place, plan, workers):
            sums.count(found)
        return sums

    return partial(clear_run, merchant_id, asked, now, add_up=added_up)


def _found(place: Home, plan: Rehearsal, workers: int) -> Iterator[list[Foreseen]]:
    """What comes of each part, in order."""
    if workers <= 1 or plan.groups <= FEW_GROUPS:
        yield from map(partial(rehearse, plan), plan.parts)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _begin, (place.path, plan.role))
    try:
        with deaf_to_interrupts():
            found = pool.map(partial(rehearse, plan), plan.parts)
        yield from found
    except BrokenProcessPool:
        raise Conflict(
            "a process of the dry run died: see the log and run it again", code="workers_died"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(path: Path, role: Role) -> None:
    leash.end_with_parent()
    background.give_way()
    boot.boot(Home(path), (role,))


@contextmanager
def _opened(name: str) -> Iterator[TextIO | None]:
    if not name:
        yield None
        return
    try:
        with Path(name).open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise Invalid(
            f"{name} can't be written: {error.strerror}", code="bad_file", field="csv"
        ) from None
