"""History and what is made from it: items, terms, spans and groups are built again and compared."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kesto.core.calendar import Interval, Schedule
from kesto.core.history import Subscribed, read_event
from kesto.core.ids import shown
from kesto.store.proof import ITEM, Case
from kesto.store.subscriptions import item_rows
from kesto.verify.finding import Finding, finding
from kesto.verify.sources import Sources
from kesto.verify.subscriptions import R2

Rows = Mapping[Any, tuple[Any, ...]]


def check_history(case: Case, _sources: Sources) -> Iterator[Finding]:
    """Compare what stands about a group's subscriptions with what their history says."""
    group = case.group
    own = shown("billing_group", group.id)
    newest = max((event[0] for event in case.events), default=0)
    if newest != group.history_seq:
        problem = f"stands at event {group.history_seq}, the newest is {newest}"
        yield finding(R2, table="billing_group", id=own, customer=case.payer, problem=problem)
    spans: dict[Any, tuple[Any, ...]] = {}
    items: dict[Any, tuple[Any, ...]] = {}
    terms: dict[Any, tuple[Any, ...]] = {}
    for seq, subscription_id, kind, effective_on, document in case.events:
        event = read_event(document)
        if (kind, effective_on) != ("subscribed", event.start_on):
            problem = f"event {seq} says other things outside than inside"
            yield finding(R2, table="subscription_event", id=str(subscription_id), problem=problem)
        spans[subscription_id] = _span(event)
        terms[subscription_id] = _term(event)
        for made in item_rows(subscription_id, event):
            items[made["id"]] = tuple(_value(made, column) for column in ITEM[1:])
    stored = {row[0]: row[3:] for row in case.subscriptions}
    yield from _compared("subscription", stored, spans, case)
    yield from _compared("subscription_item", {row[0]: row[1:] for row in case.items}, items, case)
    yield from _compared("contract_term", {row[0]: row[1:] for row in case.terms}, terms, case)
    for row in case.subscriptions:
        if row[2] != group.payer_id:
            problem = "its payer is not the payer of its billing group"
            yield finding(R2, table="subscription", id=str(row[0]), problem=problem)


def _span(event: Subscribed) -> tuple[Any, ...]:
    cadence = (event.zone, event.alignment, event.billing_day, event.anchor)
    return (*cadence, event.start_on, event.end_on)


def _term(event: Subscribed) -> tuple[Any, ...]:
    months = event.minimum_months
    schedule = Schedule(event.start_on, Interval("month", months)) if months else None
    until = schedule.boundary(1) if schedule else None
    return (event.start_on, months, until, event.notice_days)


def _value(row: Mapping[str, Any], column: str) -> Any:
    return Decimal(row[column]) if column == "quantity" else row[column]


def _compared(table: str, stored: Rows, made: Rows, case: Case) -> Iterator[Finding]:
    for own in stored.keys() | made.keys():
        is_, should_be = stored.get(own), made.get(own)
        if is_ != should_be:
            yield finding(
                R2,
                table=table,
                id=str(own),
                customer=case.payer,
                stored=_texts(is_),
                recomputed=_texts(should_be),
            )


def _texts(row: Sequence[Any] | None) -> list[str] | None:
    return None if row is None else [str(value) for value in row]
