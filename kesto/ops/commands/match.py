"""`kesto match`: the payments that wait for a person, with what they may be for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import typer

from kesto.core.banking import BankEntry
from kesto.core.ids import shown
from kesto.core.money import format_minor
from kesto.core.refusals import Invalid
from kesto.flows.match_payment import Proposal, proposals, settle
from kesto.ops import console
from kesto.ops.commands.bill import ACTOR
from kesto.ops.desk import Desk, desk
from kesto.ops.short_ids import meant, short_ids
from kesto.store import bank
from kesto.store.session import reading

REASONS = {
    "outgoing": "money left the account",
    "reversal": "undoes an earlier payment",
    "batch": "several payments in one sum",
    "no_amount": "a sum of zero",
    "several_invoices": "names several invoices",
    "other_currency": "in another currency",
    "uncertain": "a number may be a reference",
    "unknown_reference": "reference of no invoice",
    "no_reference": "no valid reference",
}
SUGGESTED = {
    "named": "named in it",
    "nearly_named": "almost named",
    "payer_and_amount": "payer and sum",
    "payer": "payer",
    "amount": "sum",
}
MOST_SUGGESTED = 2


def match(
    *,
    settled: Annotated[
        tuple[str, str],
        typer.Option("--settle", metavar="ID INVOICE", help="Say which invoice one of them pays."),
    ] = ("", ""),
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List payments that found no invoice by themselves, or settle one of them.

    Exit status 1 while payments wait.
    """
    with desk(merchant) as at:
        if any(settled):
            _settle(at, *settled, as_json=as_json)
            return
        waiting = proposals(at.merchant.id)
    short = short_ids([one.waiting.id for one in waiting])
    if as_json:
        console.show_json([_plain(one, short) for one in waiting])
    elif waiting:
        console.show_table(
            ("id", "booked", ">amount", "payer, why it waits", "may be for, by"),
            [_row(one, short) for one in waiting],
            title=_title(waiting),
        )
    else:
        console.show_text("No payments wait.")
    if waiting:
        console.say("Settle one with: kesto match --settle ID INVOICE")
        raise typer.Exit(console.FINDINGS)


def _settle(at: Desk, payment: str, number: str, *, as_json: bool) -> None:
    if not payment or not number:
        raise Invalid("give the id from the list and the invoice's number", field="settle")
    own = meant("bank_transaction", payment, lambda: _waiting_ids(at.merchant.id))
    paid = settle(at.merchant.id, own, number, at.now, ACTOR)
    settled = format_minor(paid.allocated_minor, paid.currency)
    over_minor = paid.amount_minor - paid.allocated_minor
    over = format_minor(over_minor, paid.currency)
    if as_json:
        facts = {"invoice": number, "settled": settled, "credit": over, "currency": paid.currency}
        console.show_json({"transaction": shown("bank_transaction", own), **facts})
    else:
        kept = f", {over} kept as credit" if over_minor else ""
        console.show_text(f"Invoice {number}: {settled} {paid.currency} settled{kept}")


def _waiting_ids(merchant_id: UUID) -> list[UUID]:
    with reading(merchant_id) as session:
        return [one.id for one in bank.queue(session)]


def _title(waiting: Sequence[Proposal]) -> str:
    """How many payments wait, and how much in each currency; money that left counts against."""
    sums: Counter[str] = Counter()
    for one in waiting:
        sums[one.waiting.entry.currency] += _signed_minor(one.waiting.entry)
    amounts = ", ".join(f"{format_minor(sums[code], code)} {code}" for code in sorted(sums))
    return f"{len(waiting)} {'payment waits' if len(waiting) == 1 else 'payments wait'}: {amounts}"


def _row(one: Proposal, short: Mapping[UUID, str]) -> tuple[str, ...]:
    entry = one.waiting.entry
    suggested = [f"{number} {SUGGESTED[found.reason]}" for found, number in one.suggestions]
    return (
        short[one.waiting.id],
        f"{entry.booked_on}",
        format_minor(_signed_minor(entry), entry.currency),
        f"{entry.payer_name}\n{REASONS[one.waiting.reason]}".strip(),
        "\n".join(suggested[:MOST_SUGGESTED]),
    )


def _plain(one: Proposal, short: Mapping[UUID, str]) -> dict[str, object]:
    entry = one.waiting.entry
    return {
        "transaction": shown("bank_transaction", one.waiting.id),
        "short": short[one.waiting.id],
        "booked_on": entry.booked_on,
        "amount": format_minor(_signed_minor(entry), entry.currency),
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


def _signed_minor(entry: BankEntry) -> int:
    return entry.amount_minor if entry.direction == "in" else -entry.amount_minor
