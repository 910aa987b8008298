"""What is brought in by COPY: fields, columns and types agree, values come back as they were."""

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import replace

from kesto.core import ledger
from kesto.core.invoice import INVOICE, Document, Invoice, explanation_document, seal
from kesto.core.line import Line, Rated
from kesto.core.tax import TaxGroup
from kesto.store import copying, invoice_writer, invoices
from kesto.store.copying import Id, Known, Medium, Small, Word
from kesto.store.ids import new_id, new_ids
from kesto.store.invoice_writer import COLUMNS, Writer
from kesto.store.merchants import billing_entities
from kesto.store.session import Session, reading, writing
from tests.items import day
from tests.town import Town

# A field's type -> the types of column that its encoding is right for.
COLUMN_TYPES: Mapping[object, set[str]] = {
    **{kind: {"uuid"} for kind in (UUID, Known, Id)},
    int: {"int8"},
    Medium: {"int4"},
    Small: {"int2"},
    str: {"text"},
    Word: {"text"},
    bytes: {"bytea", "json"},
    bool: {"bool"},
    date: {"date"},
    datetime: {"timestamptz"},
    Decimal: {"numeric"},
}
FIELDS: Mapping[str, Mapping[str, object]] = {
    "invoice": {"merchant_id": UUID, **invoice_writer._INVOICE},
    "invoice_line": {
        "merchant_id": UUID,
        **invoice_writer._RATED,
        "line_no": Medium,
        "item_id": Id,
        "invoice_id": Id,
    },
    "claim": {"merchant_id": UUID, **invoice_writer._CLAIMED, "item_id": Id, "invoice_id": Id},
}


def columns_of(connection: psycopg.Connection[Any], table: str) -> dict[str, str]:
    rows = connection.execute(
        "select column_name, udt_name from information_schema.columns"
        " where table_schema = 'public' and table_name = %s",
        [table],
    )
    return dict(rows.fetchall())


@pytest.mark.parametrize("table", COLUMNS)
def test_every_column_of_the_table_is_brought_in(superuser: psycopg.Connection, table: str) -> None:
    assert len(set(COLUMNS[table])) == len(COLUMNS[table])
    assert set(COLUMNS[table]) == set(columns_of(superuser, table))


@pytest.mark.parametrize("table", FIELDS)
def test_every_field_has_the_type_of_its_column(superuser: psycopg.Connection, table: str) -> None:
    types = columns_of(superuser, table)
    assert tuple(FIELDS[table]) == COLUMNS[table]
    for name, kind in FIELDS[table].items():
        inner = next((arm for arm in get_args(kind) if arm in COLUMN_TYPES), kind)
        assert types[name] in COLUMN_TYPES[inner], name


def test_the_fields_that_are_written_are_those_of_the_structs() -> None:
    assert set(invoice_writer._INVOICE) == set(Invoice.__struct_fields__)
    elsewhere = {"revenue_account", "explanation"}
    assert set(invoice_writer._RATED) == set(Rated.__struct_fields__) - elsewhere
    assert set(invoice_writer._CLAIMED) < set(invoice_writer._RATED)


# Values that a mistaken order of fields could not hide behind: no two of a kind are the same.
def document(session: Session, ids: list[UUID]) -> Document:
    entity = billing_entities(session)[0].id
    # The run sees every merchant's rows.
    products = session.rows(
        "select id, revenue_account from product where merchant_id = %s order by id",
        session.merchant_id,
    )
    lines = tuple(
        Line(
            ids[10 + n],
            Rated(
                price_id=ids[20 + n],
                product_id=product_id,
                kind=f"kind {n}",
                period_start=day("1999-12-31") + timedelta(days=n),
                period_end=day("2028-02-29") + timedelta(days=n),
                part=32_000 + n,
                revision=n + 1,
                quantity=Decimal("1.000000000001") + n,
                amount_minor=2**40 + n,
                tax_category=f"category {n}",
                tax_rate_percent=Decimal("25.5") - n,
                revenue_account=account,
                explanation=b'{"quantity":"%d","exact":"\xc3\xa4"}' % n,
            ),
        )
        for n, (product_id, account) in enumerate(products)
    )
    taxes = tuple(
        TaxGroup(f"category {n}", Decimal("25.5") - n, 700 + n, 300 + n) for n in range(2)
    )
    postings = ledger.invoice([("3000", 1401)], 601, "EUR")
    head = Invoice(
        id=ids[0],
        kind=INVOICE,
        billing_entity_id=entity,
        billing_group_id=ids[1],
        customer_id=ids[2],
        currency="EUR",
        includes_tax=False,
        invoice_on=day("2026-11-01"),
        due_on=day("2026-11-15"),
        net_minor=1401,
        tax_minor=601,
        total_minor=2002,
        reference="Ångström ✓",
        seller_sha256=b"\x00seller\xff",
        buyer_sha256=b"\x00buyer\xff",
        through=day("2026-10-31"),
        history_seq=2**62,
        credits_invoice_id=None,
        reason="",
        created_at=datetime(2026, 11, 1, 6, 7, 8, 9, UTC),
    )
    return Document(head, lines, taxes, postings)


