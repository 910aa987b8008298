"""What a meter comes to: events sorted out, grouped, aggregated and rounded.

The order in which events come plays no part: they are taken by (time, id).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from msgspec import Struct, structs

from kesto.core.metering.aggregations import AGGREGATIONS
from kesto.core.metering.event import Event, Problem, Reading, text_of
from kesto.core.metering.span import Span
from kesto.core.metering.spec import Meter

CONFLICT = Problem("conflict", "has the id of an earlier event with other content")

Labels = tuple[str | None, ...]


class Skipped(Struct, frozen=True, gc=False):
    """An event that is left out: its place in the list, and why."""

    index: int
    event: Event
    problem: Problem


class Group(Struct, frozen=True, gc=False):
    """The quantity of the events with the same values of the properties grouped by."""

    labels: Labels
    quantity: Fraction


class Metered(Struct, frozen=True, gc=False):
    """What is billed (never below zero), the level that goes on, and what was left out."""

    quantity: Fraction
    level: Fraction
    skipped: tuple[Skipped, ...]
    groups: tuple[Group, ...]


def meter_events(meter: Meter, span: Span, events: Sequence[Event]) -> Metered:
    """Aggregate the events of a period; with groups the quantity is the sum of theirs."""
    skipped: list[Skipped] = []
    by_group: dict[Labels, list[tuple[Event, Reading]]] = {}
    for index, event, is_conflicting in _once_each(events):
        if not _counts(meter, span, event):
            continue
        reading = CONFLICT if is_conflicting else AGGREGATIONS[meter.aggregation].read(meter, event)
        if isinstance(reading, Problem):
            skipped.append(Skipped(index, event, reading))
        else:
            by_group.setdefault(labels_of(meter, event), []).append((event, reading))
    in_order = {
        labels: [reading for _, reading in sorted(found, key=_moment)]
        for labels, found in by_group.items()
    }
    return structs.replace(meter_readings(meter, span, in_order), skipped=tuple(skipped))


def meter_readings(
    meter: Meter, span: Span, readings: Mapping[Labels, Sequence[Reading]]
) -> Metered:
    """Aggregate readings that are sorted out already: by group, in the order of (time, id)."""
    measure = AGGREGATIONS[meter.aggregation].measure
    measured = {labels: measure(meter, found, span) for labels, found in readings.items()}
    if not meter.group_by and not measured:
        measured[()] = measure(meter, (), span)
    groups = tuple(
        Group(labels, billed_quantity(meter, measured[labels].quantity))
        for labels in sorted(measured, key=label_order)
    )
    return Metered(
        sum((group.quantity for group in groups), Fraction(0)),
        sum((found.level for found in measured.values()), Fraction(0)),
        (),
        groups if meter.group_by else (),
    )


def _once_each(events: Sequence[Event]) -> Iterator[tuple[int, Event, bool]]:
    """Leave out what was sent again, and tell what has an earlier one's id but not its content."""
    seen: dict[tuple[str, str], Event] = {}
    for index, event in enumerate(events):
        first = seen.get((event.source, event.id)) if event.id else None
        if first is None:
            seen[event.source, event.id] = event
            yield index, event, False
        elif not event.says_the_same(first):
            yield index, event, True


def _counts(meter: Meter, span: Span, event: Event) -> bool:
    """Tell whether an event lies in the period (or before it, when carried) and in the filter."""
    if event.at >= span.end_at or (event.at < span.start_at and meter.carry == "period"):
        return False
    return passes(meter, event)


def passes(meter: Meter, event: Event) -> bool:
    """Tell whether an event passes a meter's filter."""
    return all(
        text_of(event.properties.get(name)) in accepted for name, accepted in meter.accepted.items()
    )


def labels_of(meter: Meter, event: Event) -> Labels:
    """Return the values that an event is grouped by; one that is missing is a group of its own."""
    return tuple(text_of(event.properties.get(name)) for name in meter.group_by)


def billed_quantity(meter: Meter, quantity: Fraction) -> Fraction:
    """Return what is billed of a measured quantity: never below zero, rounded as the meter says."""
    billed = max(quantity, Fraction(0))
    return billed if meter.rounding is None else meter.rounding.rounded(billed)


def _moment(found: tuple[Event, Reading]) -> tuple[datetime, str]:
    return found[0].at, found[0].id


def label_order(labels: Labels) -> list[tuple[bool, str]]:
    """Return what groups are sorted by: their labels, a missing one last."""
    return [(label is None, label or "") for label in labels]
