"""`kesto demo`: the main job on real data, in a home of its own."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

from kesto.core.refusals import NotFound
from kesto.demo.story import CODE, tell_story
from kesto.demo.summary import summary_view
from kesto.flows.portal_link import link_for
from kesto.ops import clock, console
from kesto.ops.billing import run_billing
from kesto.ops.commands.bill import ACTOR, billing_bar
from kesto.ops.commands.staff import demo_link
from kesto.ops.config import public_url
from kesto.ops.desk import installation
from kesto.ops.home import Home, enter_demo_home
from kesto.ops.showing import choose_ports, leave_running
from kesto.store import demo as demo_store
from kesto.store import merchants
from kesto.store.billing import Progress
from kesto.store.session import reading

ONE_WORKER = 1
"""Several number their chunks as it comes; one makes every run, and every figure, the same."""

CURRENCY = "EUR"
OWNER = "owner@example.com"
SHOWN_INVOICE = 1
"""Whose pages are shown: the second invoice's, since the first one is never paid."""

LOOK_FURTHER = (
    "invoice show 2026-000002 --why --language en",
    "match",
    "verify",
)


def demo(
    *,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Leave the product running afterwards.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Bill 7,043 subscribers for two months, match their payments, prove every cent.

    It lives in a home of its own, one for each clone, and can be run again: nothing doubles.

    Exit status 1 when the proof finds anything.
    """
    place = enter_demo_home()
    choose_ports(place)

    def bill(merchant_id: UUID, through: date, now: datetime) -> Progress:
        with billing_bar(through, CURRENCY) as show:
            return run_billing(*(place, merchant_id, through, now), workers=ONE_WORKER, show=show)

    console.say(f"The demo lives in {place.path}")
    with installation(place):
        summary, comparison = tell_story(bill, console.say)
        links = _links() if serve else None
    if as_json:
        console.show_json(summary)
    else:
        console.show(summary_view(summary))
    if links is not None:
        _serve(place, *links)
    _say_next()
    if comparison.wrong:
        console.say(f"{comparison.wrong} payments were matched to a wrong invoice")
    if summary.verify_findings or comparison.wrong:
        raise typer.Exit(console.FINDINGS)


def _links() -> tuple[str, str]:
    """One-time ways in, for the owner of the office and for a customer; no default password."""
    merchant = merchants.merchant_called(CODE)
    if merchant is None:
        raise NotFound("the demo's merchant is gone", field="merchant")
    office = demo_link(merchant.id, OWNER, clock.now())
    with reading(merchant.id) as session:
        customer = demo_store.billed_invoices(session)[SHOWN_INVOICE].customer
    return office, public_url() + link_for(merchant.id, customer, clock.now(), ACTOR)


def _serve(place: Home, office: str, portal: str) -> None:
    address = leave_running(place)
    console.say("")
    console.say(f"Kesto runs at {address}; invoices are being delivered in the background.")
    console.say(f"  The office, as {OWNER} (one-time link):")
    console.say(f"    {office}")
    console.say("  A customer's own pages (one-time link, as in a message):")
    console.say(f"    {portal}")
    console.say("  Stop it: .venv/bin/kesto --demo down")


def _say_next() -> None:
    """Show the way on."""
    console.say("")
    console.say("Look further:")
    for command in LOOK_FURTHER:
        console.say(f"  .venv/bin/kesto --demo {command}")