def test_a_document_is_read_as_it_was_written(town: Town) -> None:
    ids = new_ids(30)
    with writing(town.merchant_id, "run") as session:
        first = document(session, ids)
        second = replace(
            first,
            invoice=replace(first.invoice, id=ids[29], reference="", credits_invoice_id=ids[0]),
            lines=tuple(Line(new_id(), line.rated) for line in first.lines),
        )
        writer = Writer(session)
        writer.add(first)
        writer.add(second)
        writer.write()
        writer.number(first.invoice.created_at)
    with reading(town.merchant_id) as session:
        found = invoices.load(session, [first.invoice.id, second.invoice.id])
        for number, (stored, written) in enumerate(zip(found, (first, second), strict=True), 1):
            assert stored.invoice == written.invoice
            assert stored.lines == written.lines
            assert stored.taxes == written.taxes
            assert stored.number == f"2026-{number:06}"
            sealed = seal(stored.number, written.invoice, written.lines, written.taxes)
            assert stored.sha256 == sealed
        assert_written_beside(session, first)


def assert_written_beside(session: Session, written: Document) -> None:
    """The claims, the explanation, the booking and the outbox of a document."""
    head = written.invoice
    claims = session.rows(
        "select invoice_id, item_id, price_id, kind, period_start, part, revision, period_end,"
        " amount_minor from claim where invoice_id = %s order by revision",
        head.id,
    )
    assert claims == [
        (
            *(head.id, line.item_id, line.rated.price_id, line.rated.kind),
            *(line.rated.period_start, line.rated.part, line.rated.revision),
            *(line.rated.period_end, line.rated.amount_minor),
        )
        for line in written.lines
    ]
    explanation = session.row(
        "select document::text from explanation where invoice_id = %s", head.id
    )
    assert explanation == (explanation_document(written.lines).decode(),)
    booked = session.rows(
        "select e.billing_entity_id, e.kind, e.customer_id, e.booked_on, e.created_at, p.line_no,"
        " p.account, p.amount_minor, p.currency from journal_entry e join posting p"
        " on p.entry_id = e.id where e.id = %s order by p.line_no",
        head.id,
    )
    entry = (head.billing_entity_id, INVOICE, head.customer_id, head.invoice_on, head.created_at)
    assert booked == [
        (*entry, number, posting.account, posting.amount_minor, posting.currency)
        for number, posting in enumerate(written.postings, 1)
    ]
    told = session.rows("select topic, created_at from outbox where subject_id = %s", head.id)
    assert told == [("invoice.issued", head.created_at)]


# --- Each encoder, through a real COPY ---

Copied = Callable[[Sequence[str], Sequence[object], list[tuple[Any, ...]]], list[tuple[Any, ...]]]


@pytest.fixture
def copied(superuser: psycopg.Connection) -> Copied:
    """Bring rows into columns by the encoders of their fields' types, and read them again."""

    def there_and_back(
        columns: Sequence[str], kinds: Sequence[object], values: list[tuple[Any, ...]]
    ) -> list[tuple[Any, ...]]:
        encode = copying.packer(int, *kinds)
        rows = [
            copying.row(1 + len(kinds)) + encode(place, *row) for place, row in enumerate(values)
        ]
        names = [f"value_{n}" for n in range(len(columns))]
        made = ", ".join(f"{name} {column}" for name, column in zip(names, columns, strict=True))
        read = f"select {', '.join(names)} from kept order by place"  # noqa: S608 - names made above
        with superuser.transaction(force_rollback=True):
            superuser.execute(f"create temporary table kept (place int8, {made})".encode())
            with superuser.cursor().copy("copy kept from stdin (format binary)") as copy:
                copy.write(copying.file(rows))
            return superuser.execute(read.encode(), binary=True, prepare=False).fetchall()

    return there_and_back


def one_by_one(copied: Copied, column: str, kind: object, values: list[Any]) -> list[Any]:
    return [value for (value,) in copied([column], [kind], [(value,) for value in values])]


# The fixture keeps nothing from one example to the next.
several = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
decimals = st.decimals(
    Decimal(-(10**12)) + 1, Decimal(10**12) - 1, allow_nan=False, allow_infinity=False, places=12
)
scaled = st.builds(
    lambda number, exponent: Decimal(number).scaleb(exponent),
    st.integers(-(10**9), 10**9),
    st.integers(-12, 2),
)
AWKWARD = [
    *(
        "0",
        "-0",
        "0.00",
        "-0.000",
        "0E+3",
        "1E+2",
        "-1E+11",
        "1",
        "-1",
        "10000",
        "9999",
        "100000000",
    ),
    *(
        "0.1",
        "0.015",
        "-0.0100",
        "0.050000000000",
        "0.0001",
        "0.00010",
        "0.000000000001",
        "-0.000000000001",
        "0.00009999",
        "1.10",
    ),
    *("999999999999.999999999999", "-999999999999.999999999999", "10000.0001", "12345678.87654321"),
]
FIXED = {
    "uuid": ("uuid", UUID, st.uuids()),
    "bigint": ("int8", int, st.integers(-(2**63), 2**63 - 1)),
    "integer": ("int4", Medium, st.integers(-(2**31), 2**31 - 1)),
    "smallint": ("int2", Small, st.integers(-(2**15), 2**15 - 1)),
    "text": ("text", str, texts),
    "bytea": ("bytea", bytes, st.binary()),
    "word": ("text", Word, texts),
    "boolean": ("bool", bool, st.booleans()),
    "date": ("date", date, st.dates()),
    "instant": ("timestamptz", datetime, st.datetimes(timezones=st.just(UTC))),
    "text or null": ("text", str | None, st.none() | texts),
    "uuid or null": ("uuid", UUID | None, st.none() | st.uuids()),
    "numeric or null": ("numeric(24, 12)", Decimal | None, st.none() | decimals),
}


