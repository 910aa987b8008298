"""A meter that is made in the editor, with the price that it counts for."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from kesto.adapters.files import checks
from kesto.core.catalog import SoldMeter
from kesto.core.fields import Fields
from kesto.core.metering import AGGREGATIONS, Meter, parse_meter
from kesto.core.refusals import Invalid
from kesto.store.ids import new_id
from kesto.web.office.draft import Values

NEW = "+new"
"""Chosen instead of a meter's code; no code has a plus sign."""

FIELDS = ("meter_name", "meter_aggregation", "meter_property", "meter_unit")
USUAL = "sum"
COMPUTED = "="
"""What begins so is computed from the numbers of an event, as in a spreadsheet."""

Note = Callable[[str, Invalid], object]


def counting_of(aggregation: str, text: str, group_by: tuple[str, ...] = ()) -> Meter:
    """How events are counted: by a property, or by what is computed. Raises Invalid."""
    text = text.strip()
    if not text.startswith(COMPUTED):
        return Meter(aggregation, text or None, group_by=group_by)
    written = {"aggregation": aggregation, "expression": text.removeprefix(COMPUTED)}
    try:
        counting = parse_meter(Fields(written))
    except Invalid as invalid:
        raise Invalid(invalid.detail, code="bad_expression", field="property_name") from invalid
    return replace(counting, group_by=group_by)


class NewMeters:
    """The meters that a draft makes: rows that name the same one share it."""

    def __init__(self, known: Mapping[str, SoldMeter], code_of: Callable[[str], str]) -> None:
        self._known = known
        self._code_of = code_of
        self.added: dict[str, SoldMeter] = {}

    def code(self, values: Values, at: str, names: Mapping[str, str], note: Note) -> str:
        """The code of a row's meter, made now where it is a new one; what is wrong is noted."""
        chosen = values.get("meter", "")
        if chosen != NEW:
            return chosen
        name = checks.tidied(values.get("meter_name", ""))
        field = f"{at}-meter_name"
        code = self._code_of(name)
        if not code:
            note(field, Invalid("", code="missing", field=field))
            return ""
        if code in self._known:
            note(field, Invalid("", code="exists", field=field))
            return code
        try:
            made = self._made(code, values, name, names)
        except Invalid as invalid:
            note(f"{at}-meter_property", invalid)
            return code
        there = self.added.setdefault(code, made)
        if there.meter != made.meter:
            note(field, Invalid("", code="twice", field=field))
        return code

    def _made(self, code: str, values: Values, name: str, names: Mapping[str, str]) -> SoldMeter:
        wanted = values.get("meter_aggregation", "")
        aggregation = wanted if wanted in AGGREGATIONS else USUAL
        counting = counting_of(aggregation, values.get("meter_property", ""))
        unit = checks.tidied(values.get("meter_unit", ""))[:40]
        return SoldMeter(new_id(), code, dict.fromkeys(names or ("en",), name), counting, unit)
