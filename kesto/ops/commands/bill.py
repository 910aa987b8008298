"""`kesto bill`: a billing run, and the groups that it set aside."""

import os
from datetime import date
from typing import Annotated

import typer

from kesto.core.calendar import local_date
from kesto.core.ids import parsed, shown
from kesto.core.money import format_minor
from kesto.core.refusals import Invalid
from kesto.flows.release import release
from kesto.ops import console
from kesto.ops.billing import run_billing
from kesto.ops.desk import Desk, desk
from kesto.store import billing, merchants
from kesto.store.billing import Progress
from kesto.store.session import reading

ACTOR = "command line"


def bill(
    *,
    through: Annotated[str, typer.Option(help="Bill what is due by this day (today).")] = "",
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0: one a core.")] = 0,
    chunk: Annotated[int, typer.Option(min=1, help="Billing groups in one transaction.")] = 5000,
    parked: Annotated[bool, typer.Option("--parked", help="List groups set aside.")] = False,
    release_group: Annotated[
        str, typer.Option("--release", help="Put a parked group back to work.", metavar="GROUP")
    ] = "",
    accept: Annotated[
        bool, typer.Option("--accept", help="With --release: its next invoice passes the bounds.")
    ] = False,
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bill what is due and not billed yet; running it again adds nothing.

    Exit status 1 when groups are set aside and wait for a person.
    """
    with desk(merchant) as at:
        if release_group:
            group_id = parsed("billing_group", release_group)
            release(at.merchant.id, group_id, at.now, accepts_bounds=accept, actor=ACTOR)
            console.say(f"{shown('billing_group', group_id)} is back at work")
        elif parked:
            _show_parked(at, as_json=as_json)
        else:
            _run(at, through, workers or os.cpu_count() or 1, chunk, as_json=as_json)


def _run(at: Desk, through: str, workers: int, chunk: int, *, as_json: bool) -> None:
    day, currency = _day(at, through)
    with console.progress(f"Billing through {day}") as advance:
        seen = 0

        def show(progress: Progress) -> None:
            nonlocal seen
            advance(max(progress.groups_done - seen, 0))
            seen = progress.groups_done

        done = run_billing(
            *(at.home, at.merchant.id, day, at.now),
            workers=workers,
            chunk_groups=chunk,
            show=show,
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
        return date.fromisoformat(through), entity.currency
    except ValueError:
        raise Invalid(
            f"{through!r} is not a day; write it as 2026-11-01", code="bad_date", field="through"
        ) from None


def _show_parked(at: Desk, *, as_json: bool) -> None:
    with reading(at.merchant.id) as session:
        found = billing.parked_groups(session)
    rows = [
        {"group": shown("billing_group", own), "payer": payer, "reason": reason, "since": since}
        for own, payer, reason, since in found
    ]
    if as_json:
        console.show_json(rows)
    else:
        console.show_table(
            ("group", "payer", "reason", "since"),
            [
                (row["group"], row["payer"], row["reason"], f"{row['since']:%Y-%m-%d}")
                for row in rows
            ],
        )
    if rows:
        console.say("Put one back with: kesto bill --release GROUP [--accept]")
        raise typer.Exit(console.FINDINGS)
