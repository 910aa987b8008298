"""Wrongs of credit that a superuser plants, and what verify must call them."""

# ruff: noqa: S608 - the SQL is all our own, and the database a throw-away one

from tests.contracts.planted import Wrong, at
from tests.contracts.planted_rows import another_customer, free

BEFORE_TAX = "before_tax and used_minor > 0"
GIFT = (
    f"(select min(id::text)::uuid from credit_grant where merchant_id = %(town)s and {BEFORE_TAX})"
)
OFF = "(select min(id::text)::uuid from credit_taken where merchant_id = %(town)s)"
NOTE = """(select min(l.invoice_id::text)::uuid from invoice_line l
    join invoice n on n.id = l.invoice_id and n.kind = 'credit_note'
    where l.merchant_id = %(town)s and l.kind = 'credit')"""

CREDIT = (
    Wrong(
        "a grant of which more is used than it paid",
        at("credit_grant", "used_minor = used_minor + 1", "left_minor > 0"),
        ("P5", "P7"),
    ),
    Wrong(
        "a payout of more than was taken",
        at("payout", "amount_minor = amount_minor + 1", "true"),
        ("P2", "P7", "L9"),
    ),
    Wrong(
        "credit granted out of nothing",
        at("credit_grant", "amount_minor = amount_minor + 1", "kind = 'paid'"),
        ("P5",),
    ),
    Wrong(
        "less that came off than stands on the lines",
        at("credit_taken", "amount_minor = amount_minor - 1", f"id = {OFF}"),
        ("P7", "P8", "I10"),
    ),
    Wrong(
        "what came off is not known of",
        f"delete from credit_taken where id = {OFF}",
        ("P7", "P8", "I10"),
    ),
    Wrong(
        "a line of credit that nothing stands for",
        at(
            "invoice_line",
            "kind = 'credit'",
            f"item_id is null and invoice_id <> {NOTE} and kind = 'one_time' and line_no = 1",
        ),
        ("P8", "I10", "I4"),
    ),
    Wrong(
        "more left of a gift than was said",
        at("credit_taken", "left_minor = left_minor + 1", f"id = {OFF}"),
        ("P8", "I10"),
    ),
    Wrong(
        "what a credit note gave back is gone",
        at("credit_grant", "before_tax = false", f"source_id = {NOTE} and kind = 'given'"),
        ("P8", "L6", "L9", "P2"),
    ),
    Wrong(
        "more given back than came off",
        at("credit_grant", "amount_minor = amount_minor + 1", f"source_id = {NOTE} and before_tax"),
        ("P8", "P5"),
    ),
    Wrong(
        "what paid invoices came off them",
        at("credit_grant", "before_tax = false", f"id = {GIFT}"),
        ("P8",),
    ),
    Wrong(
        "what comes off invoices paid one",
        free(
            "credit_grant",
            "paid_is_no_discount",
            at("credit_grant", "before_tax = true", "kind = 'paid' and used_minor > 0"),
        ),
        ("P8",),
    ),
    Wrong(
        "it came off a credit note",
        at("credit_taken", f"invoice_id = {NOTE}", f"id = {OFF}"),
        ("P8", "I10"),
    ),
    Wrong(
        "nothing came off",
        free(
            "credit_taken",
            "credit_taken_is_sound",
            at("credit_taken", "amount_minor = 0", f"id = {OFF}"),
        ),
        ("P7", "P8", "I10"),
    ),
    Wrong(
        "it came off before its time",
        at("credit_grant", "valid_from = '2027-06-01'", f"id = {GIFT}"),
        ("P8",),
    ),
    Wrong(
        "it came off after its end",
        at("credit_grant", "expires_on = '2026-01-01'", f"id = {GIFT}"),
        ("P8",),
    ),
    Wrong(
        "it came off the invoice of someone else",
        another_customer("credit_grant", f"id = {GIFT}"),
        ("P8",),
    ),
)
