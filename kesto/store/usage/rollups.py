"""Rollups: what windows come to, kept beside the events and kept up with each batch.

A row says something about events only: those of a subscription and a meter from one instant to
before another. So nothing that happens to a subscription makes it wrong; what moves asks for other
instants. The row without labels leads: it is opened, locked and read first, and a meter that groups
has a row for each group beside it. All writers take rows in the order of the key.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import add
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.metering.metered import Labels
from kesto.store import arrays
from kesto.store.session import Session
from kesto.store.usage.port import ALL, Arrivals, EventStore, Sum, Window, picking
from kesto.store.usage.postgres_windows import WINDOWS, parameters

KEY = "merchant_id, subscription_id, meter_id, end_at, start_at, labels"
COLUMNS = f"{KEY}, events, added, highest, newest_no, history_seq, is_filled"
OF_WINDOW = (
    "merchant_id = %(merchant)s and subscription_id = w.subscription_id and meter_id = w.meter_id"
    " and end_at = w.end_at and start_at = w.start_at"
)
LEADING = f"""
    select w.n, r.events, r.added, r.highest, r.newest_no
    from {WINDOWS} cross join lateral (
        select * from usage_rollup where {OF_WINDOW} and labels = '{{}}'
            and is_filled and newest_no <= %(seen)s offset 0) r
"""
GROUPS = f"""
    select w.n, r.labels, r.events, r.added, r.highest, r.newest_no
    from {WINDOWS} cross join lateral (
        select * from usage_rollup where {OF_WINDOW} and labels <> '{{}}' offset 0) r
"""
UNFILLED = f"""
    select from {WINDOWS} cross join lateral (
        select from usage_rollup where {OF_WINDOW} and labels = '{{}}' and not is_filled offset 0) r
    limit 1
"""
# An event is in every window around it, and in each once for all and once for its group.
KEEP_UP_GROUPS = f"""
    insert into usage_rollup as kept ({COLUMNS})
    select %(merchant)s, e.subscription_id, e.meter_id, r.end_at, r.start_at, l.labels,
        count(*), sum(e.number), max(e.number), %(batch)s, r.history_seq, false
    from json_to_recordset(%(events)s) as e
            (subscription_id uuid, meter_id uuid, at timestamptz, number numeric, labels text[])
        cross join lateral (
            select end_at, start_at, history_seq from usage_rollup
            where merchant_id = %(merchant)s and subscription_id = e.subscription_id
                and meter_id = e.meter_id and end_at > e.at and start_at <= e.at
                and cardinality(labels) = 0 offset 0) r
        cross join lateral (
            select '{{}}'::text[] union select coalesce(e.labels, '{{}}')) l (labels)
    group by e.subscription_id, e.meter_id, r.end_at, r.start_at, l.labels, r.history_seq
    order by e.subscription_id, e.meter_id, r.end_at, r.start_at, l.labels
    on conflict ({KEY}) do update set
        events = kept.events + excluded.events,
        added = kept.added + excluded.added,
        highest = greatest(kept.highest, excluded.highest),
        newest_no = greatest(kept.newest_no, excluded.newest_no)
"""
# Where no meter groups, which is usual: rows are there, so changing them is half the work.
KEEP_UP = """
    select keep_up_rollups(%(merchant)s, %(batch)s, %(subscriptions)s::uuid[], %(meters)s::uuid[],
        %(firsts)s::timestamptz[], %(lasts)s::timestamptz[], %(singles)s::text[],
        %(times_of_several)s::text[], %(numbers_of_several)s::text[])
"""
OPEN = f"""
    insert into usage_rollup as kept ({COLUMNS})
    select %(merchant)s, w.subscription_id, w.meter_id, w.end_at, w.start_at, '{{}}',
        0, 0, null, 0, s.history_seq, false
    from {WINDOWS} join unnest(%(n)s::bigint[], %(seqs)s::bigint[]) s (n, history_seq) using (n)
    order by w.subscription_id, w.meter_id, w.end_at, w.start_at
    on conflict ({KEY}) do update set
        history_seq = greatest(kept.history_seq, excluded.history_seq)
