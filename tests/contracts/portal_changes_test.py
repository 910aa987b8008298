"""A subscriber changes their own subscription: seen before, done once, and nobody else's."""

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from msgspec.structs import replace

from kesto.core.catalog import PlanTerms, PlanVersion, SoldNoun
from kesto.core.changes import AddExtra, Cancel, ChangePlan, Pause, Withdraw
from kesto.flows.offer_in_portal import offer_in_portal
from kesto.flows.quote_change import quote_change
from kesto.store import catalogue, deeds
from kesto.store.session import Session, reading
from kesto.verify.proof import verify
from tests.contracts.portal_visits import text_of, visit_of
from tests.town import ACTOR, Citizen, Town, day

QUOTE = re.compile(r'name="quote" value="(quo_[0-9a-f]{32})"')


@pytest.fixture
def aino(town: Town) -> Citizen:
    return town.customer("Aino")


@pytest.fixture
def plus(town: Town, aino: Citizen) -> UUID:
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-20")
    return own


@pytest.fixture
def client(aino: Citizen, plus: UUID) -> Client:
    assert plus
    return visit_of(aino)


def at(own: UUID, rest: str = "") -> str:
    return f"/portal/subscriptions/{own}/{rest}"


def seen(client: Client, own: UUID, action: str, **asked: str) -> str:
    page = text_of(client.post(at(own, f"{action}/"), asked))
    assert QUOTE.search(page), page
    return page


def confirms(client: Client, own: UUID, page: str, action: str = "plan") -> Any:
    found = QUOTE.search(page)
    assert found is not None
    return client.post(at(own, "confirm/"), {"quote": found[1], "action": action})


def landed(client: Client, answer: Any) -> str:
    assert answer.status_code == 302, text_of(answer)
    return text_of(client.get(answer.headers["Location"]))


def test_plans_are_shown_with_difference_and_day(client: Client, plus: UUID) -> None:
    home = text_of(client.get("/portal/"))
    assert at(plus) in home
    page = text_of(client.get(at(plus, "plan/")))
    assert "+€20.00" in page  # Max is 49.90
    assert "€5.00" in page  # the minimum of Seats
    assert "−€19.90" in page  # Basic is 10.00
    assert "Begins today." in page
    assert "Begins on 1 November 2026." in page
    assert "Your plan now" in page


def test_an_upgrade_is_seen_then_done_once(client: Client, plus: UUID, town: Town) -> None:
    page = seen(client, plus, "plan", plan="max")
    assert "Plan: Max" in page
    assert "Without the change: €29.90 on 1 November 2026." in page
    assert rows_of(page) == [
        ("On 20 October 2026", "+€7.75"),  # 12 of 31 days: 19.32 less 11.57
        ("From 1 November 2026 on, every month", "+€20.00"),
    ]
    after = landed(client, confirms(client, plus, page))
    assert "The change is confirmed." in after
    assert "Max" in after
    assert "you, 20 October 2026" in after
    assert "This was done already." in landed(client, confirms(client, plus, page))
    assert len(town.history(plus)) == 2
    home = text_of(client.get("/portal/"))
    assert "Plus" not in home.split('id="contract-0-title"')[1].split("</h2>")[0]
    assert verify(town.merchant_id) == []


def rows_of(page: str) -> list[tuple[str, str]]:
    """What a preview says that changes in the bills."""
    card = page.split('aria-labelledby="changes')[1].split("</section>", maxsplit=1)[0]
    found = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", card, re.DOTALL)
    return [(label, re.sub(r"<[^>]*>", "", value).strip()) for label, value in found]


def test_a_cheaper_plan_begins_with_the_next_period(client: Client, plus: UUID) -> None:
    page = seen(client, plus, "plan", plan="basic")
    assert "from 1 November 2026 on" in page
    assert rows_of(page) == [
        ("On 1 November 2026", "−€29.90"),  # Basic is paid when its month is over
        ("From 1 December 2026 on, every month", "−€19.90"),
    ]


