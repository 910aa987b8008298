"""Wrong states can't be written, whoever tries: each guard of the database refuses its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import transaction

from kesto.core.ledger import Posting
from kesto.store import journal
from kesto.store.ids import new_id
from kesto.store.invoices import Stored
from kesto.store.journal import Entry
from kesto.store.merchants import billing_entities
from kesto.store.session import Session, owning, writing
from tests.town import Town, day


@contextmanager
def tried(town: Town) -> Iterator[Session]:
    """A flow's transaction; what is written is taken back."""
    with writing(town.merchant_id) as session:
        yield session
        transaction.set_rollback(True, using="default")


@pytest.fixture
def session(town: Town) -> Iterator[Session]:
    with tried(town) as session:
        yield session


@pytest.fixture
def invoice(town: Town) -> Stored:
    """October of Aino's line: 10.00."""
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (made,) = town.bill(on="2026-11-01")
    return made


# --- The ledger ---


def entry(session: Session, *sides: tuple[str, int, str], on: str = "2026-11-05") -> None:
    entity = billing_entities(session)[0].id
    postings = tuple(Posting(*side) for side in sides)
    booked = Entry(new_id(), "test", entity, None, day(on), postings)
    journal.book(session, [booked], town_now(session))


def town_now(session: Session) -> Any:
    (now,) = session.rows("select now()")[0]
    return now


def test_a_balanced_entry_is_taken(session: Session) -> None:
    entry(session, ("bank", 5, "EUR"), ("unmatched", -5, "EUR"))


@pytest.mark.parametrize(
    "sides",
    [
        [("bank", 5, "EUR"), ("unmatched", -4, "EUR")],
        [("bank", 5, "EUR")],
        [("bank", 5, "EUR"), ("unmatched", -5, "SEK")],
        [("bank", 5, "EUR"), ("bank", -5, "EUR"), ("unmatched", 1, "SEK")],
    ],
)
def test_an_entry_out_of_balance_is_refused(
    session: Session, sides: list[tuple[str, int, str]]
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="is out of balance by"):
        entry(session, *sides)


def test_one_crooked_entry_among_many_is_named(session: Session) -> None:
    entity = billing_entities(session)[0].id
    ids = [new_id() for _ in range(3)]
    both = [
        Entry(own, "test", entity, None, day("2026-11-05"), (Posting("bank", minor, "EUR"),))
        for own, minor in zip(ids, (0, 7, 0), strict=True)
    ]
    with pytest.raises(psycopg.errors.CheckViolation, match=f"{ids[1]} is out of balance by 7 EUR"):
        journal.book(session, both, town_now(session))


def test_postings_of_no_entry_are_refused(session: Session) -> None:
    entry_id, sides = new_id(), [("bank", 5), ("unmatched", -5)]
    stray = [
        {
            "entry_id": entry_id,
            "line_no": number,
            "account": account,
            "amount_minor": minor,
            "currency": "EUR",
        }
        for number, (account, minor) in enumerate(sides, 1)
    ]
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="there is no journal entry"):
        session.add("posting", stray)


LINE = """
    insert into invoice_line (merchant_id, invoice_id, line_no, item_id, price_id, product_id, kind,
        period_start, period_end, part, revision, quantity, amount_minor, tax_category,
        tax_rate_percent)
    select merchant_id, case number when 9 then item_id else invoice_id end, number, item_id,
        price_id, product_id, kind, period_start, period_end, part, revision, quantity,
        amount_minor, tax_category, tax_rate_percent
    from invoice_line, unnest(%s::int[]) number
"""


@pytest.mark.usefixtures("invoice")
def test_one_line_of_no_invoice_among_many_is_refused(town: Town) -> None:
    with tried(town) as session:
        assert session.execute(LINE, [7, 8]) == 2
    with (
        tried(town) as session,
        pytest.raises(psycopg.errors.ForeignKeyViolation, match="there is no invoice"),
    ):
        session.execute(LINE, [7, 9, 8])


def test_an_entry_cannot_be_bent_later(town: Town, invoice: Stored) -> None:
    with (
        pytest.raises(psycopg.errors.CheckViolation, match="out of balance by 3 EUR"),
        writing(town.merchant_id) as session,
    ):
        session.add(
            "posting",
            [
                {
                    "entry_id": invoice.invoice.id,
                    "line_no": 9,
                    "account": "bank",
                    "amount_minor": 3,
                    "currency": "EUR",
                }
            ],
        )


def test_nothing_is_booked_into_a_closed_month(town: Town) -> None:
    town.clock("2026-12-02")
    town.closes("2026-11")
    with tried(town) as session:
        entry(session, ("bank", 5, "EUR"), ("unmatched", -5, "EUR"), on="2026-12-01")
    for on in ("2026-11-30", "2026-10-01"):
        wanted = f"closed through 2026-11-30; {on} is too early"
        with pytest.raises(psycopg.errors.CheckViolation, match=wanted), tried(town) as session:
            entry(session, ("bank", 5, "EUR"), ("unmatched", -5, "EUR"), on=on)


# --- Claims: no day of an item and price is billed twice ---

ITEM, PRICE = UUID(int=1), UUID(int=2)


def claim(session: Session, *spans: tuple[str, str], **other: Any) -> None:
    """Claim periods in one statement; `other` changes the key."""
    usual = {
        "item_id": ITEM,
        "price_id": PRICE,
        "kind": "recurring",
        "part": 0,
        "revision": 1,
        "amount_minor": 1000,
        "invoice_id": UUID(int=3),
    }
    session.add(
        "claim",
        [
            {**usual, **other, "period_start": date.fromisoformat(start), "period_end": end}
            for start, end in spans
        ],
    )


