"""The tables in ClickHouse, from one template: on a single server, or replicated and sharded.

Events are ordered by merchant, subscription, meter and time, as they are asked for, and lie in
parts by the month. Sums are counted from them: no view has to agree with them. Numbers have the
thirty places that an event may have, and sums of them lose none.
"""

from collections.abc import Sequence

from kesto.core.refusals import Invalid

COLUMNS = """
    merchant_id UUID,
    subscription_id UUID,
    meter_id UUID,
    at DateTime64(6, 'UTC') codec (DoubleDelta, ZSTD),
    key UUID,
    happened_at Nullable(DateTime64(6, 'UTC')),
    source LowCardinality(String),
    event_id String codec (ZSTD),
    number Decimal(76, 30) codec (ZSTD),
    name Nullable(String),
    is_removal Bool,
    labels Array(Nullable(String)),
    problem LowCardinality(String),
    sent String codec (ZSTD),
    properties String codec (ZSTD),
    ingest_no Int64 codec (Delta, ZSTD),
    received_at DateTime64(6, 'UTC') codec (Delta, ZSTD),
    index of_batch ingest_no type minmax granularity 4
"""
ORDER = (
    "partition by toYYYYMM(at)\n"
    "order by (merchant_id, subscription_id, meter_id, at, key)\n"
    "settings {}"
)
# What was sent is known by its token for so many inserts, and for two weeks where there are copies.
SINGLE = "non_replicated_deduplication_window = 10000"
REPLICATED = (
    "replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 1209600"
)


def statements(cluster: str = "") -> Sequence[str]:
    """What makes the tables; running it again changes nothing. Raises Invalid for a strange name.

    On a cluster each shard keeps the subscriptions that its hash says, on all its replicas, and the
    table that is read and written is a Distributed one over them. The macros {shard} and {replica}
    must be those of each server, as ClickHouse's own documents want them.
    """
    if not cluster:
        kept = ORDER.format(SINGLE)
        return [f"create table if not exists usage_event ({COLUMNS})\nengine = MergeTree\n{kept}"]
    if not cluster.replace("_", "").replace("-", "").isalnum():
        detail = "a cluster is named by letters, digits, - and _"
        raise Invalid(detail, code="bad_setting", field="cluster")
    kept = ORDER.format(REPLICATED)
    path = "'/clickhouse/tables/{shard}/{database}/usage_event', '{replica}'"
    shard = (
        f"create table if not exists usage_event_shard on cluster '{cluster}' ({COLUMNS})\n"
        f"engine = ReplicatedMergeTree({path})\n{kept}"
    )
    whole = (
        f"create table if not exists usage_event on cluster '{cluster}' as usage_event_shard\n"
        f"engine = Distributed('{cluster}', currentDatabase(), usage_event_shard,"
        " sipHash64(merchant_id, subscription_id))"
    )
    return [shard, whole]
