"""What a pause does is said in portal and office before anybody asks for one."""

from decimal import Decimal
from typing import Any

import pytest

from kesto.core.catalog import PlanTerms
from kesto.flows.show_subscription import ShownSubscription, show_subscription
from kesto.store.session import reading
from kesto.web.ui.pause_words import pause_words
from tests.boxes import opened
from tests.contracts.office_visits import member
from tests.contracts.portal_visits import text_of, visit_of
from tests.town import Town


def about(town: Town, plan: str, **terms: Any) -> ShownSubscription:
    own = town.customer(f"Aino {plan}").subscribes(plan, on="2026-10-01")
    with reading(town.merchant_id) as session:
        shown = show_subscription(session, own, town.now, "en")
    shown.life.terms = PlanTerms(**terms)
    return shown


@pytest.mark.parametrize(
    ("percent", "said"),
    [
        (0, "The fixed prices cost nothing for the days of the pause. What was billed"),
        (10, "For the days of the pause 10% of the fixed prices is charged. What was billed"),
        (100, "The fixed prices cost as much as before during the pause."),
    ],
)
def test_what_it_costs(town: Town, percent: int, said: str) -> None:
    shown = about(town, "basic", paused_percent=Decimal(percent))
    assert next(pause_words(shown)).startswith(said)


def test_deliveries_and_usage_are_spoken_of_where_there_are_any(town: Town) -> None:
    assert any("billed as usual" in one for one in pause_words(about(town, "metered")))
    boxes = " ".join(pause_words(about(opened(town), "box")))
    assert "Nothing is delivered on the days of the pause." in boxes
    plain = " ".join(pause_words(about(town, "basic", reminder_days=0)))
    assert "billed as usual" not in plain
    assert "delivered" not in plain
    assert "reminds" not in plain


def test_both_pages_say_it(town: Town) -> None:
    aino = opened(town).customer("Aino")
    own = aino.subscribes("box", on="2026-10-01")
    for client, room in ((visit_of(aino), "portal"), (member(town, "service"), "office")):
        page = text_of(client.get(f"/{room}/subscriptions/{own}/pause/"))
        assert "What a pause does" in page
        assert "The billing day stays the same" in page


def test_what_can_not_be_paused_says_so_and_asks_nothing(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("basic", on="2026-10-01")
    page = text_of(visit_of(aino).get(f"/portal/subscriptions/{own}/pause/"))
    assert "This plan can’t be paused." in page
    assert 'name="until"' not in page
