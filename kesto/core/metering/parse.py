"""A meter read from plain fields and refused by name."""

from collections.abc import Mapping
from typing import get_args

from kesto.core.fields import Fields
from kesto.core.metering.aggregations import AGGREGATIONS
from kesto.core.metering.event import text_of
from kesto.core.metering.expression import expression
from kesto.core.metering.numbers import numeric
from kesto.core.metering.spec import Carry, Meter, Rounding, RoundTo
from kesto.core.refusals import Invalid

CARRIES: tuple[Carry, ...] = get_args(Carry)
WAYS_TO_ROUND: tuple[RoundTo, ...] = get_args(RoundTo)
MOST_DIGITS = 12
FEWEST_DIGITS = -15


def parse_meter(fields: Fields) -> Meter:
    """Read a meter.

    Raises Invalid naming the field: an unknown aggregation or field, proration of what can't be
    prorated, a level carried in beside groups.
    """
    aggregation = fields.choice("aggregation", tuple(AGGREGATIONS))
    meter = Meter(
        aggregation,
        fields.text("property") if fields.has("property") else None,
        _accepted(fields),
        _group_by(fields),
        fields.choice("carry", CARRIES, "period"),
        fields.optional_decimal("initial", is_signed=True),
        fields.flag("prorate", default=False),
        _rounding(fields.optional_section("rounding")),
        _expression(fields, aggregation),
    )
    fields.close()
    if meter.is_prorated and not AGGREGATIONS[aggregation].can_be_prorated:
        able = ", ".join(name for name, found in AGGREGATIONS.items() if found.can_be_prorated)
        fields.refuse("contradiction", "prorate", f"can't split a {aggregation}; it is for {able}")
    if meter.group_by and meter.initial:
        fields.refuse(
            "contradiction", "initial", "can't stand beside group_by: it would belong to no group"
        )
    return meter


def _expression(fields: Fields, aggregation: str) -> str:
    """An expression that can be read, of a meter that counts numbers and names no property."""
    if not fields.has("expression"):
        return ""
    text = fields.text("expression").strip()
    if AGGREGATIONS[aggregation].read is not numeric:
        fields.refuse("contradiction", "expression", f"can't be counted by a {aggregation}")
    if fields.has("property"):
        fields.refuse("contradiction", "expression", "can't stand beside property; give one")
    try:
        expression(text)
    except Invalid as invalid:
        fields.refuse(invalid.code, "expression", invalid.detail)
    return text


def _accepted(fields: Fields) -> dict[str, frozenset[str]]:
    given = fields.plain("filter")
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        fields.refuse("not_an_object", "filter", "must be an object: a list for each property")
    section = Fields(given, fields.at("filter"))
    return {name: frozenset(_texts(section, name)) for name in map(str, given)}


def _group_by(fields: Fields) -> tuple[str, ...]:
    names = _texts(fields, "group_by") if fields.has("group_by") else []
    if len(set(names)) < len(names):
        fields.refuse("twice", "group_by", "names a property twice")
    return tuple(names)


def _texts(fields: Fields, name: str) -> list[str]:
    texts = []
    for item in fields.items(name):
        text = text_of(item)
        if text is None:
            fields.refuse("bad_text", name, "must be a list of texts")
        texts.append(text)
    if not texts:
        fields.refuse("empty", name, "must hold at least one text")
    return texts


def _rounding(fields: Fields | None) -> Rounding | None:
    if fields is None:
        return None
    rounding = Rounding(
        fields.choice("round", WAYS_TO_ROUND), fields.count("digits", 0, least=FEWEST_DIGITS)
    )
    if rounding.digits > MOST_DIGITS:
        fields.refuse("bad_count", "digits", f"may be at most {MOST_DIGITS}")
    fields.close()
    return rounding