"""
LOCK_UNFILLED = f"""
    select r.subscription_id, r.meter_id, r.start_at, r.end_at, r.history_seq
    from {WINDOWS} join usage_rollup r
        on r.merchant_id = %(merchant)s and r.subscription_id = w.subscription_id
            and r.meter_id = w.meter_id and r.end_at = w.end_at and r.start_at = w.start_at
            and r.labels = '{{}}' and not r.is_filled
    order by r.subscription_id, r.meter_id, r.end_at, r.start_at for update of r
"""
FILL = f"""
    insert into usage_rollup as kept ({COLUMNS})
    select %(merchant)s, f.subscription_id, f.meter_id, f.end_at, f.start_at, f.labels,
        f.events, f.added, f.highest, f.newest_no, f.history_seq, true
    from json_populate_recordset(null::usage_rollup, %(rows)s) f
    order by f.subscription_id, f.meter_id, f.end_at, f.start_at, f.labels
    on conflict ({KEY}) do update set
        events = excluded.events,
        added = excluded.added,
        highest = excluded.highest,
        newest_no = excluded.newest_no,
        is_filled = true
"""
# Prices that sums are enough for; the few others that are named here are asked about and left out.
WITHOUT = """
    select distinct g.id from billing_group g
        join subscription_item i on i.merchant_id = g.merchant_id and i.billing_group_id = g.id
        join price p on p.merchant_id = i.merchant_id and p.meter <> ''
            and (p.plan_version_id = i.plan_version_id or p.add_on_id = i.add_on_id)
            and p.spec->>'model' not in ('time_series', 'percentage', 'dynamic')
        join meter m on m.merchant_id = p.merchant_id and m.code = p.meter
            and m.spec->>'aggregation' in ('count', 'sum', 'max')
        cross join unnest(%s::timestamptz[]) moment (at)
    where g.merchant_id = %s and g.id > %s
        and i.start_on <= (moment.at + interval '1 day')::date
        and (i.end_on is null or i.end_on >= (moment.at - interval '1 day')::date)
        and not exists (
            select from usage_rollup r
            where r.merchant_id = g.merchant_id and r.subscription_id = i.subscription_id
                and r.meter_id = m.id and r.end_at > moment.at and r.start_at <= moment.at
                and r.labels = '{}' and r.is_filled and r.history_seq >= g.history_seq)
    order by g.id limit %s
