"""Packed arrays come back from the database as what went into them."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from kesto.store import arrays
from kesto.store.session import reading
from tests.town import Town

TEXTS = ["", "a", "ääni", "null", '{"a",\\}', "x" * 5_000, "€" * 1_023]
INSTANTS = [
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 10, 25, 3, 30, 0, 1, tzinfo=timezone(timedelta(hours=3))),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]
IDS = [UUID(int=0), UUID(int=1), UUID(int=2**128 - 1), UUID("00ff" * 8)]


def back(town: Town, kind: str, packed: object) -> list[object]:
    """What the database reads in an array, in its order."""
    query = f"select t.v from unnest(%(packed)s::{kind}[]) with ordinality t (v, n) order by n"  # noqa: S608 - types of ours
    with reading(town.merchant_id) as session:
        return [row[0] for row in arrays.rows(session, query, {"packed": packed})]


@pytest.mark.parametrize("missing", [[], [None]])
def test_texts_come_back_with_those_that_are_missing(town: Town, missing: list[None]) -> None:
    values = [*TEXTS, *missing, *TEXTS]
    assert back(town, "text", arrays.texts(values)) == values
    encoded = [None if value is None else value.encode() for value in values]
    assert arrays.encoded(encoded) == arrays.texts(values)


def test_an_array_of_nothing_is_not_sent() -> None:
    assert arrays.texts([None, None]) is arrays.encoded([None]) is None


def test_instants_come_back_to_the_microsecond(town: Town) -> None:
    inner = INSTANTS[:3]
    assert back(town, "timestamptz", arrays.instants(inner)) == inner
    texts = back(town, "text", arrays.texts([one.isoformat() for one in INSTANTS]))
    query = "select %(packed)s::timestamptz[] = %(texts)s::text[]::timestamptz[]"
    with reading(town.merchant_id) as session:
        packed = {"packed": arrays.instants(INSTANTS), "texts": texts}
        assert arrays.rows(session, query, packed) == [(True,)]


def test_ids_come_back_whichever_way_they_were_held(town: Town) -> None:
    assert back(town, "uuid", arrays.uuids(IDS)) == IDS
    assert arrays.uuids_of([one.bytes for one in IDS]) == arrays.uuids(IDS)
    assert back(town, "uuid", arrays.uuids([])) == []
