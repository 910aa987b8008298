"""What is encoded for COPY is what PostgreSQL reads; no column of a run's tables is left out."""

import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from kesto.store import copying
from kesto.store.copying import Id, Medium, Small, Word
from kesto.store.invoice_writer import COLUMNS

UUIDS = st.uuids()
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
FIELDS: dict[str, tuple[object, str, st.SearchStrategy[object]]] = {
    "amount": (int, "bigint", st.integers(-(2**63), 2**63 - 1)),
    "own": (UUID, "uuid", UUIDS),
    "kind": (Word, "text", TEXTS),
    "is_there": (bool, "boolean", st.booleans()),
    "day": (date, "date", st.dates()),
    "part": (Small, "smallint", st.integers(-(2**15), 2**15 - 1)),
    "note": (str, "text", TEXTS),
    "place": (Medium, "integer", st.integers(-(2**31), 2**31 - 1)),
    "sha256": (bytes, "bytea", st.binary(max_size=40)),
    "other": (UUID | None, "uuid", st.none() | UUIDS),
    "at": (datetime, "timestamptz", st.datetimes(timezones=st.just(UTC))),
    "rate": (Decimal, "numeric", st.decimals(allow_nan=False, allow_infinity=False)),
}


class Everything(Struct, frozen=True):
    amount: int
    own: UUID
    kind: str
    is_there: bool
    day: date
    part: int
    note: str
    place: int
    sha256: bytes
    other: UUID | None
    at: datetime
    rate: Decimal


@pytest.fixture
def table(superuser: psycopg.Connection) -> psycopg.Connection:
    columns = ", ".join([f"{name} {column}" for name, (_, column, _) in FIELDS.items()])
    superuser.execute(f"create temporary table everything ({columns}) on commit drop".encode())
    return superuser


def brought_in(
    connection: psycopg.Connection, columns: Sequence[str], rows: list[bytes]
) -> list[tuple[object, ...]]:
    statement = f"copy everything ({', '.join(columns)}) from stdin (format binary)"
    with connection.cursor().copy(statement.encode()) as copy:
        copy.write(copying.file(rows))
    found = connection.execute("select * from everything").fetchall()
    connection.execute("truncate everything")
    return found


@settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(*(strategy for *_, strategy in FIELDS.values())), max_size=5))
def test_what_goes_in_comes_out(
    table: psycopg.Connection, values: list[tuple[object, ...]]
) -> None:
    fields = copying.fixed_last({name: kind for name, (kind, *_) in FIELDS.items()})
    encode = copying.encoder(fields)
    head = copying.row(len(fields))
    rows = [head + encode(Everything(*value)) for value in values]  # type: ignore[arg-type]  # drawn in the order of the fields
    assert brought_in(table, tuple(fields), rows) == values


@pytest.mark.parametrize("number", ["0", "-0.00", "1e3", "0.000000000001", "10000", "-9999.9999"])
def test_a_number_keeps_its_value_and_its_places(
    superuser: psycopg.Connection, number: str
) -> None:
    copying.numeric_field.cache_clear()  # equal numbers of other places share their bytes
    body = copying.numeric_field(Decimal(number))[4:]
    row = superuser.execute("select numeric_send(%s::numeric)", [number]).fetchone()
    assert row == (body,)


def test_an_instant_is_the_same_in_any_zone() -> None:
    moment = datetime(2026, 11, 1, 9, tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=2)))
    assert copying.instant_field(moment) == copying.instant_field(elsewhere)


def test_a_packer_writes_what_an_encoder_writes() -> None:
    own = UUID(int=7)
    packed = copying.packer(Id, Small, str, int)(own.bytes, 3, "ä", 5)
    one_by_one = [copying.packer(kind)(value) for kind, value in ((UUID, own), (Small, 3))]
    assert packed == b"".join([*one_by_one, copying.text_field("ä"), copying.packer(int)(5)])


@pytest.mark.parametrize(("kind", "value"), [(Small, 2**15), (Medium, 2**31), (int, 2**63)])
def test_a_number_that_does_not_fit_is_no_other_number(kind: type, value: int) -> None:
    with pytest.raises((struct.error, OverflowError)):
        copying.packer(kind)(value)


@pytest.mark.parametrize("table", COLUMNS)
def test_every_column_of_a_run_s_tables_is_filled(
    superuser: psycopg.Connection, table: str
) -> None:
    rows = superuser.execute(
        "select attname from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
        [table],
    )
    assert {name for (name,) in rows} == set(COLUMNS[table])
