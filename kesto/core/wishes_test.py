"""What a customer is told through which channel, before they choose and what they may choose."""

import pytest

from kesto.core.wishes import CHANNELS, GROUPS, NONE, MessageGroup, channels_of, usual_channel


@pytest.mark.parametrize("group", ["invoice", "reminder", "change"])
def test_all_but_offers_come_as_invoices_do_and_must_come_somehow(group: MessageGroup) -> None:
    assert usual_channel(group, "letter") == "letter"
    assert channels_of(group) == CHANNELS
    assert NONE not in channels_of(group)


def test_nobody_gets_offers_unasked_and_they_may_be_declined() -> None:
    assert GROUPS[-1] == "news"
    assert usual_channel("news", "email") == NONE == "none"
    assert channels_of("news") == (*CHANNELS, "none")
