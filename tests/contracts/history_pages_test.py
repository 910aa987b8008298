"""What happened to subscriptions stands in the timelines of office and portal, whoever did it."""

from uuid import UUID

import pytest

from kesto.core.changes import AddAddOn, Cancel, ChangePlan, Pause
from kesto.flows.give_credit import NewCredit, give_credit
from kesto.words.passing import TEXTS
from tests.contracts.office_visits import member
from tests.contracts.portal_visits import text_of, visit_of
from tests.town import ACTOR, Citizen, Town, day


@pytest.fixture
def aino(town: Town) -> Citizen:
    return town.customer("Aino")


@pytest.fixture
def lived(town: Town, aino: Citizen) -> UUID:
    """A subscription with a change, a pause that ended by itself, and an end."""
    own = aino.subscribes("basic", on="2026-10-01")
    town.clock("2026-10-05")
    aino.changes(own, ChangePlan("plus"))
    aino.changes(own, AddAddOn("safety"))
    aino.changes(own, Pause(day("2026-10-10"), day("2026-10-15")))
    town.clock("2026-10-20")
    aino.changes(own, Cancel())
    town.clock("2026-11-20")
    return own


def test_the_customers_timeline_tells_what_happened_to_subscriptions(
    town: Town, aino: Citizen, lived: UUID
) -> None:
    credit = NewCredit(kind="paid", amount_minor=500, reason="Package")
    give_credit(town.merchant_id, aino.customer.id, credit, town.now, ACTOR)
    other = aino.subscribes("max", on="2026-11-10")
    page = text_of(member(town, "owner").get(f"/office/customers/{aino.customer.id}/"))
    timeline = page.split('id="timeline"')[1]
    for said in (
        *("Plan: Plus", "Add-on Safety", "Paused, goes on 15 October 2026"),
        *("The pause ended by itself; the subscription went on from 15 October 2026", "Cancelled"),
        *("Ended; the last day was 3 November 2026", "Credit was given", "Package", "€5.00"),
        *("Became a customer", "told on 20 October 2026"),
    ):
        assert said in timeline, said
    for own in (lived, other):
        assert f'href="/office/subscriptions/{own}/"' in timeline


def test_the_pages_of_a_subscription_tell_what_time_did(
    town: Town, aino: Citizen, lived: UUID
) -> None:
    said = ("The pause ended by itself", "Ended; the last day was 3 November 2026")
    office = text_of(member(town, "owner").get(f"/office/subscriptions/{lived}/"))
    portal = text_of(visit_of(aino).get(f"/portal/subscriptions/{lived}/"))
    for page in (office, portal):
        for text in said:
            assert text in page
    finnish = text_of(visit_of(aino, "fi").get(f"/portal/subscriptions/{lived}/"))
    assert "Päättyi; viimeinen päivä oli 3.11.2026" in finnish


def test_every_language_tells_the_same() -> None:
    kinds = [set(texts) for texts in TEXTS.values()]
    assert kinds[0] == kinds[1] == kinds[2]