"""


class Opened(Struct, frozen=True, gc=False):
    """A window to be kept up, and what was known of its subscription when it was looked at."""

    window: Window
    history_seq: int


def keep_up(session: Session, kept: Arrivals, batch: int) -> None:
    """Add the events of a batch, which are new, to every rollup whose window holds them.

    By one statement, in the order of the key: with two of them, batches would wait for each other.
    """
    counted = kept
    if kept.problems.count("") < len(kept):
        counted = kept.picked([at for at, problem in enumerate(kept.problems) if not problem])
    values: dict[str, object] = {"merchant": session.merchant_id, "batch": batch}
    if any(counted.labels):  # a meter groups
        body = msgspec.json.encode(
            [
                {
                    "subscription_id": UUID(bytes=one.subscription_id),
                    "meter_id": UUID(bytes=one.meter_id),
                    **{name: getattr(one, name) for name in ("at", "number", "labels")},
                }
                for one in counted.each()
            ]
        )
        session.change(KEEP_UP_GROUPS, {**values, "events": body.decode()})
    elif len(counted):
        arrays.often(session, KEEP_UP, {**values, **_columns(counted)})


def read(
    session: Session, windows: Sequence[Window], batch: int = ALL, *, is_grouped: bool = False
) -> list[dict[Labels, Sum] | None]:
    """What windows come to; None where nothing is kept, or what is kept holds a later batch.

    Of meters that group (`is_grouped`) each group by itself.
    """
    values = parameters(session, windows, batch)
    found: list[dict[Labels, Sum] | None] = [None] * len(windows)
    for n, *sums in arrays.rows(session, LEADING, values):
        found[n] = {(): Sum(*sums)} if sums[0] and not is_grouped else {}
    if is_grouped:
        for n, labels, *sums in arrays.rows(session, GROUPS, values):
            own = found[n]
            if own is not None:
                own[tuple(labels)] = Sum(*sums)
    return found


def groups_without(
    session: Session, moments: Sequence[datetime], after: UUID, limit: int
) -> list[UUID]:
    """Groups, after one, in which something metered runs at a moment and no rollup knows of it."""
    rows = session.rows(WITHOUT, list(moments), session.merchant_id, after, limit)
    return [row[0] for row in rows]


def open_windows(session: Session, opened: Sequence[Opened]) -> None:
    """Write rollups down that are not there, unfilled. To be committed before they are filled."""
    windows = [one.window for one in opened]
    seqs = [one.history_seq for one in opened]
    arrays.change(session, OPEN, {**parameters(session, windows, ALL), "seqs": seqs})


def unfilled(session: Session, windows: Sequence[Window]) -> bool:
    """Whether any of the windows is written down and not filled yet."""
    return bool(arrays.rows(session, UNFILLED, parameters(session, windows, ALL)))


def fill(session: Session, windows: Sequence[Window], store: EventStore) -> int:
    """Count what stands unfilled from the events; answers how many windows.

    Every batch that can still come has to know of the rows: see `usage_so_far`. Locked first, then
    counted: a batch that has touched a row is committed by then, and one that comes now waits for
    the row and adds itself to what is counted here.
    """
    rows = arrays.rows(session, LOCK_UNFILLED, parameters(session, windows, ALL))
    locked = [Window(*row[:4]) for row in rows]
    if locked:
        counted = store.sums(session, locked)
        filled = [
            row
            for one, seq, sums in zip(locked, [row[4] for row in rows], counted, strict=True)
            for row in _rows(one, seq, sums)
        ]
        body = msgspec.json.encode(filled).decode()
        session.change(FILL, {"merchant": session.merchant_id, "rows": body})
    return len(locked)


def _rows(
    window: Window, history_seq: int, sums: Mapping[Labels, Sum]
) -> Iterator[dict[str, object]]:
    """The leading row of a window, and one for each group."""
    whole = Sum(
        sum(one.events for one in sums.values()),
        sum((one.added for one in sums.values()), Decimal(0)),
        max((one.highest for one in sums.values()), default=Decimal(0)),
        max((one.newest for one in sums.values()), default=0),
    )
    for labels, found in {(): whole, **{key: one for key, one in sums.items() if key}}.items():
        yield {
            "subscription_id": window.subscription_id,
            "meter_id": window.meter_id,
            "start_at": window.start_at,
            "end_at": window.end_at,
            "labels": labels,
            "events": found.events,
            "added": found.added,
            "highest": found.highest if found.events else None,
            "newest_no": found.newest,
            "history_seq": history_seq,
        }


def _columns(counted: Arrivals) -> dict[str, object]:
    """What `keep_up_rollups` is given: a row for each subscription and meter, in their order.

    Nearly always each has one event only: then all that tells of several is not there.
    """
    owns = [*map(add, counted.subscription_ids, counted.meter_ids)]
    places = {own: place for place, own in enumerate(owns)}
    picked = picking([places[own] for own in sorted(places)])
    columns: dict[str, object] = {
        "subscriptions": arrays.uuids_of(picked(counted.subscription_ids)),
        "meters": arrays.uuids_of(picked(counted.meter_ids)),
    }
    if len(places) == len(owns):
        ats = arrays.instants_of(picked(counted.instants))
        numbers = arrays.texts(picked(counted.numbers))
        nothing = dict.fromkeys(("times_of_several", "numbers_of_several"))
        return {**columns, "firsts": ats, "lasts": ats, "singles": numbers, **nothing}
    meeting: dict[bytes, list[tuple[datetime, str]]] = {own: [] for own in sorted(places)}
    for own, at, number in zip(owns, counted.ats, counted.numbers, strict=True):
        meeting[own].append((at, number))
    rows = list(meeting.values())
    several = [row if row[1:] else [] for row in rows]
    return {
        **columns,
        "firsts": arrays.instants([min(row)[0] for row in rows]),
        "lasts": arrays.instants([max(row)[0] for row in rows]),
        "singles": arrays.texts([None if row[1:] else row[0][1] for row in rows]),
        "times_of_several": arrays.texts(
            [_listed([at.isoformat() for at, _ in row]) for row in several]
        ),
        "numbers_of_several": arrays.texts(
            [_listed([number for _, number in row]) for row in several]
        ),
    }


def _listed(texts: Sequence[str]) -> str | None:
    """An array of times or numbers as PostgreSQL writes it; None where there are none."""
    return f"{{{','.join(texts)}}}" if texts else None
