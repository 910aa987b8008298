"""Wrongs of single rows, so that each condition of each invariant has been seen to find something.

Where a constraint forbids the wrong even to a superuser, it is taken away first.
"""

# ruff: noqa: S608 - the SQL is all our own, and the database a throw-away one

from tests.contracts.planted import FIRST, LATER_PAID, NOTE, WAITING, Wrong, at, copied

NOBODY = "gen_random_uuid()"
THE_NOTES = f"invoice_id = {NOTE}"
MATCHED = "state = 'matched'"
USED_BY_NOTE = "amount_minor = 100"


def free(table: str, constraint: str, wrong: str) -> str:
    """A wrong that a constraint forbids, without it."""
    return f"alter table {table} drop constraint {constraint}; {wrong}"


def another_customer(table: str, where: str, column: str = "customer_id") -> str:
    """A row in the name of another customer of the town."""
    other = (
        "(select min(c.id::text)::uuid from customer c where c.merchant_id = %(town)s"
        f" and c.id <> {table}.{column})"
    )
    return at(table, f"{column} = {other}", where)


BOOKS = (
    Wrong(
        "a booking of another seller",
        at("journal_entry", f"billing_entity_id = {NOBODY}", f"id = {FIRST}"),
        ("L6", "N1"),
    ),
    Wrong(
        "a payment booked before it came",
        at("journal_entry", "booked_on = booked_on - 1", f"id = {LATER_PAID}"),
        ("L6",),
    ),
    Wrong(
        "a total that is not net and VAT",
        free("invoice", "invoice_adds_up", at("invoice", "net_minor = 1", f"id = {FIRST}")),
        ("I1", "I4", "I10"),
    ),
    Wrong(
        "a credit note's period",
        at("invoice_line", "period_end = period_end + 1", THE_NOTES),
        ("I7", "I4"),
    ),
    Wrong(
        "a credit note of a rate that was not billed",
        at("invoice_tax", "tax_category = 'reduced'", THE_NOTES),
        ("I7", "I4"),
    ),
    Wrong(
        "a credit note with far too little VAT",
        at("invoice_tax", "net_minor = net_minor + 20, tax_minor = tax_minor - 20", THE_NOTES),
        ("I7", "I4", "I1"),
    ),
    Wrong(
        "a credit note of all that leaves a unit of VAT",
        at("invoice_tax", "tax_minor = tax_minor - 1", THE_NOTES),
        ("I7", "I4", "I1"),
    ),
    Wrong(
        "a credit note to someone else",
        another_customer("invoice", f"id = {NOTE}"),
        ("I7", "I4", "L6"),
    ),
    Wrong(
        "a series of another year",
        at("number_series", "year = year + 1", "kind = 'credit_note'"),
        ("I8",),
    ),
    Wrong(
        "a claim of no day",
        at("claim", "period_end = period_start", f"invoice_id = {FIRST}"),
        ("S1", "S8"),
    ),
    Wrong(
        "a second claim without a first",
        at("claim", "revision = 2", f"invoice_id = {FIRST}"),
        ("S1", "S8"),
    ),
    Wrong(
        "a third claim without a second",
        copied("claim", f"invoice_id = {FIRST}", revision="3"),
        ("S1", "S8"),
    ),
    Wrong(
        "a claim of a credit note that takes nothing back",
        copied("claim", f"invoice_id = {FIRST}", revision="2", invoice_id=NOTE),
        ("S8",),
    ),
)

SETTLED = (
    Wrong(
        "a payment allocated beyond its amount",
        free(
            "payment",
            "payment_not_overallocated",
            at("payment", "allocated_minor = amount_minor + 1", f"id = {LATER_PAID}"),
        ),
        ("P1", "L9", "P2"),
    ),
    *(
        Wrong(
            what,
            free(
                "settlement",
                "settlement_within_total",
                at("settlement", change, f"invoice_id = {FIRST}"),
            ),
            ("P1",),
        )
        for what, change in (
            ("a settlement of another total", "total_minor = total_minor + 1"),
            ("a settlement below zero", "paid_minor = -1"),
            ("a credit below zero", "credited_minor = -1"),
            ("a settlement of more than there was", "paid_minor = total_minor + 1"),
        )
    ),
    Wrong(
        "a payment of someone else",
        another_customer("payment", f"id = {LATER_PAID}"),
        ("P1", "L6"),
    ),
    Wrong(
        "a credit note that was paid",
        at("allocation", f"invoice_id = {NOTE}", f"payment_id = {LATER_PAID}"),
        ("P1",),
    ),
    Wrong(
        "an allocation of nothing",
        free(
            "allocation",
            "allocation_is_positive",
            at("allocation", "amount_minor = 0", f"payment_id = {LATER_PAID}"),
        ),
        ("P1",),
    ),
    Wrong(
        "a credit note paid from a wallet",
        at("wallet_use", f"invoice_id = {NOTE}", USED_BY_NOTE),
        ("P1",),
    ),
    Wrong(
        "a use of nothing",
        free(
            "wallet_use",
            "wallet_use_is_positive",
            at("wallet_use", "amount_minor = 0", USED_BY_NOTE),
        ),
        ("P1", "P7", "L9"),
    ),
    Wrong(
        "a wallet used by someone else",
        another_customer("wallet_use", USED_BY_NOTE),
        ("P1", "P7", "L6"),
    ),
)