@several
@given(values=st.lists(decimals | scaled, max_size=20))
@example(values=[Decimal(text) for text in AWKWARD])
def test_numbers_come_back_as_they_were(copied: Copied, values: list[Decimal]) -> None:
    assert one_by_one(copied, "numeric(24, 12)", Decimal, values) == values
    # Without a fixed scale too: the digits are PostgreSQL's own.
    assert one_by_one(copied, "numeric", Decimal, values) == values


@pytest.mark.parametrize("text", AWKWARD)
def test_a_number_is_written_as_the_server_writes_it(copied: Copied, text: str) -> None:
    copying.numeric_field.cache_clear()
    value = Decimal(text)
    plain = f"{abs(value) if value == 0 else value:f}"
    assert f"{one_by_one(copied, 'numeric', Decimal, [value])[0]:f}" == plain


@pytest.mark.parametrize(("column", "kind", "values"), FIXED.values(), ids=FIXED)
def test_every_other_kind_comes_back_as_it_was(
    copied: Copied, column: str, kind: object, values: st.SearchStrategy[Any]
) -> None:
    @several
    @given(st.lists(values, max_size=20))
    def come_back(given_values: list[Any]) -> None:
        assert one_by_one(copied, column, kind, given_values) == given_values

    come_back()


@several
@given(fields=st.lists(st.sampled_from(sorted(FIXED)), min_size=1, max_size=8), data=st.data())
def test_fields_of_any_kinds_stand_side_by_side(
    copied: Copied, fields: list[str], data: st.DataObject
) -> None:
    columns, kinds, values = zip(*(FIXED[field] for field in fields), strict=True)
    rows = data.draw(st.lists(st.tuples(*values), max_size=3))
    assert copied(columns, kinds, rows) == rows


@pytest.mark.parametrize(
    "value",
    [date(1, 1, 1), date(1999, 12, 31), date(2000, 1, 1), date(2000, 2, 29), date(9999, 12, 31)],
)
def test_days_around_the_servers_own_beginning_come_back(copied: Copied, value: date) -> None:
    assert one_by_one(copied, "date", date, [value]) == [value]
    instant = datetime(value.year, value.month, value.day, 23, 59, 59, 999_999, UTC)
    assert one_by_one(copied, "timestamptz", datetime, [instant]) == [instant]


def test_an_instant_of_any_zone_is_the_same_instant(copied: Copied) -> None:
    helsinki = timezone(timedelta(hours=2))
    written = datetime(2026, 11, 1, 0, 30, tzinfo=helsinki)
    assert one_by_one(copied, "timestamptz", datetime, [written]) == [written]


@pytest.mark.parametrize(
    "text",
    ["Mäkelä", "Åland", "日本語", "🧾", "a\tb\nc\\d", "'; drop table invoice; --", "", "\u202e"],
)
def test_texts_of_any_script_come_back(copied: Copied, text: str) -> None:
    assert one_by_one(copied, "text", str, [text]) == [text]
    document = json.encode({"text": text})
    assert one_by_one(copied, "json", bytes, [document]) == [{"text": text}]


def test_an_id_comes_back_from_its_bytes(copied: Copied) -> None:
    ids = new_ids(3)
    assert one_by_one(copied, "uuid", Id, [own.bytes for own in ids]) == ids


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, 2**63),
        (int, -(2**63) - 1),
        (Medium, 2**31),
        (Small, 2**15),
        (Small, -(2**15) - 1),
        (Decimal, Decimal("NaN")),
        (Decimal, Decimal("Infinity")),
        (int, Decimal(1)),
        (int, None),
        (date, None),
    ],
)
def test_what_the_column_cannot_hold_is_an_error_and_not_another_value(
    kind: object, value: object
) -> None:
    with pytest.raises((struct.error, TypeError, AttributeError)):
        copying.packer(kind)(value)


def test_an_encoder_follows_the_order_of_its_columns() -> None:
    encode = copying.encoder({"tax_minor": int, "category": str, "net_minor": Small})
    assert encode(TaxGroup("standard", Decimal(1), 2, 3)) == (
        b"\0\0\0\x08"
        + (3).to_bytes(8, "big")
        + b"\0\0\0\x08standard"
        + b"\0\0\0\x02"
        + (2).to_bytes(2, "big")
    )
