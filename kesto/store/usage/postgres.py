"""Usage events in PostgreSQL: appended in one statement, counted in sets, read one by one."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kesto.core.counting import Ask
from kesto.core.metering.metered import Labels
from kesto.core.metering.sent import SOURCE
from kesto.core.pricing import Usage
from kesto.store import arrays
from kesto.store.session import Session
from kesto.store.usage.moves import refuse_elsewhere
from kesto.store.usage.port import ALL, Arrivals, EventStore, KeptEvent, Sum, Wanted, Window
from kesto.store.usage.postgres_asks import intervals, readings
from kesto.store.usage.postgres_windows import EVENTS, WINDOWS, parameters

MOST_ROWS = 5_000
"""How many events a statement brings in at most: its text stays within a few megabytes."""

# What is usual and the same for all is not sent: an array that is null has nulls for everyone.
# Arrays among what is selected are read side by side; in `from` each is written out as rows first.
KEEP = """
    insert into usage_event (merchant_id, ingest_no, received_at, subscription_id, meter_id, at,
        key, event_id, number, sent, properties, source, problem, name, is_removal, labels,
        happened_at)
    select %(merchant)s, %(batch)s, %(now)s, t.subscription_id, t.meter_id, t.at, t.key,
        t.event_id, t.number::numeric, coalesce(t.sent, t.number), t.properties::jsonb,
        coalesce(t.source, 'api'), coalesce(t.problem, ''), t.name, t.is_removal is not null,
        t.labels::text[], t.happened_at::timestamptz
    from (
        select unnest(%(subscriptions)s::uuid[]) as subscription_id,
            unnest(%(meters)s::uuid[]) as meter_id, unnest(%(ats)s::timestamptz[]) as at,
            unnest(%(keys)s::uuid[]) as key, unnest(%(ids)s::text[]) as event_id,
            unnest(%(numbers)s::text[]) as number, unnest(%(sent)s::text[]) as sent,
            unnest(%(properties)s::text[]) as properties, unnest(%(sources)s::text[]) as source,
            unnest(%(problems)s::text[]) as problem, unnest(%(names)s::text[]) as name,
            unnest(%(removals)s::text[]) as is_removal, unnest(%(labels)s::text[]) as labels,
            unnest(%(happened)s::text[]) as happened_at) t