BANK = (
    *(
        Wrong(what, at("bank_transaction", change, where), ("P4",))
        for what, change, where in (
            ("a bank transaction in no known state", "state = 'lost'", f"id = {WAITING}"),
            ("a matched payment with a reason to wait", "reason = 'unclear'", MATCHED),
            ("a reversal called a payment", "is_reversal = true", MATCHED),
            ("a payment that went out", "direction = 'out'", MATCHED),
            ("a payment that waits without a reason", "reason = ''", f"id = {WAITING}"),
            ("a payment that waits and is matched", "state = 'unmatched', reason = '?'", MATCHED),
        )
    ),
    Wrong(
        "a payout that waits",
        at(
            "payout",
            f"bank_transaction_id = {WAITING}, clearing_id = {NOBODY}, state = 'paid'",
            "true",
        ),
        ("P4", "L6", "L9"),
    ),
)

LOST = (
    Wrong(
        "a write-off that is gone",
        "delete from write_off where merchant_id = %(town)s",
        ("P6", "N1"),
    ),
    Wrong(
        "a write-off of no invoice", at("write_off", f"invoice_id = {NOBODY}", "true"), ("P6", "N1")
    ),
    Wrong("a write-off of someone else", another_customer("write_off", "true"), ("P6", "L6")),
    Wrong(
        "more recovered than was lost", at("recovery", "amount_minor = 101", "true"), ("P6", "L9")
    ),
    Wrong("VAT recovered that was not lost", at("recovery", "tax_minor = 1", "true"), ("P6", "L9")),
)

GRANTED = (
    Wrong(
        "a wallet below zero",
        free("wallet", "wallet_not_negative", at("wallet", "balance_minor = -1", "true")),
        ("P5",),
    ),
    Wrong(
        "a grant that does not add up",
        "alter table credit_grant alter column left_minor drop expression; "
        + at("credit_grant", "left_minor = left_minor + 1", "true"),
        ("P7", "P5"),
    ),
    Wrong(
        "a grant of which less than nothing is used",
        free(
            "credit_grant",
            "credit_grant_adds_up",
            at("credit_grant", "used_minor = -1", "left_minor > 0"),
        ),
        ("P7",),
    ),
    *(
        Wrong(
            what,
            free(
                "credit_grant",
                "paid_expires_not_given_pays_not_out",
                at("credit_grant", change, where),
            ),
            ("P7",),
        )
        for what, change, where in (
            ("a gift that was paid out", "kind = 'given'", "paid_out_minor > 0"),
            ("credit bought that ends", "expires_on = '2027-01-01'", "left_minor > 0"),
            ("credit bought that ended", "expired_minor = 1", "left_minor > 0"),
            ("credit used after its end", "expires_on = '2026-01-01'", "used_minor > 0"),
        )
    ),
    Wrong(
        "credit used before its time",
        at("credit_grant", "valid_from = '2027-06-01'", "used_minor > 0"),
        ("P7",),
    ),
)

CREDITED = f"(select n.credits_invoice_id from invoice n where n.id = {NOTE})"

HISTORY = (
    Wrong(
        "an event of another day outside than inside",
        at("subscription_event", "effective_on = effective_on + 1", "true"),
        ("R2",),
    ),
    Wrong(
        "a subscription that someone else pays",
        another_customer("subscription", "true", "payer_id"),
        ("R2",),
    ),
    Wrong(
        "a group said to be billed less far than it is",
        at("billing_group", "billed_through = billed_through - 60", "true"),
        ("S2",),
    ),
    Wrong(
        "an explanation more than there are lines",
        at(
            "explanation",
            "document = regexp_replace(document::text, ']}$', ',{}]}')::json",
            f"invoice_id = {FIRST}",
        ),
        ("I4",),
    ),
    Wrong(
        "a credit note of a run, whose invoice is gone",
        copied(
            "claim",
            f"invoice_id = {CREDITED} and kind = 'recurring'",
            revision="2",
            invoice_id=NOTE,
        )
        + f"; delete from claim where merchant_id = %(town)s and invoice_id = {CREDITED}"
        + f"; delete from invoice where merchant_id = %(town)s and id = {CREDITED}",
        ("I10", "S8", "I8", "N1"),
    ),
)

CRASHED = (
    Wrong(
        "a line billed a second time",
        copied("invoice_line", f"invoice_id = {FIRST} and line_no = 1", line_no="9"),
        ("I10", "I1", "I4", "S8"),
    ),
    Wrong(
        "a credit note that is gone",
        f"delete from invoice where merchant_id = %(town)s and id = {NOTE}",
        ("I8", "L6", "P1", "N1"),
    ),
    Wrong(
        "a group set aside",
        at("billing_group", "parked_at = now(), parked_reason = 'looks odd'", "true"),
        (),
    ),
)
"""What a crash might leave, for the queries of tests/faults/soundness.py."""

ROWS = (*BOOKS, *SETTLED, *BANK, *LOST, *GRANTED, *HISTORY, *CRASHED)