def test_what_a_subscriber_planned_is_called_off_by_them(
    client: Client, plus: UUID, town: Town
) -> None:
    landed(client, confirms(client, plus, seen(client, plus, "plan", plan="basic")))
    ahead = card_of(text_of(client.get(at(plus))), "ahead")
    event = re.search(r'name="event" value="(\d+)"', ahead)
    assert event is not None
    page = seen(client, plus, "call-off", event=event[1])
    assert "Call off what you planned" in page
    assert "It is called off." in landed(client, confirms(client, plus, page, "call-off"))
    assert 'aria-labelledby="ahead' not in text_of(client.get(at(plus)))
    assert "This was done already." in landed(client, confirms(client, plus, page, "call-off"))
    gone = client.post(at(plus, "call-off/"), {"event": event[1]})
    assert "No such change of yours lies ahead any more." in landed(client, gone)
    assert verify(town.merchant_id) == []


@pytest.mark.parametrize("event", ["", "x", "0", "9" * 30, "²"])
def test_nonsense_is_not_called_off(client: Client, plus: UUID, event: str) -> None:
    answer = client.post(at(plus, "call-off/"), {"event": event})
    assert "No such change of yours lies ahead any more." in landed(client, answer)


def test_what_the_seller_planned_is_not_the_subscribers_to_call_off(
    client: Client, aino: Citizen, plus: UUID
) -> None:
    aino.changes(plus, ChangePlan("basic"))
    ahead = card_of(text_of(client.get(at(plus))), "ahead")
    assert "Plan: Basic" in ahead
    assert "Call off" not in ahead
    landed(client, confirms(client, plus, seen(client, plus, "cancel"), "cancel"))
    assert "Call off" not in card_of(text_of(client.get(at(plus))), "ahead")
    with reading(aino.town.merchant_id) as session:
        planned = max(deeds.deeds(session, plus))
    answer = client.post(at(plus, "call-off/"), {"event": str(planned)})
    assert "No such change of yours lies ahead any more." in landed(client, answer)


def card_of(page: str, name: str) -> str:
    """The card of a page with such a name."""
    return page.split(f'aria-labelledby="{name}')[1].split("</section>", maxsplit=1)[0]


def test_cancelling_takes_three_clicks_and_says_all(client: Client, plus: UUID, town: Town) -> None:
    home = text_of(client.get("/portal/"))
    first = re.search(rf'href="({at(plus)}cancel/)"', home)
    assert first is not None
    form = text_of(client.get(first[1]))
    assert "Your last day would be 3 November 2026." in form
    assert "The notice period is the one in the contract." in form
    preview = seen(client, plus, "cancel")
    assert "€2.99" in preview  # three of thirty days
    assert "Cancel now" in preview
    after = landed(client, confirms(client, plus, preview, "cancel"))
    assert "The subscription is cancelled." in after
    assert "Cancelled, last day 3 November 2026" in after
    kept = landed(client, confirms(client, plus, seen(client, plus, "keep"), "keep"))
    assert "Your subscription goes on." in kept
    assert [kind for _, kind in town.history(plus)] == ["subscribed", "cancelled", "called_off"]


def test_add_ons_come_and_go(client: Client, plus: UUID) -> None:
    page = text_of(client.get(at(plus, "add-ons/")))
    assert "€4.99 a month" in page
    landed(client, confirms(client, plus, seen(client, plus, "add", add_on="safety")))
    assert "Give up" in text_of(client.get(at(plus, "add-ons/")))
    page = seen(client, plus, "remove", add_on="safety")
    assert "Add-on Safety ends" in page


def test_what_is_refused_is_said_and_keeps_what_was_typed(client: Client, plus: UUID) -> None:
    early = text_of(
        client.post(at(plus, "cancel/"), {"last_day": "2026-10-21", "reason": "moving"})
    )
    assert "The contract binds longer than this day." in early
    assert 'value="moving"' in early
    paused = {"on": "2026-11-01", "until": "2026-12-01"}
    assert "This plan can’t be paused." in text_of(client.post(at(plus, "pause/"), paused))
    same = text_of(client.post(at(plus, "plan/"), {"plan": "plus"}))
    assert "This plan runs on that day already." in same
    late = text_of(client.post(at(plus, "withdraw/")))
    assert "The time for withdrawing is over." in late
    assert client.get(at(plus, "nonsense/")).status_code == 404
    assert client.post(at(plus, "extra/"), {"product": "line"}).status_code == 404


