"""What each event of a history does to a life, on its day."""

from decimal import Decimal
from uuid import UUID

import pytest
from msgspec import structs

from kesto.core.catalog import PlanTerms
from kesto.core.history import (
    AddOnAdded,
    AddOnRemoved,
    Cancelled,
    Paused,
    PlanChanged,
    QuantityChanged,
    Renewed,
    Resumed,
    Subscribed,
    Told,
    Withdrawn,
)
from kesto.core.item import Cadence, Course, Pause, Step
from kesto.core.life import PLAN, LifeItem, TermSpan
from kesto.core.play import play
from kesto.core.refusals import Invalid
from tests.histories import (
    BASIC,
    BEGUN,
    CARE,
    GROUP,
    PLUS,
    START,
    SUBSCRIPTION,
    TERMS,
    add_on_item,
    lived,
    numbered,
    on,
    plan_item,
    spans,
)


@pytest.mark.parametrize("told", [[], [Told(1, SUBSCRIPTION, Cancelled(START, START))]])
def test_a_history_begins_with_a_subscription(told: list[Told]) -> None:
    with pytest.raises(Invalid) as refused:
        play(told)
    assert refused.value.detail == "a history begins with `subscribed`"
    assert refused.value.field == "event"


def test_a_subscription_begins_only_once() -> None:
    with pytest.raises(Invalid) as refused:
        lived(BEGUN)
    assert (refused.value.detail, refused.value.field) == (
        "a subscription begins only once",
        "event",
    )


def test_a_life_is_what_its_subscription_says() -> None:
    begun = Subscribed(
        START,
        "billing_day",
        (plan_item(), add_on_item(200)),
        billing_day=15,
        zone="Europe/Helsinki",
        end_on=on("2028-10-01"),
        billed_from=on("2027-11-01"),
        terms=TERMS,
        currency="SEK",
        includes_tax=False,
    )
    life = lived(begun=begun)
    cadence = Cadence(START, "billing_day", 15, None, "Europe/Helsinki")
    assert (life.subscription_id, life.start_on, life.zone) == (
        SUBSCRIPTION,
        START,
        "Europe/Helsinki",
    )
    assert (life.cadence, life.first_cadence, life.trial_until) == (cadence, cadence, START)
    assert (life.terms, life.currency, life.includes_tax) == (TERMS, "SEK", False)
    assert (life.billed_from, life.end_on) == (on("2027-11-01"), on("2028-10-01"))
    assert (life.first_group_id, life.group_id, life.payer_id) == (GROUP, GROUP, None)
    assert life.spans == [TermSpan(START, 12, 30)]
    assert spans(life) == [(100, "2027-10-01", "2028-10-01"), (200, "2027-10-01", "2028-10-01")]
    assert life.items[0] == LifeItem(
        UUID(int=100),
        PLAN,
        START,
        cadence,
        Decimal(2),
        "plan",
        BASIC,
        end_on=on("2028-10-01"),
        group_id=GROUP,
    )


def test_phases_follow_each_other_and_a_trial_has_periods_of_its_own() -> None:
    trial = structs.replace(plan_item(phase=0, for_days=14), percent=Decimal(0))
    rest = plan_item(101, phase=1, after_days=14)
    begun = structs.replace(
        BEGUN,
        alignment="anchor",
        anchor=on("2027-01-20"),
        zone="Europe/Oslo",
        cadence_on=on("2027-10-15"),
        items=(trial, rest, add_on_item(200)),
    )
    life = lived(begun=begun)
    cadence = Cadence(on("2027-10-15"), "anchor", 0, on("2027-01-20"), "Europe/Oslo")
    assert (life.cadence, life.trial_until) == (cadence, on("2027-10-15"))
    assert life.first_cadence == structs.replace(cadence, start_on=START)
    assert spans(life) == [
        (100, "2027-10-01", "2027-10-15"),
        (101, "2027-10-15", None),
        (200, "2027-10-01", None),
    ]
    own = Cadence(START, zone="Europe/Oslo")
    assert [item.cadence for item in life.items] == [own, cadence, cadence]
    assert [item.phase for item in life.items] == [0, 1, -1]
    assert life.items[0].course == Course(cadence=own, percent=Decimal(0))


def test_an_add_on_may_bind_for_months_of_its_own() -> None:
    life = lived(
        AddOnAdded(on("2027-11-01"), add_on_item(200), 3),
        AddOnAdded(on("2027-11-01"), add_on_item(201, CARE, "care")),
    )
    assert [numbered(life, number).bound_until for number in (100, 200, 201)] == [
        None,
        on("2028-02-01"),
        None,
    ]


