"""ClickHouse's SQL: values written into it, windows as a table, what is left out.

Only ids, numbers, instants and names of zones stand in queries: no text that anybody sent.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from kesto.store.usage.port import ALL, Wanted, Window

TABLE = "usage_event"
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2299, 12, 31, tzinfo=UTC)
"""Instants outside these can't be written down; no event is outside."""

WINDOW_COLUMNS = (
    "n UInt32, subscription_id UUID, meter_id UUID, start_at DateTime64(6, \\'UTC\\'),"
    " end_at DateTime64(6, \\'UTC\\')"
)
# How answers are written, and that a server that lags behind the others says so rather than answer.
READING = (
    " settings output_format_json_quote_decimals = 1, output_format_json_quote_64bit_integers = 0,"
    " output_format_decimal_trailing_zeros = 0, date_time_output_format = 'iso',"
    " join_use_nulls = 0, max_query_size = 1000000000, select_sequential_consistency = 1"
)
# One block for each insert, known by its token, whole on all that must have it before it is
# acknowledged. An insert through a Distributed table waits for the shards.
WRITING = (
    " settings insert_deduplicate = 1, insert_deduplication_token = '{}', async_insert = 0,"
    " insert_quorum = 'auto', insert_quorum_parallel = 0, distributed_foreground_insert = 1,"
    " max_partitions_per_insert_block = 0, max_insert_block_size = 10000000,"
    " min_insert_block_size_rows = 10000000, min_insert_block_size_bytes = 0,"
    " input_format_parallel_parsing = 0, max_insert_threads = 1,"
    " date_time_input_format = 'best_effort', input_format_null_as_default = 1"
)


class Scope(Struct, frozen=True):
    """Whose events are read, up to which batch, without those of batches that wait elsewhere."""

    merchant_id: UUID
    seen: int = ALL
    without: Sequence[int] = ()

    @property
    def condition(self) -> str:
        """What an event has to fulfil."""
        parts = [f"merchant_id = {quoted(self.merchant_id)}"]
        if self.seen != ALL:
            parts.append(f"ingest_no <= {self.seen}")
        if self.without:
            lines = "".join(f"{one}\\n" for one in self.without)
            parts.append(f"ingest_no not in (select no from format(TSV, 'no Int64', '{lines}'))")
        return " and ".join(parts)


def quoted(value: UUID) -> str:
    """An id."""
    return f"toUUID('{value}')"


def instant(value: datetime) -> str:
    """An instant."""
    return f"toDateTime64('{_clamped(value)}', 6, 'UTC')"


def zone_name(value: str) -> str:
    """The name of a zone."""
    if not value.replace("/", "").replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise ValueError(value)
    return f"'{value}'"


def windows_table(windows: Sequence[Window]) -> str:
    """Windows as a table, numbered in their order."""
    lines = "".join(
        f"{n}\\t{one.subscription_id}\\t{one.meter_id}\\t{_clamped(one.start_at)}"
        f"\\t{_clamped(one.end_at)}\\n"
        for n, one in enumerate(windows)
    )
    return f"(select * from format(TSV, '{WINDOW_COLUMNS}', '{lines}'))"


def in_windows(scope: Scope, windows: Sequence[Window], columns: Iterable[str]) -> str:
    """What comes after `from` in a query over the counted events `e` of windows `w`.

    The events are found by the key of the table: merchant, subscription, meter, time.
    """
    table = windows_table(windows)
    start_at, end_at = min(one.start_at for one in windows), max(one.end_at for one in windows)
    return (
        f" (select subscription_id, meter_id, at, {', '.join(columns)} from {TABLE}"
        f"  where {scope.condition} and problem = ''"
        f"  and (subscription_id, meter_id) in (select subscription_id, meter_id from {table})"
        f"  and at >= {instant(start_at)} and at < {instant(end_at)}) e"
        f" inner join {table} w"
        "  on w.subscription_id = e.subscription_id and w.meter_id = e.meter_id"
        " where e.at >= w.start_at and e.at < w.end_at"
    )


def is_wanted(scope: Scope, wanted: Wanted) -> str:
    """What an event that is wanted has to fulfil."""
    parts = [scope.condition, f"subscription_id = {quoted(wanted.subscription_id)}"]
    if wanted.meter_id is not None:
        parts.append(f"meter_id = {quoted(wanted.meter_id)}")
    if wanted.start_at is not None:
        parts.append(f"at >= {instant(wanted.start_at)}")
    if wanted.end_at is not None:
        parts.append(f"at < {instant(wanted.end_at)}")
    if wanted.is_counted:
        parts.append("problem = ''")
    return " and ".join(parts)


def _clamped(value: datetime) -> str:
    return f"{min(max(value, FIRST), LAST).astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
