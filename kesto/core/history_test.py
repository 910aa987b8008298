from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core.history import (
    CalledOff,
    ItemStart,
    Paused,
    Resumed,
    Subscribed,
    Told,
    in_effect,
    kind_of,
    read_event,
)
from kesto.core.refusals import Invalid
from tests.items import alignments, day, starts

OWN = UUID(int=9)
BEGUN = Subscribed(
    start_on=day("2028-02-29"),
    alignment="calendar",
    items=(ItemStart(UUID(int=1), UUID(int=70), "plan", "2.5"),),
    zone="Europe/Helsinki",
)


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
                phase=st.integers(-1, 3),
                percent=st.sampled_from([Decimal(0), Decimal("33.3"), Decimal(100)]),
            )
        ).map(tuple),
        billing_day=st.integers(0, 31),
        anchor=st.none() | starts,
        end_on=st.none() | starts,
        billed_from=st.none() | starts,
        currency=st.sampled_from(["", "EUR", "SEK"]),
    )
    | st.builds(Paused, on=starts, until=st.none() | starts)
    | st.builds(Resumed, on=starts)
)
def test_an_event_is_read_as_it_was_written(event: Subscribed | Paused | Resumed) -> None:
    assert read_event(msgspec.json.encode(event)) == event
    assert msgspec.json.decode(msgspec.json.encode(event))["kind"] == kind_of(event)


@pytest.mark.parametrize(
    "document",
    ["", "{}", '{"kind":"subscribed"}', '{"kind":"renamed","start_on":"2028-01-01"}', "[]"],
)
def test_what_is_no_event_is_refused(document: str) -> None:
    with pytest.raises(Invalid, match="can't be read") as refused:
        read_event(document)
    assert refused.value.field == "event"


def test_events_count_by_their_day_and_what_is_called_off_does_not() -> None:
    begun = Told(1, OWN, BEGUN)
    late = Told(2, OWN, Resumed(day("2028-06-01")))
    early = Told(3, OWN, Paused(day("2028-05-01")))
    other = Told(4, OWN, Paused(day("2028-05-01"), percent=Decimal(50)))
    off = Told(5, OWN, CalledOff(day("2028-04-01"), seq=4))
    assert in_effect([begun, late, early, other]) == [begun, early, other, late]
    assert in_effect([begun, late, early, other, off]) == [begun, early, late]
    same_day = replace(BEGUN, start_on=day("2028-05-01"))
    assert in_effect([Told(1, OWN, same_day), early])[0].seq == 1