def test_an_add_on_is_added_in_place_of_its_like_and_removed_alone() -> None:
    both = structs.replace(
        BEGUN, items=(plan_item(), add_on_item(200), add_on_item(300, CARE, "care"))
    )
    life = lived(
        AddOnAdded(on("2027-11-01"), add_on_item(201)),
        AddOnRemoved(on("2027-12-01"), "storage"),
        begun=both,
    )
    assert spans(life) == [
        (100, "2027-10-01", None),
        (200, "2027-10-01", "2027-11-01"),
        (300, "2027-10-01", None),
        (201, "2027-11-01", "2027-12-01"),
    ]


def test_another_plan_takes_over_the_quantity_and_drops_what_does_not_go_with_it() -> None:
    begun = structs.replace(
        BEGUN, items=(plan_item(), add_on_item(200), add_on_item(300, CARE, "care"))
    )
    changed = PlanChanged(on("2027-11-10"), (plan_item(101, PLUS, "1"),), dropped=("care",))
    life = lived(QuantityChanged(on("2027-11-01"), "5"), changed, begun=begun)
    assert spans(life) == [
        (100, "2027-10-01", "2027-11-10"),
        (200, "2027-10-01", None),
        (300, "2027-10-01", "2027-11-10"),
        (101, "2027-11-10", None),
    ]
    new = numbered(life, 101)
    assert (new.quantity, new.owner_id, new.carries_on) == (Decimal(5), PLUS, False)
    assert (life.terms, life.spans) == (TERMS, [TermSpan(START, 12, 30)])
    assert life.cadence == Cadence(START)


def test_another_plan_may_have_its_own_quantity_periods_and_terms() -> None:
    terms = PlanTerms(minimum_months=6, notice_days=7)
    changed = PlanChanged(
        on("2027-11-10"),
        (plan_item(101, PLUS, "1"),),
        keeps_quantity=False,
        is_new_cadence=True,
        terms=terms,
    )
    life = lived(changed)
    assert numbered(life, 101).quantity == Decimal(1)
    assert life.cadence == numbered(life, 101).cadence == Cadence(on("2027-11-10"))
    assert life.terms == terms
    assert life.spans == [TermSpan(START, 12, 30), TermSpan(on("2027-11-10"), 6, 7)]
    unbound = lived(structs.replace(changed, terms=PlanTerms(notice_days=1)))
    assert (unbound.terms.notice_days, len(unbound.spans)) == (1, 1)


def test_a_plan_told_for_the_day_of_the_first_one_replaces_it_in_its_own_quantity() -> None:
    life = lived(PlanChanged(START, (plan_item(101, PLUS, "7"),)))
    assert spans(life) == [(100, "2027-10-01", "2027-10-01"), (101, "2027-10-01", None)]
    assert numbered(life, 101).quantity == Decimal(2)
    ended = lived(
        Cancelled(on("2027-11-01"), START),
        PlanChanged(on("2027-11-10"), (plan_item(101, PLUS, "7"),)),
    )
    assert spans(ended)[1] == (101, "2027-11-10", "2027-11-10")


def test_a_plan_change_in_a_trial_ends_it() -> None:
    begun = structs.replace(BEGUN, cadence_on=on("2027-10-15"), zone="Europe/Oslo")
    inside = lived(PlanChanged(on("2027-10-05"), (plan_item(101, PLUS),)), begun=begun)
    assert (inside.trial_until, inside.cadence) == (
        on("2027-10-05"),
        Cadence(on("2027-10-05"), zone="Europe/Oslo"),
    )
    for day in ("2027-10-15", "2027-11-05"):
        after = lived(PlanChanged(on(day), (plan_item(101, PLUS),)), begun=begun)
        assert (after.trial_until, after.cadence.start_on) == (on("2027-10-15"),) * 2


@pytest.mark.parametrize(
    ("from_version", "is_moved"), [(None, True), (BASIC, True), (PLUS, False), (CARE, False)]
)
def test_a_move_is_for_who_still_has_the_old_version(
    from_version: UUID | None, *, is_moved: bool
) -> None:
    life = lived(PlanChanged(on("2027-11-10"), (plan_item(101, PLUS),), moves_from=from_version))
    assert len(life.items) == (2 if is_moved else 1)
    if is_moved:
        assert numbered(life, 101).carries_on is (from_version is not None)
    assert (numbered(life, 100).end_on is None) is not is_moved


