"""`kesto deliveries`: what is to be packed on a day, for whom and where to."""

import codecs
import sys
from datetime import datetime
from typing import Annotated

import typer

from kesto.core.calendar import local_date
from kesto.core.exact import shown
from kesto.core.life import DAY
from kesto.flows.packing_list import packing_list
from kesto.flows.show_deliveries import sold_names, stops, totals
from kesto.ops import console
from kesto.ops.desk import desk
from kesto.store import merchants
from kesto.store.session import reading


def deliveries(
    *,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today unless said.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the packing list as CSV.")] = False,
    language: Annotated[str, typer.Option(help="Of the products' names: fi, sv or en.")] = "en",
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what is delivered on a day: who gets what, where it goes, and how far it is."""
    with desk(merchant) as at, reading(at.merchant.id) as session:
        (entity, *_) = merchants.billing_entities(session)
        day = on.date() if on else local_date(at.now, entity.zone)
        found = stops(session, day, day + DAY)
        names = sold_names(session)
    if as_csv:
        listed = packing_list(found, names, language)
        sys.stdout.buffer.write(listed.removeprefix(codecs.BOM_UTF8))  # for other programs
        return
    if as_json:
        console.show_json(found)
        return
    rows = [
        (
            one.address.name,
            ", ".join(f"{shown(each.quantity)} {each.code}" for each in one.contents),
            f"{one.address.street}, {one.address.postal_code} {one.address.city}",
            one.status,
        )
        for one in found
    ]
    if rows:
        console.show_table(("to", "what", "where", "state"), rows, title=f"deliveries of {day}")
    sums = [f"{shown(one.quantity)} {one.code}" for one in totals(found)]
    console.say(f"to pack: {', '.join(sums) or 'nothing'}")