def test_a_stale_quote_shows_the_new_one(
    client: Client, plus: UUID, aino: Citizen, town: Town
) -> None:
    page = seen(client, plus, "cancel")
    aino.changes(plus, ChangePlan("max"))
    again = text_of(confirms(client, plus, page, "cancel"))
    assert "Something changed meanwhile." in again
    assert len(town.history(plus)) == 2
    assert "cancelled" in landed(client, confirms(client, plus, again, "cancel"))


def test_within_the_days_of_the_law_one_withdraws(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-05")
    client = visit_of(aino)
    assert "Withdraw from the contract here" in text_of(client.get(at(own)))
    page = seen(client, own, "withdraw")
    assert "You get this back" in page
    landed(client, confirms(client, own, page, "withdraw"))
    assert [kind for _, kind in town.history(own)][-1] == "withdrawn"


def test_another_customers_subscription_is_not_there(town: Town, client: Client) -> None:
    other = town.customer("Mallory").subscribes("plus", on="2026-10-01")
    assert client.get(at(other)).status_code == 404
    assert client.get(at(other, "plan/")).status_code == 404
    for action in ("plan", "cancel", "keep", "confirm", "add", "pause"):
        answer = client.post(at(other, f"{action}/"), {"plan": "max", "add_on": "safety"})
        assert answer.status_code == 404
    assert len(town.history(other)) == 1


def test_a_quote_of_another_or_of_staff_is_not_confirmed(
    town: Town, client: Client, plus: UUID
) -> None:
    mallory = town.customer("Mallory")
    other = mallory.subscribes("plus", on="2026-10-01")
    theirs = seen(visit_of(mallory), other, "plan", plan="max")
    assert "is not there" in landed(client, confirms(client, plus, theirs))
    for command in (
        AddExtra("line", Decimal(100)),
        Cancel(last_day=day("2026-10-21"), waives_notice=True),
        Withdraw(pays_for_use=False),
    ):
        quoted = quote_change(town.merchant_id, plus.hex, command, town.now)
        answer = client.post(at(plus, "confirm/"), {"quote": f"quo_{quoted.quote.id.hex}"})
        assert "is not there" in landed(client, answer)
    assert len(town.history(plus)) == len(town.history(other)) == 1


def test_a_payer_looks_and_the_holder_changes(town: Town, aino: Citizen) -> None:
    veikko = town.customer("Veikko")
    own = aino.subscribes("plus", on="2026-10-01", payer="veikko")
    veikko.subscribes("year", on="2026-11-01")
    town.clock("2026-10-11")
    payer, holder = visit_of(veikko), visit_of(aino)
    page = text_of(payer.get(at(own)))
    assert "You pay for this subscription." in page
    assert 'id="actions"' not in page
    assert payer.get(at(own, "plan/")).status_code == 403
    assert payer.post(at(own, "cancel/")).status_code == 403
    # The holder sees what the change costs, and nothing else that the payer has.
    preview = seen(holder, own, "plan", plan="max")
    assert "299.00" not in preview
    assert "Somebody else pays." in preview
    landed(holder, confirms(holder, own, preview))
    assert "the holder" in text_of(payer.get(at(own)))
    assert day("2026-10-11") == town.now.date()


def test_a_pause_within_the_plans_terms(
    town: Town, aino: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_pauses(monkeypatch)
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-20")
    client = visit_of(aino)
    assert "A pause lasts at most 30 days." in text_of(client.get(at(own, "pause/")))
    long = {"on": "2026-11-01", "until": "2027-01-01"}
    refused = text_of(client.post(at(own, "pause/"), long))
    assert "longer than a pause may be" in refused
    assert 'value="2027-01-01"' in refused
    page = seen(client, own, "pause", on="2026-11-01", until="2026-11-11")
    assert "Paused, goes on 11 November 2026" in page
    after = landed(client, confirms(client, own, page, "pause"))
    assert "End the pause" in after
    (invoice,) = town.bill(on="2026-11-01")
    assert invoice.invoice.total_minor < 2990
    assert verify(town.merchant_id) == []


def with_pauses(patch: pytest.MonkeyPatch) -> None:
    """Let the contracts of all plans allow pauses of 30 days."""
    published = catalogue.plan_versions

    def pausable(session: Session) -> dict[tuple[str, int], tuple[PlanVersion, bytes]]:
        terms = PlanTerms(longest_pause_days=30)
        found = published(session)
        return {key: (replace(one, terms=terms), seal) for key, (one, seal) in found.items()}

    patch.setattr(catalogue, "plan_versions", pausable)


def offers(town: Town, noun: SoldNoun, code: str, *, is_offered: bool) -> None:
    at = (town.merchant_id, noun, code, town.now)
    offer_in_portal(*at, ACTOR, is_offered=is_offered)


def test_only_what_is_offered_can_be_chosen(client: Client, plus: UUID, town: Town) -> None:
    shown = seen(client, plus, "plan", plan="max")
    offers(town, "plan", "max", is_offered=False)
    offers(town, "plan", "plus", is_offered=False)
    page = text_of(client.get(at(plus, "plan/")))
    assert 'value="max"' not in page
    assert 'value="plus"' in page  # what one has is still shown
    assert "This can’t be chosen here." in text_of(client.post(at(plus, "plan/"), {"plan": "max"}))
    late = landed(client, confirms(client, plus, shown))
    assert "This can’t be chosen here." in late
    assert len(town.history(plus)) == 1
    offers(town, "plan", "max", is_offered=True)
    landed(client, confirms(client, plus, seen(client, plus, "plan", plan="max")))
    assert len(town.history(plus)) == 2
    assert verify(town.merchant_id) == []


def test_an_add_on_that_is_offered_no_more_stays_with_whom_it_has(
    client: Client, plus: UUID, town: Town
) -> None:
    landed(client, confirms(client, plus, seen(client, plus, "add", add_on="safety")))
    offers(town, "add_on", "safety", is_offered=False)
    page = text_of(client.get(at(plus, "add-ons/")))
    assert "Give up" in page
    assert "Safety" in page
    landed(client, confirms(client, plus, seen(client, plus, "remove", add_on="safety")))
    town.clock("2026-11-20")
    refused = text_of(client.post(at(plus, "add/"), {"add_on": "safety"}))
    assert "This can’t be chosen here." in refused


def test_where_nothing_else_is_offered_no_change_of_plan_is(
    client: Client, plus: UUID, town: Town
) -> None:
    assert at(plus, "plan/") in text_of(client.get(at(plus)))
    with reading(town.merchant_id) as session:
        codes = {code for code, _ in catalogue.plan_versions(session)}
    for code in codes:
        offers(town, "plan", code, is_offered=False)
    assert at(plus, "plan/") not in text_of(client.get(at(plus)))


def test_a_pause_that_runs_is_said_on_the_first_page_and_what_it_costs_on_its_own(
    town: Town,
) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.clock("2026-10-05")
    aino.changes(own, Pause(until=day("2026-10-20"), percent=Decimal(0)))
    assert "Paused until 19 October 2026" in text_of(visit_of(aino).get("/portal/"))
    mine = text_of(visit_of(aino).get(f"/portal/subscriptions/{own}/"))
    assert "What it costs" in mine
    assert "€29.90 every month" in mine


def test_what_comes_back_is_no_invoice_that_falls_due(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-05")
    aino.changes(own, Cancel())
    page = text_of(visit_of(aino).get("/portal/"))
    ((title, amount, note),) = re.findall(
        r'figure-label"[^>]*>([^<]*)</h2><p[^>]*>([^<]*)</p><p[^>]*>([^<]*)', page
    )
    assert title == "You get back"
    assert amount.startswith("€")
    assert note.startswith("By a credit note on 20 October 2026")
