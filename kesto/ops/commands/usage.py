"""`kesto usage`: events that were rejected, and those that are kept in ClickHouse."""

from typing import Annotated

import typer

from kesto.core.ids import shown
from kesto.flows.mend_events import replay_all
from kesto.ops import console
from kesto.ops.clock import now
from kesto.ops.commands import usage_store
from kesto.ops.commands.bill import ACTOR
from kesto.ops.desk import desk
from kesto.store.session import reading
from kesto.store.usage import letters

MOST_SHOWN = 1_000

app = typer.Typer(
    help="Rejected usage events, and usage that is kept in ClickHouse.", no_args_is_help=True
)
Reason = Annotated[
    str, typer.Option("--reason", help="Those of this reason only, such as unknown_customer.")
]
Merchant = Annotated[str, typer.Option(help="The merchant's code.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def rejected(*, reason: Reason = "", merchant: Merchant = "", as_json: Json = False) -> None:
    """List usage events that were rejected, the oldest first, and how many of each reason."""
    with desk(merchant) as at, reading(at.merchant.id) as session:
        counts = letters.counts(session)
        found = letters.letters(session, reason, MOST_SHOWN)
    if as_json:
        console.show_json(
            [
                {
                    "id": shown("rejected_event", one.id),
                    "event_id": one.event_id,
                    "code": one.code,
                    "field": one.field,
                    "detail": one.detail,
                    "event": one.event,
                    "received_at": one.received_at,
                }
                for one in found
            ]
        )
        return
    rows = [
        (one.event_id, one.code, one.detail, f"{one.received_at:%Y-%m-%d %H:%M}") for one in found
    ]
    if rows:
        console.show_table(("event", "reason", "why", "came"), rows, title="rejected usage")
    sums = ", ".join(f"{count:,} {code}" for code, count in counts.items())
    console.say(f"rejected: {sums or 'nothing'}")


@app.command()
def replay(*, reason: Reason = "", merchant: Merchant = "", as_json: Json = False) -> None:
    """Send rejected usage events again, after what was wrong is mended; each counts once."""
    with desk(merchant) as at:
        done = replay_all(at.merchant.id, reason, now(), ACTOR)
    if as_json:
        console.show_json(done)
        return
    left = done.sent - done.taken
    console.say(f"sent {done.sent:,} again: {done.taken:,} taken in, {left:,} left")


for command in (usage_store.ddl, usage_store.move, usage_store.ship):
    app.command()(command)
