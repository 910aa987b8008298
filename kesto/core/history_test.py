from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core.catalog import Price
from kesto.core.history import ItemStart, Subscribed, items_of, price_lookup, read_event
from kesto.core.rating import Cadence
from kesto.core.refusals import Invalid
from tests.items import alignments, day, sold, starts

PLAN, ADD_ON = UUID(int=70), UUID(int=80)
PRICES: Mapping[UUID, tuple[Price, ...]] = {PLAN: (sold(1), sold(2)), ADD_ON: (sold(3),)}
BEGUN = Subscribed(
    start_on=day("2028-02-29"),
    alignment="calendar",
    items=(
        ItemStart(UUID(int=2), ADD_ON, "add_on", "1"),
        ItemStart(UUID(int=1), PLAN, "plan", "2.500000000000"),
    ),
    zone="Europe/Helsinki",
    end_on=day("2028-06-01"),
    billed_from=day("2028-03-01"),
)


def test_an_event_makes_its_items_in_the_order_of_their_ids() -> None:
    plan, add_on = items_of([BEGUN], price_lookup(PRICES))
    assert [plan.id.int, add_on.id.int] == [1, 2]
    assert (plan.quantity, add_on.quantity) == (Decimal("2.5"), Decimal(1))
    assert (plan.prices, add_on.prices) == (PRICES[PLAN], PRICES[ADD_ON])
    assert plan.cadence == add_on.cadence
    assert plan.cadence == Cadence(day("2028-02-29"), "calendar", 0, None, "Europe/Helsinki")
    assert (plan.start_on, plan.end_on) == (day("2028-02-29"), day("2028-06-01"))
    assert plan.first_on == day("2028-03-01")


def test_several_events_add_their_items() -> None:
    later = replace(BEGUN, items=(ItemStart(UUID(int=3), PLAN, "plan", "1"),))
    assert [item.id.int for item in items_of([BEGUN, later], price_lookup(PRICES))] == [1, 2, 3]
    assert items_of([], price_lookup(PRICES)) == []


@given(
    st.builds(
        Subscribed,
        start_on=starts,
        alignment=alignments,
        items=st.lists(
            st.builds(
                ItemStart,
                st.uuids(),
                st.uuids(),
                st.sampled_from(["plan", "add_on"]),
                st.sampled_from(["1", "0.000000000001"]),
            )
        ).map(tuple),
        billing_day=st.integers(0, 31),
        anchor=st.none() | starts,
        end_on=st.none() | starts,
        billed_from=st.none() | starts,
    )
)
def test_an_event_is_read_as_it_was_written(event: Subscribed) -> None:
    assert read_event(msgspec.json.encode(event)) == event


@pytest.mark.parametrize(
    "document",
    ["", "{}", '{"kind":"subscribed"}', '{"kind":"renamed","start_on":"2028-01-01"}', "[]"],
)
def test_what_is_no_event_is_refused(document: str) -> None:
    with pytest.raises(Invalid, match="can't be read") as refused:
        read_event(document)
    assert refused.value.field == "event"
