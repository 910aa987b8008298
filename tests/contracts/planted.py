"""Wrongs that a superuser plants, past every trigger and right, and what verify must call them.

Each is SQL over one town (`%(town)s`; `%(other)s` is another merchant); it must change something.
"""

# ruff: noqa: S608 - the SQL is all our own, and the database a throw-away one

from typing import NamedTuple


class Wrong(NamedTuple):
    """What is done, and the invariants that must be named among the findings."""

    what: str
    sql: str
    found: tuple[str, ...]


FIRST = (
    "(select min(id::text)::uuid from invoice where merchant_id = %(town)s and kind = 'invoice')"
)
NOTE = (
    "(select min(id::text)::uuid from invoice"
    " where merchant_id = %(town)s and kind = 'credit_note')"
)
BASIC = """(select v.id from plan_version v join plan p using (merchant_id)
    where v.merchant_id = %(town)s and p.id = v.plan_id and p.code = 'basic')"""
LATER_PAID = "(select max(id::text)::uuid from payment where merchant_id = %(town)s)"
WAITING = "(select id from bank_transaction where merchant_id = %(town)s and state = 'unmatched')"


def at(table: str, change: str, where: str) -> str:
    return f"update {table} set {change} where merchant_id = %(town)s and {where}"


def copied(table: str, where: str, **changed: str) -> str:
    values = ", ".join(f"'{column}', {value}" for column, value in changed.items())
    return (
        f"insert into {table} select copy.*"
        f" from (select * from {table} where merchant_id = %(town)s and {where}) t,"
        f" jsonb_populate_record(null::{table}, to_jsonb(t) || jsonb_build_object({values})) copy"
    )


# The ten that the project promises to find.
PROMISED = (
    Wrong(
        "a line's quantity",
        at("invoice_line", "quantity = 2", f"invoice_id = {FIRST} and line_no = 1"),
        ("I10", "I4"),
    ),
    Wrong(
        "a price version",
        at("price", "spec = jsonb_set(spec, '{amount}', '\"11\"')", f"plan_version_id = {BASIC}"),
        ("S6", "I10"),
    ),
    Wrong(
        "a period",
        at("invoice_line", "period_end = period_end + 1", f"invoice_id = {FIRST} and line_no = 1"),
        ("I10", "I4", "S8"),
    ),
    Wrong(
        "VAT",
        at(
            "invoice_tax",
            "net_minor = net_minor - 1, tax_minor = tax_minor + 1",
            f"invoice_id = {FIRST} and tax_category = 'standard'",
        ),
        ("I1", "I2", "I10", "I4"),
    ),
    Wrong(
        "a posting",
        at("posting", "amount_minor = amount_minor + 1", f"entry_id = {FIRST} and line_no = 1"),
        ("L1", "L2", "L5", "L8"),
    ),
    Wrong(
        "a number",
        at("issued", "number = number + 10", f"invoice_id = {FIRST}"),
        ("I5", "I4"),
    ),
    Wrong(
        "a reference",
        at("invoice", "reference = '1235'", f"id = {FIRST}"),
        ("I9", "I4"),
    ),
    Wrong(
        "a deleted line",
        "delete from invoice_line where merchant_id = %(town)s"
        f" and invoice_id = {FIRST} and line_no = 2",
        ("I10", "I1", "I4", "S8"),
    ),
    Wrong(
        "an extra line",
        copied("invoice_line", f"invoice_id = {FIRST} and line_no = 1", line_no="9", part="1"),
        ("I10", "I1", "I4", "S8"),
    ),
    Wrong(
        "another merchant's row",
        at("invoice_line", "merchant_id = %(other)s", f"invoice_id = {FIRST} and line_no = 1"),
        ("N1", "I10", "I1", "I4"),
    ),
)

