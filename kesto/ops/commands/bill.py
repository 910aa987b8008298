"""`kesto bill`: a billing run, and the groups that it set aside."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

from kesto.adapters.files import checks
from kesto.core.calendar import local_date
from kesto.core.ids import shown
from kesto.core.money import format_minor
from kesto.core.pace import Pace, pace
from kesto.core.refusals import Invalid, NotFound
from kesto.flows.clear_run import RunAsked
from kesto.flows.decide_run import approve_run
from kesto.flows.release import release
from kesto.ops import console
from kesto.ops.billing import run_billing
from kesto.ops.desk import Desk, desk
from kesto.ops.rehearsal import Asked, clearing, show_rehearsal
from kesto.ops.short_ids import meant, short_ids
from kesto.store import approvals, billing, merchants
from kesto.store.billing import Progress
from kesto.store.session import reading

ACTOR = "command line"


def bill(
    *,
    through: Annotated[
        str, typer.Option(metavar="DAY", help="Bill what is due by this day; without it by today.")
    ] = "",
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 is one for each core.")] = 0,
    chunk: Annotated[int, typer.Option(min=1, help="Billing groups in one transaction.")] = 5000,
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve the run that waits, and make it.")
    ] = False,
    note: Annotated[str, typer.Option(help="With --approve: why; it is kept.")] = "",
    parked: Annotated[bool, typer.Option("--parked", help="List groups set aside.")] = False,
    release_group: Annotated[
        str, typer.Option("--release", help="Put a parked group back to work.", metavar="GROUP")
    ] = "",
    accept: Annotated[
        bool, typer.Option("--accept", help="With --release: its next invoice passes the bounds.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what a run would make; nothing is written.")
    ] = False,
    csv_file: Annotated[
        str,
        typer.Option("--csv", help="With --dry-run: a row for each group.", metavar="FILE"),
    ] = "",
    customer: Annotated[
        str, typer.Option(help="With --dry-run: this customer only.", metavar="ID")
    ] = "",
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bill what is due and not billed yet; running it again adds nothing.

    Exit status 1 when groups are set aside and wait for a person. A run above the merchant's limit
    is computed only and waits until somebody approves it.
    """
    cores = os.cpu_count() or 1
    if not dry_run and (csv_file or customer):
        raise Invalid("--csv and --customer go with --dry-run", code="bad_option", field="dry_run")
    if approve and (through or dry_run or parked or release_group):
        raise Invalid(
            "--approve takes the run that waits: leave out the other options",
            code="bad_option",
            field="approve",
        )
    if note and not approve:
        raise Invalid("--note goes with --approve", code="bad_option", field="note")
    with desk(merchant) as at:
        if release_group:
            _release(at, release_group, accept=accept, as_json=as_json)
        elif parked:
            _show_parked(at, as_json=as_json)
        elif dry_run:
            wanted = Asked(_day(at, through)[0], customer, csv_file, workers or cores)
            show_rehearsal(at, wanted, as_json=as_json)
        else:
            asked = _approved(at, note) if approve else RunAsked(_day(at, through)[0], ACTOR)
            _run(at, asked, workers or cores, chunk, as_json=as_json)


@contextmanager
def billing_bar(through: date, currency: str) -> Iterator[Callable[[Progress], None]]:
    """Show how far a run is: a bar on a terminal, now and then a line elsewhere."""
    with console.progress(f"Billing through {through}") as advance:
        seen = first = 0
        began = time.monotonic()

        def show(progress: Progress) -> None:
            nonlocal seen, first, began
            if progress.groups_done < seen or not seen:  # another run begins, or this one shows
                first, began = progress.groups_done, time.monotonic()
            milliseconds = int((time.monotonic() - began) * 1000)
            goes = pace(
                progress.groups - progress.groups_done,
                progress.groups_done - first,
                milliseconds,
            )
            told = billing_told(progress, currency, goes)
            advance(max(progress.groups_done - seen, 0), progress.groups, told)
            seen = progress.groups_done

        yield show