def test_who_has_left_is_not_moved() -> None:
    life = lived(PlanChanged(on("2027-09-01"), (plan_item(101, PLUS),), moves_from=BASIC))
    assert spans(life) == [(100, "2027-10-01", None)]


def test_a_quantity_changes_by_steps_and_the_last_told_for_a_day_holds() -> None:
    life = lived(
        QuantityChanged(on("2027-11-01"), "3"),
        QuantityChanged(on("2027-12-01"), "4"),
        QuantityChanged(on("2027-12-01"), "5.5"),
    )
    steps = (Step(on("2027-11-01"), Decimal(3)), Step(on("2027-12-01"), Decimal("5.5")))
    assert numbered(life, 100).steps == steps
    assert numbered(life, 100).quantity == Decimal(2)
    assert numbered(life, 100).course == Course(steps=steps)


def test_a_quantity_from_the_first_day_is_the_quantity() -> None:
    begun = structs.replace(
        BEGUN, items=(plan_item(), add_on_item(200), add_on_item(300, code="x"))
    )
    life = lived(QuantityChanged(START, "3"), QuantityChanged(START, "9", "storage"), begun=begun)
    found = [(item.quantity, item.steps) for item in life.items]
    assert found == [(Decimal(3), ()), (Decimal(9), ()), (Decimal(1), ())]


@pytest.mark.parametrize(
    ("until", "pauses"),
    [
        (None, [Pause(on("2027-11-01"), None, Decimal(25))]),
        ("2027-11-02", [Pause(on("2027-11-01"), on("2027-11-02"), Decimal(25))]),
        ("2027-11-01", []),
        ("2027-10-20", []),
    ],
)
def test_a_pause_lasts_at_least_a_day(until: str | None, pauses: list[Pause]) -> None:
    day = on(until) if until else None
    life = lived(Paused(on("2027-11-01"), day, Decimal(25)))
    assert life.pauses == pauses
    assert numbered(life, 100).course == (Course(pauses=tuple(pauses)) if pauses else None)


@pytest.mark.parametrize(
    ("until", "resumed", "end"),
    [
        (None, "2027-11-11", "2027-11-11"),
        ("2027-11-20", "2027-11-11", "2027-11-11"),
        ("2027-11-20", "2027-11-20", "2027-11-20"),
        ("2027-11-20", "2027-11-25", "2027-11-20"),
    ],
)
def test_service_again_cuts_a_pause_and_does_not_lengthen_it(
    until: str | None, resumed: str, end: str
) -> None:
    paused = Paused(on("2027-11-01"), on(until) if until else None)
    life = lived(paused, Resumed(on(resumed)))
    assert life.pauses == [Pause(on("2027-11-01"), on(end), Decimal(0))]


def test_service_again_on_the_first_day_of_a_pause_takes_it_away() -> None:
    life = lived(Paused(on("2027-11-01")), Resumed(on("2027-11-01")))
    assert life.pauses == []


def test_of_two_notices_the_earlier_day_holds() -> None:
    early, late = Cancelled(on("2027-11-01"), START), Cancelled(on("2027-12-01"), START)
    for notices in ((early,), (early, late), (late, early)):
        life = lived(*notices)
        assert life.end_on == numbered(life, 100).end_on == on("2027-11-01")


def test_a_withdrawal_ends_on_its_day_or_undoes_the_beginning() -> None:
    assert lived(Withdrawn(on("2027-10-06"))).end_on == on("2027-10-06")
    undone = lived(Withdrawn(on("2027-10-06"), pays_for_use=False))
    assert spans(undone) == [(100, "2027-10-01", "2027-10-01")]
    ending = structs.replace(BEGUN, end_on=on("2027-10-06"))
    for pays_for_use in (True, False):
        ended = lived(Withdrawn(on("2027-10-06"), pays_for_use), begun=ending)
        assert ended.end_on == on("2027-10-06")
    assert lived(Withdrawn(on("2027-10-05")), begun=ending).end_on == on("2027-10-05")


def test_a_further_term_moves_an_end_and_adds_none() -> None:
    renewed = Renewed(on("2028-10-01"), 6)
    assert lived(renewed).spans[1:] == [TermSpan(on("2028-10-01"), 6, 30)]
    assert lived(renewed).end_on is None
    ending = structs.replace(BEGUN, end_on=on("2028-10-01"))
    assert lived(renewed, begun=ending).end_on == on("2029-04-01")
    assert lived(Renewed(on("2028-10-01")), begun=ending).end_on is None
    over = lived(renewed, begun=structs.replace(BEGUN, end_on=on("2028-09-30")))
    assert (over.end_on, len(over.spans)) == (on("2028-09-30"), 1)
