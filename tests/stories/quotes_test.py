"""What was previewed is what is quoted is what is invoiced, to the cent, whatever is asked for."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kesto.core.changes import (
    AddAddOn,
    AddExtra,
    Cancel,
    ChangeBillingDay,
    ChangePlan,
    ChangeQuantity,
    Command,
    Pause,
    RemoveAddOn,
    Resume,
    Withdraw,
)
from kesto.core.ids import shown
from kesto.core.refusals import Conflict, Refused
from kesto.core.subscription import Term
from kesto.flows.preview_change import GroupPreview
from kesto.flows.preview_next import preview_next
from kesto.flows.quote_change import confirm_quote, quote_change
from kesto.store.invoices import Stored
from kesto.store.session import reading
from kesto.verify.proof import verify
from tests.town import ACTOR, Citizen, Town, day

commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        ChangePlan,
        st.sampled_from(["basic", "plus", "max", "year", "seats"]),
        when=st.sampled_from(["", "now", "period_end"]),
    ),
    st.builds(ChangeQuantity, st.integers(1, 9).map(Decimal)),
    st.builds(AddAddOn, st.sampled_from(["safety", "magazine"])),
    st.builds(RemoveAddOn, st.sampled_from(["safety", "magazine"])),
    st.builds(Pause, percent=st.sampled_from([Decimal(0), Decimal(50)])),
    st.just(Resume()),
    st.builds(ChangeBillingDay, billing_day=st.integers(1, 31), when=st.just("now")),
    st.builds(AddExtra, st.just("reading"), st.sampled_from([Decimal("3.335"), Decimal(12)])),
    st.just(Cancel()),
    st.just(Withdraw()),
)


def total_minor(documents: Sequence[Stored]) -> int:
    return sum(
        one.invoice.total_minor * (1 if one.invoice.kind == "invoice" else -1) for one in documents
    )


def lines_minor(documents: Sequence[Stored]) -> list[int]:
    return sorted(
        line.rated.amount_minor * (1 if one.invoice.kind == "invoice" else -1)
        for one in documents
        for line in one.lines
        if line.rated.amount_minor
    )


def check_bills(town: Town, group: GroupPreview) -> None:
    """Let each of the bills ahead come, and compare."""
    for bill in group.bills:
        made = town.bill(on=bill.bill_on.isoformat())
        assert total_minor(made) == bill.total_minor
        assert lines_minor(made) == sorted(
            line.rated.amount_minor for line in bill.draft.lines if line.rated.amount_minor
        )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["gross", "net"]),
    st.dates(date(2027, 1, 25), date(2028, 3, 3)),
    st.lists(st.tuples(st.integers(0, 40), commands), min_size=1, max_size=5),
)
def test_preview_is_quote_is_invoice(
    booted: object, prices: str, start_on: date, changes: Sequence[tuple[int, Command]]
) -> None:
    assert booted
    town = Town.founded(start_on.isoformat(), includes_tax=prices == "gross")
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on=start_on.isoformat(), term=Term(notice_days=3))
    today = start_on
    town.bill(on=today.isoformat())
    for days, command in changes:
        today = max(town.now.date(), today) + timedelta(days=days)
        town.bill(on=today.isoformat())
        try:
            preview = aino.previews(own, command)
        except Refused:
            continue
        quoted = quote_change(town.merchant_id, own.hex, command, town.now)
        assert [bill.total_minor for bill in quoted.preview.groups[0].bills] == [
            bill.total_minor for bill in preview.groups[0].bills
        ]
        quote_id = shown("quote", quoted.quote.id)
        confirmed = confirm_quote(town.merchant_id, quote_id, town.now, ACTOR)
        assert confirmed.changed is not None
        assert next_totals(town, aino) == [
            bill.total_minor for bill in quoted.preview.groups[0].bills[:1]
        ]
        check_bills(town, quoted.preview.groups[0])
    assert verify(town.merchant_id) == []


def next_totals(town: Town, citizen: Citizen) -> list[int]:
    """What the customer's own pages say of the next invoice."""
    with reading(town.merchant_id) as session:
        ahead = preview_next(session, citizen.customer.id, town.now.date(), "en")
    return [one.view.total_minor for one in ahead]


def test_a_quote_is_carried_out_once_and_goes_stale_when_something_moves(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    first = quote_change(town.merchant_id, own.hex, ChangePlan("max"), town.now)
    aino.changes(own, AddAddOn("safety"))
    stale = confirm_quote(town.merchant_id, shown("quote", first.quote.id), town.now, ACTOR)
    assert stale.changed is None
    assert stale.quoted is not None
    again = shown("quote", stale.quoted.quote.id)
    assert confirm_quote(town.merchant_id, again, town.now, ACTOR).changed is not None
    with pytest.raises(Conflict, match="already"):
        confirm_quote(town.merchant_id, again, town.now, ACTOR)
    assert [kind for _, kind in town.history(own)] == [
        "subscribed",
        "add_on_added",
        "plan_changed",
    ]


def test_a_quote_is_too_old_after_a_day(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    quoted = quote_change(town.merchant_id, own.hex, ChangePlan("max"), town.now)
    town.clock("2026-10-03")
    late = confirm_quote(town.merchant_id, shown("quote", quoted.quote.id), town.now, ACTOR)
    assert late.changed is None
    assert late.quoted is not None
    assert late.quoted.preview.on == day("2026-10-03")
