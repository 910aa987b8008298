"""`kesto demo`: the main job on real data, in a home of its own."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer
from msgspec import Struct

from kesto.core.refusals import NotFound
from kesto.demo import cloud
from kesto.demo.cloud_story import tell_cloud
from kesto.demo.cloud_summary import CloudSummary, cloud_view
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

SHOWN_CLOUD_INVOICE = 3
"""Of the cloud provider that of April with all kinds of usage."""

LOOK_FURTHER = (
    "invoice show 2026-000002 --why --language en",
    "match",
    "verify",
    "clock --merchant cloud",
)


def demo(
    *,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Leave the product running afterwards.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Bill 7,043 subscribers for two months, match their payments, prove every cent.

    Beside them a small cloud provider bills what sixteen servers really used. It all lives in a
    home of its own, one for each clone, and can be run again: nothing doubles.

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
        console.say("A second merchant: a small cloud provider and what its servers really used")
        metered = tell_cloud(bill, console.say)
        links = _links() if serve else None
    if as_json:
        console.show_json(summary)
        console.say(metered.sentence)
    else:
        console.show(summary_view(summary))
        console.show(cloud_view(metered))
    if links is not None:
        _serve(place, links)
    _say_next()
    if comparison.wrong:
        console.say(f"{comparison.wrong} payments were matched to a wrong invoice")
    if summary.verify_findings or comparison.wrong or _is_off(metered):
        raise typer.Exit(console.FINDINGS)


def _is_off(metered: CloudSummary) -> bool:
    """Whether the cloud provider's figures are not what they have to be."""
    return not metered.is_known or metered.verify_findings > 0


class _Links(Struct, frozen=True):
    """One-time ways in, for the owner of both offices and for a customer; no default password."""

    office: str
    portal: str
    cloud_office: str
    cloud_portal: str


def _links() -> _Links:
    office, portal = _ways_in(CODE, SHOWN_INVOICE)
    return _Links(office, portal, *_ways_in(cloud.CODE, SHOWN_CLOUD_INVOICE))


def _ways_in(code: str, shown_invoice: int) -> tuple[str, str]:
    """Into a merchant's office, and into the pages of the customer of one of its invoices."""
    merchant = merchants.merchant_called(code)
    if merchant is None:
        raise NotFound("the demo's merchant is gone", field="merchant")
    office = demo_link(merchant.id, OWNER, clock.now())
    with reading(merchant.id) as session:
        customer = demo_store.billed_invoices(session)[shown_invoice].customer
    return office, public_url() + link_for(merchant.id, customer, clock.now(), ACTOR)


def _serve(place: Home, links: _Links) -> None:
    address = leave_running(place)
    console.say("")
    console.say(f"Kesto runs at {address}; invoices are being delivered in the background.")
    console.say(f"  The office, as {OWNER} (one-time link):")
    console.say(f"    {links.office}")
    console.say("  A customer's own pages (one-time link, as in a message):")
    console.say(f"    {links.portal}")
    console.say(f"  The cloud provider's office, as {OWNER} too (with the same password you choose")
    console.say(
        "  between the two at sign-in), and the pages of a company that rents servers there:"
    )
    console.say(f"    {links.cloud_office}")
    console.say(f"    {links.cloud_portal}")
    console.say("  Stop it: .venv/bin/kesto --demo down")


def _say_next() -> None:
    """Show the way on."""
    console.say("")
    console.say("Look further:")
    for command in LOOK_FURTHER:
        console.say(f"  .venv/bin/kesto --demo {command}")