# Further ones, so that each invariant has been seen to find something.
FURTHER = (
    Wrong(
        "an invoice with everything that belongs to it, deleted",
        ";".join(
            f"delete from {table} where merchant_id = %(town)s and {column} = {FIRST}"
            for table, column in (
                *(("invoice_line", "invoice_id"), ("invoice_tax", "invoice_id")),
                *(("explanation", "invoice_id"), ("claim", "invoice_id")),
                *(("posting", "entry_id"), ("journal_entry", "id"), ("issued", "invoice_id")),
                *(("allocation", "invoice_id"), ("settlement", "invoice_id"), ("invoice", "id")),
            )
        ),
        ("I5", "I10"),
    ),
    Wrong(
        "an invoice given to another merchant",
        at("invoice", "merchant_id = %(other)s", f"id = {FIRST}"),
        ("N1", "I8", "L6", "I10"),
    ),
    Wrong(
        "a word about an invoice that is not there",
        at("outbox", "subject_id = gen_random_uuid()", "true"),
        ("N1",),
    ),
    Wrong(
        "a row of no merchant",
        at("journey_event", "merchant_id = gen_random_uuid()", "true"),
        ("N1",),
    ),
    Wrong(
        "revenue on another account",
        at("posting", "account = '3999'", f"entry_id = {FIRST} and account = '3000'"),
        ("L8",),
    ),
    Wrong(
        "a booking on another day",
        at("journal_entry", "booked_on = booked_on + 1", f"id = {FIRST}"),
        ("L6",),
    ),
    Wrong(
        "a payment that was never booked",
        "delete from posting where merchant_id = %(town)s"
        f" and entry_id = {LATER_PAID}; delete from journal_entry"
        f" where merchant_id = %(town)s and id = {LATER_PAID}",
        ("L4", "L5", "L6", "L9"),
    ),
    Wrong(
        "a booking of nothing",
        copied("journal_entry", f"id = {FIRST}", id="gen_random_uuid()"),
        ("L6",),
    ),
    Wrong(
        "a payment's amount",
        at("payment", "amount_minor = amount_minor + 1", f"id = {LATER_PAID}"),
        ("P4", "L9", "P2"),
    ),
    Wrong(
        "an allocation's amount",
        at("allocation", "amount_minor = amount_minor - 1", f"invoice_id = {FIRST}"),
        ("P1",),
    ),
    Wrong(
        "a settlement that is gone",
        "delete from settlement where merchant_id = %(town)s",
        ("P1", "L5"),
    ),
    Wrong(
        "a waiting payment called matched",
        at("bank_transaction", "state = 'matched', reason = ''", f"id = {WAITING}"),
        ("P4", "L4"),
    ),
    Wrong(
        "customer credit given to another customer",
        at(
            "journal_entry",
            "customer_id = (select min(id::text)::uuid from customer c"
            " where c.merchant_id = %(town)s and c.id <> journal_entry.customer_id)",
            f"id = {NOTE}",
        ),
        ("L6", "P2"),
    ),
    Wrong(
        "a credit note's line",
        at("invoice_line", "amount_minor = amount_minor - 100", f"invoice_id = {NOTE}"),
        ("I7", "I1", "I4"),
    ),
    Wrong(
        "a credit note for more than was billed",
        at("invoice_line", "amount_minor = amount_minor + 1", f"invoice_id = {NOTE}")
        + ";"
        + at("invoice_tax", "net_minor = net_minor + 1", f"invoice_id = {NOTE}"),
        ("I7", "I4"),
    ),
    Wrong(
        "a credit note with another rate's VAT",
        at(
            "invoice_tax",
            "net_minor = net_minor - 1, tax_minor = tax_minor + 1",
            f"invoice_id = {NOTE}",
        ),
        ("I7", "I1", "I4"),
    ),
    Wrong(
        "an invoice credited twice in full",
        copied("invoice", f"id = {NOTE}", id="gen_random_uuid()"),
        ("I7", "I8", "L6"),
    ),
    Wrong(
        "credit in a wallet that nobody has",
        at("wallet", "balance_minor = balance_minor + 1", "true"),
        ("P5",),
    ),
    Wrong(
        "credit used for less than was booked",
        at("wallet_use", "amount_minor = amount_minor - 1", "true"),
        ("P1", "P2", "P7", "L9"),
    ),
    Wrong(
        "a written-off invoice that is open again",
        at("settlement", "written_off_minor = written_off_minor - 1", "written_off_minor > 0"),
        ("P6", "L5"),
    ),
    Wrong(
        "a write-off that was never booked",
        "delete from posting where merchant_id = %(town)s and entry_id = (select id from write_off"
        " where merchant_id = %(town)s); delete from journal_entry where merchant_id = %(town)s"
        " and kind = 'write_off'",
        ("P6", "L5", "L6", "L9"),
    ),
    Wrong(
        "a billing group of something else",
        at("billing_group", "separate_for = gen_random_uuid()", "true"),
        ("I13",),
    ),
    Wrong(
        "a line written by hand for more",
        at("invoice_line", "amount_minor = amount_minor + 1", "item_id is null"),
        ("I10", "I1", "I4"),
    ),
    Wrong(
        "a time of issue",
        at("issued", "issued_at = issued_at + interval '90 days'", f"invoice_id = {FIRST}"),
        ("I6",),
    ),
    Wrong(
        "a number taken away",
        f"delete from issued where merchant_id = %(town)s and invoice_id = {FIRST}",
        ("I5", "I8"),
    ),
    Wrong(
        "a counter set back",
        at("number_series", "next_number = next_number - 1", "kind = 'invoice'"),
        ("I5",),
    ),
    Wrong(
        "a reference used again with a zero before it",
        at(
            "invoice",
            "reference = '0' || (select n.reference from invoice n"
            f" where n.merchant_id = %(town)s and n.id = {FIRST})",
            f"kind = 'invoice' and id <> {FIRST} and through < '2026-12-01' and id = ("
            "select max(m.id::text)::uuid from invoice m where m.merchant_id = %(town)s"
            " and m.kind = 'invoice' and m.through < '2026-12-01')",
        ),
        ("I12", "I4"),
    ),
    Wrong(
        "an explanation",
        at(
            "explanation",
            'document = replace(document::text, \'"quantity":"1"\', \'"quantity":"2"\')::json',
            f"invoice_id = {FIRST}",
        ),
        ("I10", "I4"),
    ),
    Wrong(
        "one explanation too many",
        at(
            "explanation",
            "document = replace(document::text, ']}', ',{}]}')::json",
            f"invoice_id = {FIRST}",
        ),
        ("I4",),
    ),
    Wrong(
        "an explanation that can't be read",
        at("explanation", "document = '[]'", f"invoice_id = {FIRST}"),
        ("I10",),
    ),
    Wrong(
        "the day of an invoice",
        at("invoice", "invoice_on = invoice_on - 1", f"id = {FIRST}"),
        ("I10", "I4", "L6"),
    ),
    Wrong(
        "a day that no calendar has",
        at("invoice_line", "period_end = 'infinity'", f"invoice_id = {FIRST} and line_no = 1"),
        ("I10", "S8"),
    ),
    Wrong(
        "the buyer's name",
        at("snapshot", "document = replace(document, 'Aino', 'Eino')", "kind = 'buyer'"),
        ("I11",),
    ),
    Wrong(
        "a claim taken away",
        f"delete from claim where merchant_id = %(town)s and invoice_id = {FIRST}",
        ("S8",),
    ),
    Wrong(
        "a claim that overlaps",
        copied("claim", f"invoice_id = {FIRST}", period_start="period_start + 1"),
        ("S1", "S8"),
    ),
    Wrong(
        "a group put to sleep",
        at("billing_group", "next_due_on = null", "next_due_on is not null"),
        ("S2",),
    ),
    Wrong(
        "a group said to be billed further than it is",
        at("billing_group", "billed_through = billed_through + 60", "true"),
        ("S2",),
    ),
    Wrong(
        "an item's quantity",
        at("subscription_item", "quantity = 7", "true"),
        ("R2",),
    ),
    Wrong(
        "a minimum term made longer",
        at("contract_term", "minimum_until = '2030-01-01'", "true"),
        ("R2",),
    ),
    Wrong(
        "what was agreed",
        at("subscription_event", "data = jsonb_set(data, '{items,0,quantity}', '\"4\"')", "true"),
        ("R2", "I10"),
    ),
    Wrong(
        "an event that can't be read",
        at("subscription_event", 'data = \'{"kind": "subscribed"}\'', "true"),
        ("I10",),
    ),
    Wrong(
        "an event taken away",
        "delete from subscription_event where merchant_id = %(town)s",
        ("R2", "I10"),
    ),
    Wrong(
        "a price that can't be read",
        at("price", 'spec = \'{"model": "nonsense"}\'', f"plan_version_id = {BASIC}"),
        ("S6", "I10"),
    ),
    Wrong(
        "the terms of a plan version",
        at("plan_version", "terms = terms || '{\"notice_days\": 1}'", f"id = {BASIC}"),
        ("S6",),
    ),
    Wrong(
        "phases that can't be read",
        at("plan_version", "phases = '[{\"length\": 3}]'", f"id = {BASIC}"),
        ("S6",),
    ),
    Wrong(
        "what an add-on gives",
        at("add_on", 'entitlements = \'[{"feature": "cellar"}]\'', "code = 'safety'"),
        ("S6",),
    ),
    Wrong(
        "how long an add-on is kept at least",
        at("add_on", "minimum_months = 12", "code = 'safety'"),
        ("S6",),
    ),
    Wrong(
        "the VAT category of a product",
        at("product", "tax_category = 'reduced'", "code = 'line'"),
        ("I10",),
    ),
    Wrong(
        "an entry of the audit log",
        at("audit", "actor = 'nobody'", "seq = 3"),
        ("A1",),
    ),
    Wrong(
        "an entry of the audit log taken away",
        "delete from audit where merchant_id = %(town)s and seq = 3",
        ("A1",),
    ),
    Wrong(
        "the end of the audit log taken away",
        "delete from audit where merchant_id = %(town)s"
        " and seq = (select max(seq) from audit where merchant_id = %(town)s)",
        ("A1",),
    ),
)
