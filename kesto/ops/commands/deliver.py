"""`kesto deliver`: send what waits, and settle messages of which nobody knows."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from msgspec import structs

from kesto.core.ids import shown
from kesto.core.refusals import Invalid
from kesto.demo import mailbox
from kesto.flows.deliver import deliver as deliver_all
from kesto.flows.resolve_message import resolve_message
from kesto.ops import clock, console
from kesto.ops.desk import Desk, desk
from kesto.ops.mailroom import mailroom
from kesto.ops.short_ids import meant, short_ids
from kesto.store import messages
from kesto.store.session import reading

ACTOR = "command line"


def deliver(
    *,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="List messages that may not have arrived.")
    ] = False,
    arrived: Annotated[
        str, typer.Option("--arrived", help="Note that a listed one arrived.", metavar="MESSAGE")
    ] = "",
    again: Annotated[
        str, typer.Option("--again", help="Send a listed one again.", metavar="MESSAGE")
    ] = "",
    merchant: Annotated[str, typer.Option(metavar="CODE", help="For which merchant.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Send the messages that wait, each once, and print the day's letters.

    With `kesto up` running the workers do so by themselves. A message whose sending was cut off
    is never sent again by itself: list those with --unknown.

    Exit status 1 when messages did not arrive, or may not have.
    """
    if sum(map(bool, (unknown, arrived, again))) > 1:
        raise Invalid("give one of --unknown, --arrived and --again", field="unknown")
    with desk(merchant) as at:
        if unknown:
            _show_unknown(at, as_json=as_json)
        elif arrived or again:
            _resolve(at, arrived or again, has_arrived=bool(arrived), as_json=as_json)
        else:
            _deliver(at, as_json=as_json)


def _deliver(at: Desk, *, as_json: bool) -> None:
    done = deliver_all(at.merchant.id, mailroom(at.home), rounds=0)
    figures = structs.asdict(done)
    if at.home.mailbox.is_dir():
        figures["in_mailbox"] = mailbox.count(at.home.mailbox).received
    if as_json:
        console.show_json(figures)
    else:
        heads = tuple(f">{name.replace('_', ' ')}" for name in figures)
        console.show_table(heads, [tuple(figures.values())])
    if done.unknown:
        console.say("Some messages may not have arrived; see them with: kesto deliver --unknown")
    if done.unknown or done.failed or done.undeliverable:
        raise typer.Exit(console.FINDINGS)


def _resolve(at: Desk, message: str, *, has_arrived: bool, as_json: bool) -> None:
    message_id = meant("message", message, lambda: [row[0] for row in _unknown(at)])
    resolve_message(
        *(at.merchant.id, message_id, at.now, ACTOR), has_arrived=has_arrived, due_at=clock.now()
    )
    name = shown("message", message_id)
    if as_json:
        console.show_json({"message": name, "has_arrived": has_arrived})
    else:
        outcome = "is noted as sent" if has_arrived else "is sent again by the next delivery"
        console.show_text(f"{name} {outcome}")


def _show_unknown(at: Desk, *, as_json: bool) -> None:
    found = _unknown(at)
    short = short_ids([own for own, *_ in found])
    if as_json:
        rows = [
            {"message": shown("message", own), "address": address, "subject": subject, "at": made}
            for own, address, subject, made in found
        ]
        console.show_json(rows)
    elif found:
        rows_shown = [
            (short[own], address, f"{made:%Y-%m-%d %H:%M}", subject)
            for own, address, subject, made in found
        ]
        title = f"{len(found)} messages may not have arrived"
        console.show_table(("message", "to", "made", "subject"), rows_shown, title=title)
    else:
        console.show_text("Of every message it is known whether it was sent.")
    if found:
        console.say(
            "Ask the mail server, then: kesto deliver --arrived MESSAGE, or --again MESSAGE"
        )
        raise typer.Exit(console.FINDINGS)


def _unknown(at: Desk) -> list[tuple[UUID, str, str, datetime]]:
    with reading(at.merchant.id) as session:
        return messages.unknown(session)
