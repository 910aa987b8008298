"""`kesto schedule`: when a merchant's billing runs come by themselves."""

from typing import Annotated

import typer

from kesto.core.refusals import Invalid
from kesto.flows.set_billing_schedule import NewSchedule, set_billing_schedule
from kesto.ops import console
from kesto.ops.desk import desk
from kesto.store import merchants
from kesto.store.merchants import Limits
from kesto.store.session import reading

EACH_DAY = "all"
ACTOR = "command line"


def schedule(
    *,
    days: Annotated[
        str, typer.Option(metavar="DAYS", help="Days of the month, such as 1,15; all: each day.")
    ] = "",
    hour: Annotated[
        int | None, typer.Option(metavar="HOUR", help="Not before this hour, where the seller is.")
    ] = None,
    by_hand: Annotated[
        bool | None,
        typer.Option("--by-hand/--by-itself", help="Only when somebody starts one, or by itself."),
    ] = None,
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show when billing runs come by themselves; change it, or switch it off."""
    wanted = NewSchedule(_days(days), hour, by_hand)
    with desk(merchant) as at:
        if wanted != NewSchedule():
            set_billing_schedule(at.merchant.id, wanted, at.now, ACTOR)
        with reading(at.merchant.id) as session:
            limits = merchants.limits(session)
            zone = merchants.billing_entities(session)[0].zone
    if as_json:
        console.show_json(
            {
                "days": [int(day) for day in limits.billing_days.split(",") if day],
                "hour": limits.billing_hour,
                "zone": zone,
                "by_hand": limits.bills_by_hand,
            }
        )
        return
    console.show_text(_said(limits, zone))


def _days(text: str) -> str | None:
    if not text:
        return None
    if text == EACH_DAY:
        return ""
    if not text.replace(",", " ").split():
        raise Invalid("give days of the month, or all", code="bad_billing_days", field="days")
    return text


def _said(limits: Limits, zone: str) -> str:
    when = f"on days {limits.billing_days} of the month" if limits.billing_days else "each day"
    said = f"{when}, from {limits.billing_hour}:00 in {zone}"
    return f"only when somebody starts it (else {said})" if limits.bills_by_hand else said