@pytest.fixture
def claimed(session: Session) -> Session:
    """October and December are billed."""
    claim(session, ("2026-10-01", "2026-11-01"), ("2026-12-01", "2027-01-01"))
    return session


@pytest.mark.parametrize(
    "span",
    [
        ("2026-10-15", "2026-11-15"),
        ("2026-10-31", "2026-11-30"),
        ("2026-10-05", "2026-10-06"),
        ("2026-11-15", "2026-12-02"),
        ("2026-11-01", "2027-02-01"),
        ("2026-09-15", "2026-10-02"),
        ("2026-09-01", "2027-02-01"),
        ("2026-12-31", "2027-01-31"),
    ],
)
def test_a_period_that_crosses_a_neighbour_is_refused(
    claimed: Session, span: tuple[str, str]
) -> None:
    with pytest.raises(psycopg.errors.ExclusionViolation, match="would be billed twice from"):
        claim(claimed, span)


def test_periods_that_cross_each_other_in_one_statement_are_refused(session: Session) -> None:
    with pytest.raises(psycopg.errors.ExclusionViolation):
        claim(session, ("2026-10-15", "2026-11-15"), ("2026-10-01", "2026-11-01"))


def test_one_crossing_among_many_is_found(session: Session) -> None:
    days = [f"2026-10-{n:02}" for n in range(1, 31)]
    spans = list(pairwise(days))
    claim(session, *spans)
    with pytest.raises(psycopg.errors.ExclusionViolation, match="2026-10-18"):
        claim(session, ("2026-11-01", "2026-12-01"), ("2026-10-17", "2026-10-19"), revision=2)


@pytest.mark.parametrize(
    ("span", "other"),
    [
        (("2026-11-01", "2026-12-01"), {}),
        (("2026-09-01", "2026-10-01"), {}),
        (("2027-01-01", "2027-02-01"), {}),
        (("2026-10-15", "2026-11-15"), {"item_id": UUID(int=9)}),
        (("2026-10-15", "2026-11-15"), {"price_id": UUID(int=9)}),
        (("2026-10-15", "2026-11-15"), {"kind": "minimum"}),
        (("2026-10-01", "2026-11-01"), {"part": 1}),
        (("2026-10-01", "2026-11-01"), {"revision": 2, "amount_minor": -1000}),
        (("2026-10-01", "2026-10-20"), {"revision": 2, "amount_minor": -300}),
    ],
)
def test_neighbours_other_keys_parts_and_revisions_are_taken(
    claimed: Session, span: tuple[str, str], other: dict[str, Any]
) -> None:
    claim(claimed, span, **other)


def test_a_revision_does_not_grow_into_its_neighbour(claimed: Session) -> None:
    with pytest.raises(psycopg.errors.ExclusionViolation):
        claim(claimed, ("2026-10-01", "2026-12-02"), revision=2)


def test_the_same_claim_is_refused_a_second_time(claimed: Session) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation, match="claim_pkey"):
        claim(claimed, ("2026-10-01", "2026-11-01"))


def test_the_claims_of_two_merchants_have_nothing_to_do_with_each_other(town: Town) -> None:
    for merchant_id in (town.merchant_id, Town.founded().merchant_id):
        with writing(merchant_id) as session:
            claim(session, ("2026-10-01", "2026-11-01"))


# --- Numbers ---

ISSUE = (
    "insert into issued (merchant_id, series_id, issued_at, sha256, number, invoice_id)"
    " select merchant_id, series_id, issued_at, sha256, "
)


def test_a_number_is_given_once(town: Town, invoice: Stored) -> None:
    with (
        pytest.raises(psycopg.errors.UniqueViolation, match="issued_pkey"),
        writing(town.merchant_id) as session,
    ):
        session.execute(
            ISSUE + "number, gen_random_uuid() from issued where invoice_id = %s",
            invoice.invoice.id,
        )


def test_an_invoice_has_one_number(town: Town, invoice: Stored) -> None:
    with (
        pytest.raises(psycopg.errors.UniqueViolation, match="issued_once"),
        writing(town.merchant_id) as session,
    ):
        session.execute(
            ISSUE + "number + 1, invoice_id from issued where invoice_id = %s",
            invoice.invoice.id,
        )


def test_a_counter_that_was_put_back_gives_no_number_twice(town: Town, invoice: Stored) -> None:
    assert invoice.number == "2026-000001"
    with writing(town.merchant_id) as session:
        session.execute("update number_series set next_number = 1")
    assert town.bill(on="2026-12-01") == []
    with writing(town.merchant_id) as session:
        session.execute("update number_series set next_number = 2")
        session.execute("update billing_group set parked_at = null, parked_reason = ''")
    (again,) = town.bill(on="2026-12-01")
    assert again.number == "2026-000002"


# --- What was published never changes ---


@pytest.mark.parametrize(
    "statement",
    [
        'update price set spec = \'{"model": "flat", "amount": "0.01"}\'',
        "update price set currency = 'SEK' where code = 'monthly'",
        "delete from price",
        "update plan_version set names = '{}'",
        "delete from plan_version",
        "update add_on set plans = '{}'",
        "update invoice set total_minor = total_minor",
        "update invoice_line set quantity = 2",
        "delete from issued",
    ],
)
def test_what_was_published_or_issued_is_changed_by_nobody(town: Town, statement: str) -> None:
    table = statement.split()[statement.startswith("delete") + 1]
    wanted = f"rows of {table} are never changed; record what happened as a new row"
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=wanted):
        as_owner(town, statement)
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"for table {table}"),
        writing(town.merchant_id, "run") as session,
    ):
        session.execute(statement)


def as_owner(town: Town, statement: str) -> None:
    with owning() as connection:
        connection.execute("select set_config('app.merchant', %s, true)", [str(town.merchant_id)])
        connection.execute(statement.encode())
