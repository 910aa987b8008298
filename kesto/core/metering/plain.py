"""A meter as the plain fields that `parse_meter` reads: how it is stored and sent."""

from kesto.core.exact import shown
from kesto.core.metering.spec import Meter


def meter_fields(meter: Meter) -> dict[str, object]:
    """Write a meter as a plain mapping, in one form for equal meters; what is usual is left out."""
    written: dict[str, object] = {"aggregation": meter.aggregation}
    if meter.property_name is not None:
        written["property"] = meter.property_name
    if meter.expression:
        written["expression"] = meter.expression
    if meter.accepted:
        written["filter"] = {name: sorted(meter.accepted[name]) for name in sorted(meter.accepted)}
    if meter.group_by:
        written["group_by"] = list(meter.group_by)
    if meter.carry != "period":
        written["carry"] = meter.carry
    if meter.initial is not None:
        written["initial"] = shown(meter.initial)
    if meter.is_prorated:
        written["prorate"] = True
    if meter.rounding is not None:
        written["rounding"] = {"round": meter.rounding.round, "digits": meter.rounding.digits}
    return written
