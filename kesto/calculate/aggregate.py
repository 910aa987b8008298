"""Operation aggregate: what a meter makes of events."""

from collections.abc import Mapping

from kesto.calculate.given import Answer, given_instant, given_zone
from kesto.core.exact import shown
from kesto.core.fields import Fields
from kesto.core.metering import Event, Group, Meter, Skipped, Span, meter_events, parse_meter


def aggregate(fields: Fields) -> Answer:
    """Compute the quantity that a meter bills for a period, and the level it leaves."""
    meter = parse_meter(fields.section("meter"))
    zone = given_zone(fields)
    span = _span(fields.section("period"), zone)
    events = [_event(event, zone) for event in fields.sections("events")]
    fields.close()
    metered = meter_events(meter, span, events)
    answer: Answer = {
        "quantity": shown(metered.quantity),
        "level": shown(metered.level),
        "skipped": [_skipped(skipped) for skipped in metered.skipped],
    }
    if meter.group_by:
        answer["groups"] = [_group(meter, group) for group in metered.groups]
    return answer


def _span(fields: Fields, zone: str) -> Span:
    span = Span(
        given_instant(fields, "start", zone),
        given_instant(fields, "end", zone),
        zone,
        fields.count("full_days", least=1) if fields.has("full_days") else None,
    )
    fields.close()
    return span


def _event(fields: Fields, zone: str) -> Event:
    properties = fields.plain("properties")
    if properties is not None and not isinstance(properties, Mapping):
        fields.refuse("not_an_object", "properties", "must be an object with named values")
    event = Event(
        given_instant(fields, "time", zone),
        fields.plain("value"),
        properties or {},
        fields.text("id", ""),
        fields.text("source", "api"),
    )
    fields.close()
    return event


def _skipped(skipped: Skipped) -> Answer:
    """Write an event that is left out: its place in `events`, its id if it has one, and why."""
    named: Answer = {"id": skipped.event.id} if skipped.event.id else {}
    problem = skipped.problem
    return {"index": skipped.index, **named, "code": problem.code, "reason": problem.detail}


def _group(meter: Meter, group: Group) -> Answer:
    return {
        "by": dict(zip(meter.group_by, group.labels, strict=True)),
        "quantity": shown(group.quantity),
    }