def billing_told(progress: Progress, currency: str, goes: Pace | None) -> str:
    """How far a run is, in a line: groups, invoices and their sum, what is set aside, the pace."""
    parts = [
        f"{progress.groups_done:,} of {progress.groups:,} groups",
        f"{progress.invoices:,} invoices",
        f"{format_minor(progress.total_minor, currency)} {currency}",
        f"{progress.parked:,} set aside",
    ]
    if goes is not None and progress.groups_done < progress.groups:
        minutes, seconds = divmod(goes.seconds_left, 60)
        parts += [f"{goes.per_second:,}/s", f"{minutes}:{seconds:02} left"]
    return ", ".join(parts)


def _approved(at: Desk, note: str) -> RunAsked:
    """Approve the run that waits; what asked for it is asked again if it has changed."""
    with reading(at.merchant.id) as session:
        waits = approvals.waiting(session)
    if waits is None:
        raise NotFound("no run waits for approval", code="unknown_approval", field="approve")
    approve_run(*(at.merchant.id, waits.id, note, at.now, ACTOR), due_at=None)
    return RunAsked(waits.through, waits.asked_by, waits.id)


def _run(at: Desk, asked: RunAsked, workers: int, chunk: int, *, as_json: bool) -> None:
    day, currency = asked.through, _day(at, "")[1]
    with billing_bar(day, currency) as show:
        done = run_billing(
            *(at.home, at.merchant.id, day, at.now),
            workers=workers,
            chunk_groups=chunk,
            show=show,
            clear=clearing(at.home, at.merchant.id, asked, at.now, workers),
        )
    total = format_minor(done.total_minor, currency)
    if as_json:
        console.show_json(
            {
                "through": day,
                "groups": done.groups,
                "invoices": done.invoices,
                "total": total,
                "currency": currency,
                "parked": done.parked,
            }
        )
    else:
        rows = [(day, done.groups, done.invoices, f"{total} {currency}", done.parked)]
        console.show_table(("through", ">groups", ">invoices", ">total", ">set aside"), rows)
    if done.parked:
        console.say("Some groups were set aside; see them with: kesto bill --parked")
        raise typer.Exit(console.FINDINGS)


def _day(at: Desk, through: str) -> tuple[date, str]:
    with reading(at.merchant.id) as session:
        entity = merchants.billing_entities(session)[0]
    if not through:
        return local_date(at.now, entity.zone), entity.currency
    try:
        return checks.day(through), entity.currency
    except Invalid as invalid:
        raise Invalid(invalid.detail, code="bad_date", field="through") from None


def _release(at: Desk, group: str, *, accept: bool, as_json: bool) -> None:
    group_id = meant("billing_group", group, lambda: [row[0] for row in _parked(at)])
    release(at.merchant.id, group_id, at.now, accepts_bounds=accept, actor=ACTOR)
    name = shown("billing_group", group_id)
    if as_json:
        console.show_json({"released": name, "accepted": accept})
    else:
        console.show_text(f"{name} is back at work: kesto bill takes it up")


def _show_parked(at: Desk, *, as_json: bool) -> None:
    found = _parked(at)
    short = short_ids([own for own, *_ in found])
    if as_json:
        console.show_json(
            [
                {
                    "group": shown("billing_group", own),
                    "short": short[own],
                    "payer": payer,
                    "reason": reason,
                    "since": since,
                }
                for own, payer, reason, since in found
            ]
        )
    elif found:
        console.show_table(
            ("group", "payer", "since", "reason"),
            [
                (short[own], payer, f"{since:%Y-%m-%d}", reason)
                for own, payer, reason, since in found
            ],
            title=f"{len(found)} groups are set aside",
        )
    else:
        console.show_text("No groups are set aside.")
    if found:
        console.say("Put one back with: kesto bill --release GROUP [--accept]")
        raise typer.Exit(console.FINDINGS)


def _parked(at: Desk) -> list[tuple[UUID, str, str, datetime]]:
    with reading(at.merchant.id) as session:
        return billing.parked_groups(session)
