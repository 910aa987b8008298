"""A meter written out and read again is the same meter."""

import pytest

from kesto.core.fields import Fields
from kesto.core.metering import meter_fields, parse_meter


@pytest.mark.parametrize(
    "fields",
    [
        {"aggregation": "count"},
        {
            "aggregation": "sum",
            "property": "bytes",
            "filter": {"zone": ["a", "b"]},
            "carry": "since_start",
            "initial": "-2.5",
            "prorate": True,
            "rounding": {"round": "up", "digits": 2},
        },
        {"aggregation": "max", "group_by": ["zone", "kind"]},
    ],
)
def test_a_meter_is_written_as_it_is_read(fields: dict[str, object]) -> None:
    meter = parse_meter(Fields(fields))
    assert meter_fields(meter) == fields
    assert parse_meter(Fields(meter_fields(meter))) == meter
