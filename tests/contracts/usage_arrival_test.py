"""What is kept of an event: the very value that its meter counts."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from kesto.core.catalog import SoldMeter
from kesto.core.metering import Meter
from kesto.core.metering.event import Event
from kesto.core.metering.sent import Sent
from kesto.flows.usage_arrival import arrival_of, counting_of

NOBODY = bytes(16)
AT = datetime(2026, 10, 20, tzinfo=UTC)


@pytest.mark.parametrize("aggregation", ["sum", "max", "latest", "weighted_sum"])
def test_what_an_expression_comes_to_is_kept_and_not_the_events_own_value(
    aggregation: str,
) -> None:
    meter = SoldMeter(UUID(int=0), "cost", {}, Meter(aggregation, expression="value * 1.5"))
    sent = Sent("cost", Event(AT, "7", {}, "e1"), NOBODY, NOBODY)
    arrival, _ = arrival_of(sent, counting_of(meter), NOBODY, is_priced=True)
    assert arrival.number == "10.5"