"""

COLUMNS = (
    "key, subscription_id, meter_id, at, happened_at, source, event_id, number, name, is_removal,"
    " labels, problem, sent, properties, ingest_no, received_at"
)


class PostgresEvents(EventStore):
    """The event store that comes with everything else."""

    def keep(self, session: Session, arrivals: Arrivals, batch: int, now: datetime) -> None:
        """Append events whose keys were new, committed together with the session."""
        refuse_elsewhere(session)
        fixed = {"merchant": session.merchant_id, "batch": batch, "now": now}
        places = range(len(arrivals))
        for start in range(0, len(arrivals), MOST_ROWS):
            are_few = len(arrivals) <= MOST_ROWS
            part = arrivals if are_few else arrivals.picked(places[start : start + MOST_ROWS])
            arrays.often(session, KEEP, {**fixed, **_columns(part)})

    def sums(
        self, session: Session, windows: Sequence[Window], batch: int = ALL
    ) -> list[dict[Labels, Sum]]:
        """What many windows come to up to a batch, by the labels of their groups."""
        refuse_elsewhere(session)
        rows = arrays.rows(
            session,
            "select w.n, e.labels, count(*), sum(e.number), max(e.number), max(e.ingest_no)"
            f" from {WINDOWS} cross join lateral {EVENTS} group by w.n, e.labels",
            parameters(session, windows, batch),
        )
        found: list[dict[Labels, Sum]] = [{} for _ in windows]
        for n, labels, *sums in rows:
            found[n][tuple(labels or ())] = Sum(*sums)
        return found

    def count(
        self, session: Session, asks: Sequence[Ask], batch: int = ALL
    ) -> Iterator[tuple[Ask, Usage, int]]:
        """The answers to asks that no sums are enough for, each with the newest batch in it."""
        refuse_elsewhere(session)
        priced = [ask for ask in asks if ask.way == "intervals"]
        if priced:
            yield from intervals(session, priced, batch)
        others = [ask for ask in asks if ask.way != "intervals"]
        if others:
            yield from readings(session, others, batch)

    def events(
        self, session: Session, wanted: Wanted, limit: int, after: UUID | None = None
    ) -> list[KeptEvent]:
        """So many events in the order of (time, key), after the one with a key."""
        where, values = _where(session, wanted)
        if after is not None:
            where += (
                " and (at, key) > ((select at from event_key"
                " where merchant_id = %s and key = %s), %s::uuid)"
            )
            values += [session.merchant_id, after, after]
        rows = session.rows(
            f"select {COLUMNS} from usage_event where {where} order by at, key limit %s",
            *(*values, limit),
        )
        return [KeptEvent(*row) for row in rows]

    def how_many(self, session: Session, wanted: Wanted, most: int = ALL) -> int:
        """How many events there are; `most` is enough to know."""
        where, values = _where(session, wanted)
        row = session.row(
            f"select count(*) from (select from usage_event where {where} limit %s) t",
            *(*values, most),
        )
        return row[0] if row else 0

    def by_day(self, session: Session, wanted: Wanted, zone: str) -> list[tuple[date, Decimal]]:
        """What counted events come to on each local day that has any."""
        where, values = _where(session, wanted)
        rows = session.rows(
            "select (at at time zone %s)::date as day, sum(number) from usage_event"
            f" where {where} group by day order by day",
            *(zone, *values),
        )
        return [(row[0], row[1]) for row in rows]


def _columns(part: Arrivals) -> dict[str, object]:
    return {
        "subscriptions": arrays.uuids_of(part.subscription_ids),
        "meters": arrays.uuids_of(part.meter_ids),
        "ats": arrays.instants_of(part.instants),
        "keys": arrays.uuids_of(part.keys),
        "ids": arrays.texts(part.event_ids),
        "numbers": arrays.texts(part.numbers),
        "sent": arrays.texts(
            [
                None if sent == number else sent
                for sent, number in zip(part.sents, part.numbers, strict=True)
            ]
        ),
        "properties": arrays.encoded(part.properties),
        "sources": _rare(part.sources, SOURCE),
        "problems": _rare(part.problems, ""),
        "names": arrays.texts(part.names),
        "removals": _rare(part.removals, False, lambda _: "t"),
        "labels": _rare(part.labels, None, _literal),
        "happened": _rare(part.happened_ats, None, datetime.isoformat),
    }


def _rare(
    values: Sequence[Any], usual: object, text_of: Callable[[Any], str] = str
) -> arrays.Packed | None:
    """Texts of values of which nearly all are the usual one, which is not sent."""
    if values.count(usual) == len(values):
        return None
    return arrays.texts([None if value == usual else text_of(value) for value in values])


def _literal(labels: Sequence[str | None]) -> str:
    """An array of texts as PostgreSQL writes it."""
    quoted = (
        "null" if one is None else '"' + one.replace("\\", r"\\").replace('"', r"\"") + '"'
        for one in labels
    )
    return f"{{{','.join(quoted)}}}"


def _where(session: Session, wanted: Wanted) -> tuple[str, list[object]]:
    refuse_elsewhere(session)
    conditions: dict[str, object] = {
        "merchant_id = %s": session.merchant_id,
        "subscription_id = %s": wanted.subscription_id,
        "meter_id = %s": wanted.meter_id,
        "at >= %s": wanted.start_at,
        "at < %s": wanted.end_at,
        "ingest_no <= %s": wanted.seen,
    }
    given = {text: value for text, value in conditions.items() if value is not None}
    counted = " and problem = ''" if wanted.is_counted else ""
    return " and ".join(given) + counted, list(given.values())
