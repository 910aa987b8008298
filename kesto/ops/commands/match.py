"""`kesto match`: the payments that wait for a person, with what they may be for."""

from typing import Annotated

import typer

from kesto.core.ids import parsed, shown
from kesto.core.money import format_minor
from kesto.core.refusals import Invalid
from kesto.flows.match_payment import Proposal, proposals, settle
from kesto.ops import console
from kesto.ops.commands.bill import ACTOR
from kesto.ops.desk import Desk, desk

REASONS = {
    "outgoing": "money left the account",
    "reversal": "undoes an earlier payment",
    "batch": "several payments in one sum",
    "no_amount": "a sum of zero",
    "several_invoices": "names several invoices",
    "other_currency": "in another currency than its invoice",
    "uncertain": "a number in it may be a reference",
    "unknown_reference": "the reference is of no invoice",
    "no_reference": "no reference",
}
SUGGESTED = {
    "named": "named in the payment",
    "nearly_named": "reference with one slip",
    "payer_and_amount": "same payer, same sum",
    "payer": "same payer",
    "amount": "same sum",
}


def match(
    *,
    settled: Annotated[
        tuple[str, str],
        typer.Option("--settle", metavar="TRANSACTION INVOICE", help="Say what it pays."),
    ] = ("", ""),
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List payments that found no invoice by themselves, or settle one of them.

    Exit status 1 while payments wait.
    """
    with desk(merchant) as at:
        if any(settled):
            _settle(at, *settled)
            return
        waiting = proposals(at.merchant.id)
        if as_json:
            console.show_json([_plain(one) for one in waiting])
        else:
            console.show_table(
                ("transaction", "booked", ">amount", "payer", "why it waits", "may be for"),
                [_row(one) for one in waiting],
                title=f"{len(waiting)} payments wait",
            )
    if waiting:
        console.say("Settle one with: kesto match --settle TRANSACTION INVOICE-NUMBER")
        raise typer.Exit(console.FINDINGS)


def _settle(at: Desk, transaction: str, number: str) -> None:
    if not transaction or not number:
        raise Invalid("give the transaction and the invoice's number", field="settle")
    own = parsed("bank_transaction", transaction)
    paid = settle(at.merchant.id, own, number, at.now, ACTOR)
    over_minor = paid.amount_minor - paid.allocated_minor
    settled = format_minor(paid.allocated_minor, paid.currency)
    over = f", {format_minor(over_minor, paid.currency)} kept as credit" if over_minor else ""
    console.say(f"Invoice {number}: {settled} {paid.currency} settled{over}")


def _row(one: Proposal) -> tuple[str, ...]:
    entry = one.waiting.entry
    suggested = [f"{number} ({SUGGESTED[found.reason]})" for found, number in one.suggestions[:2]]
    return (
        shown("bank_transaction", one.waiting.id),
        f"{entry.booked_on}",
        format_minor(entry.amount_minor, entry.currency),
        entry.payer_name,
        REASONS[one.waiting.reason],
        "\n".join(suggested),
    )


def _plain(one: Proposal) -> dict[str, object]:
    entry = one.waiting.entry
    return {
        "transaction": shown("bank_transaction", one.waiting.id),
        "booked_on": entry.booked_on,
        "amount": format_minor(entry.amount_minor, entry.currency),
        "currency": entry.currency,
        "payer": entry.payer_name,
        "references": entry.references,
        "texts": entry.texts,
        "reason": one.waiting.reason,
        "file": one.waiting.file_name,
        "suggestions": [
            {"invoice": number, "score": found.score, "reason": found.reason}
            for found, number in one.suggestions
        ],
    }
