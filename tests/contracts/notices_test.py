"""What subscribers are told about their contract: each change, and each day that comes nearer."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.changes import Cancel, ChangePlan, GiveCoupon, Pause
from kesto.core.subscription import NewSubscription
from kesto.flows.change_settings import change_merchant
from kesto.flows.live_through import live_through
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.remind import remind
from kesto.flows.subscribe import subscribe
from kesto.flows.take_order import take_order
from kesto.store import merchants
from kesto.store.ids import new_id
from kesto.store.session import reading, writing
from kesto.verify.proof import verify
from kesto.words.document_paper import document_paper
from kesto.words.notice_mail import notice_mail
from kesto.words.notice_words import TEXTS
from kesto.words.views import NoticeView, PartyView, PriceView, ReachedView
from tests.contracts.api_visits import Program, key_for
from tests.contracts.delivery_office import Desk, Server, person, received, rows
from tests.contracts.office_visits import member
from tests.contracts.portal_visits import browser, link_of, text_of, visit_of
from tests.papers import new_renderer
from tests.town import ACTOR, Citizen, Town, day, morning

ABOUT = "select kind, channel, state from message where kind = 'subscription.notice' order by 2"
TOLD = "select kind, about_on::text from notice order by about_on, kind"
PRICES = """
currency = "EUR"
prices_include_tax = true

[[products]]
code = "line"
name.en = "Line"

[[plans]]
code = "tried"
name.en = "Tried"
[[plans.phases]]
code = "trial"
interval = "day"
interval_count = 14
trial = true
[plans.terms]
longest_pause_days = 60
[[plans.prices]]
code = "monthly"
product = "line"
interval = "month"
charged = "advance"
model = "flat"
amount = "19.90"

[[plans]]
code = "bound"
name.en = "Bound"
[plans.terms]
minimum_months = 12
at_term_end = "renew"
renewal_months = 12
[[plans.prices]]
code = "monthly"
product = "line"
interval = "month"
charged = "advance"
model = "flat"
amount = "10.00"

[[coupons]]
code = "half"
name.en = "Half"
percent = 50
duration = "periods"
periods = 2
"""


def published(town: Town) -> None:
    found = read_catalogue(PRICES.encode(), "prices.toml", new_id)
    publish_catalogue(town.merchant_id, found, town.now)


def body(server: Server, address: str) -> str:
    """The plain text that came to an address last."""
    part = received(server)[address].get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


def ordered(aino: Citizen, plan: str, on: str, **order: Any) -> UUID:
    """An order that a person or the API makes."""
    own = new_id()
    wanted = NewSubscription(own, own.hex, aino.customer.external_id, plan, day(on), **order)
    take_order(aino.town.merchant_id, wanted, aino.town.now)
    return own


def wishes(town: Town, **wanted: Any) -> None:
    """Let the merchant's settings be other ones."""
    with reading(town.merchant_id) as session:
        limits = merchants.limits(session)
    change_merchant(town.merchant_id, "Town", replace(limits, **wanted), town.now, ACTOR)


def test_an_order_and_a_notice_are_confirmed_with_days_and_the_next_invoice(
    town: Town, desk: Desk, server: Server
) -> None:
    aino = person(town, "Aino", language="en")
    own = ordered(aino, "plus", "2026-10-01")
    desk.deliver()
    said = body(server, "aino@example.com")
    assert "This is what you ordered" in said
    assert "Plus: from 1 October 2026" in said.replace("\u00a0", " ")
    assert "Next invoice" in said
    assert "€44.90" in said
    town.bill(on="2026-10-01")
    desk.deliver()  # the invoice
    aino.changes(own, Cancel())
    desk.deliver()
    mail = received(server)["aino@example.com"]
    assert mail["Subject"].replace("\u00a0", " ") == (
        "Town Oy: your subscription Plus ends on 15 October 2026"
    )
    assert verify(town.merchant_id) == []


def test_nothing_is_confirmed_of_many_nor_of_what_was_billed_elsewhere(town: Town) -> None:
    aino = town.customer("Aino")
    ordered(aino, "plus", "2026-10-01", billed_from=day("2026-11-01"))
    orders = [
        NewSubscription(new_id(), name, "aino", "plus", day("2026-10-01")) for name in ("a", "b")
    ]
    subscribe(town.merchant_id, orders, town.now, tells=True)
    wishes(town, sends_confirmations=False)
    own = ordered(aino, "basic", "2026-10-01")
    aino.changes(own, ChangePlan("plus"))
    assert rows(town.merchant_id, TOLD) == []


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_end_of_a_trial_is_told_once_with_the_price_after_it(
    town: Town, desk: Desk, server: Server, language: str
) -> None:
    published(town)
    aino = person(town, "Aino", language=language)
    aino.subscribes("tried", on="2026-10-01")
    assert remind(town.merchant_id, day("2026-10-07"), town.now) == 0
    assert remind(town.merchant_id, day("2026-10-08"), town.now) == 1
    assert remind(town.merchant_id, day("2026-10-08"), town.now) == 0
    assert remind(town.merchant_id, day("2026-10-14"), town.now) == 0
    assert rows(town.merchant_id, TOLD) == [("trial_ends", "2026-10-15")]
    desk.deliver()
    said = body(server, "aino@example.com")
    assert {"fi": "19,90", "sv": "19,90", "en": "19.90"}[language] in said
    assert "/p/" in said
    assert "None" not in said
    assert verify(town.merchant_id) == []


def test_a_discount_a_pause_and_a_renewal_are_told_of_in_time(town: Town) -> None:
    published(town)
    aino = town.customer("Aino")
    offer = aino.subscribes("plus", on="2026-10-01")
    aino.changes(offer, GiveCoupon("half"))
    assert remind(town.merchant_id, day("2026-11-23"), town.now) == 0
    assert remind(town.merchant_id, day("2026-11-24"), town.now) == 1
    paused = aino.subscribes("basic", on="2026-10-01")
    aino.changes(paused, Pause(on=day("2026-10-05"), until=day("2026-12-10")))
    bound = aino.subscribes("bound", on="2026-10-01")
    assert remind(town.merchant_id, day("2026-12-03"), town.now) == 1
    # Notice of 14 days is due on 16 September 2027, and a week before that it is told.
    assert remind(town.merchant_id, day("2027-09-08"), town.now) == 0
    assert remind(town.merchant_id, day("2027-09-09"), town.now) == 1
    assert remind(town.merchant_id, day("2028-09-09"), town.now) == 1
    found = rows(
        town.merchant_id,
        "select kind, about_on::text, (data -> 'price' ->> 'minor')::int, data ->> 'leave_by'"
        " from notice where kind <> 'changed' order by about_on",
    )
    assert found == [
        ("discount_ends", "2026-12-01", 2990, None),
        ("pause_ends", "2026-12-10", 1000, None),
        ("term_renews", "2027-10-01", 1000, "2027-09-16"),
        ("term_renews", "2028-10-01", 1000, "2028-09-16"),
    ]
    aino.changes(bound, Cancel())
    assert remind(town.merchant_id, day("2029-09-09"), town.now) == 0


def test_a_term_that_renews_says_when_for_how_long_and_how_to_stop_it(
    town: Town, desk: Desk, server: Server
) -> None:
    published(town)
    aino = person(town, "Aino", language="en")
    own = aino.subscribes("bound", on="2026-10-01")
    town.clock("2027-09-09")
    assert remind(town.merchant_id, day("2027-09-09"), town.now) == 1
    desk.deliver()
    said = body(server, "aino@example.com")
    assert "ends on 30 September 2027. A new term begins on 1 October 2027" in said
    assert "runs until 30 September 2028 and costs €10.00 a month." in said
    assert "give notice on your own pages by 16 September 2027." in said
    town.clock("2028-10-02")
    office = text_of(member(town, "service").get(f"/office/subscriptions/{own}/"))
    portal = text_of(visit_of(aino).get(f"/portal/subscriptions/{own}/"))
    for page in (office, portal):
        assert page.count("Renewed for 12 months") == 2
        assert "by itself, until 30 September 2029" in page
        assert page.index("30 September 2029") < page.index("30 September 2028")  # newest first
    found = Program(key_for(town)).get(f"/v1/subscriptions/{own.hex}").json()["renewals"]
    assert found == [
        {"start_on": "2027-10-01", "end_on": "2028-10-01", "months": 12},
        {"start_on": "2028-10-01", "end_on": "2029-10-01", "months": 12},
    ]


def test_who_has_left_or_wishes_none_is_not_reminded(town: Town) -> None:
    published(town)
    aino = town.customer("Aino")
    own = aino.subscribes("tried", on="2026-10-01")
    wishes(town, sends_reminders=False)
    assert remind(town.merchant_id, day("2026-10-08"), town.now) == 0
    wishes(town, sends_reminders=True)
    aino.changes(own, Cancel(last_day=day("2026-10-14"), waives_notice=True))
    assert remind(town.merchant_id, day("2026-10-08"), town.now) == 0


def test_time_that_passes_reminds_on_the_way(town: Town) -> None:
    published(town)
    town.customer("Aino").subscribes("tried", on="2026-10-01")
    live_through(town.merchant_id, morning("2026-11-20"))
    told = rows(
        town.merchant_id,
        "select kind, created_at::date::text from notice where kind = 'trial_ends'",
    )
    assert told == [("trial_ends", "2026-10-08")]


def test_a_letter_and_the_portal_say_the_same(town: Town, desk: Desk, server: Server) -> None:
    published(town)
    aino = person(town, "Aino", language="en")
    with writing(town.merchant_id) as session:
        session.execute("update person set email = '' where name = 'Aino'")
    own = aino.subscribes("tried", on="2026-10-01")
    remind(town.merchant_id, day("2026-10-08"), town.now)
    desk.deliver()
    assert rows(town.merchant_id, ABOUT)[0][1] == "letter"
    assert server.mails == []
    ((notice,),) = rows(town.merchant_id, "select id from notice")
    assert isinstance(notice, UUID)
    entered = browser().post(link_of(aino, notice))
    assert entered.headers["Location"] == f"/portal/subscriptions/{own}/"
    ((message,),) = rows(town.merchant_id, "select id from message where channel = 'letter'")
    said = text_of(visit_of(aino).get(f"/portal/messages/{message}/"))
    assert "it costs €19.90 a month" in said
    assert f'href="/portal/subscriptions/{own}/"' in said
    listed = text_of(member(town, "owner").get("/office/messages/"))
    assert f'href="/office/subscriptions/{own}/"' in listed


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_notice_fits_on_a_page(language: str) -> None:
    for told in sorted({key.removesuffix("_lead") for key in TEXTS["en"] if key.endswith("_lead")}):
        view = NoticeView(
            *(told, "0123ABCD", day("2027-02-01"), day("2027-01-01"), "Netti 200", "EUR", False),
            *(PartyView("Valo Oy", ("Katu 1", "00100 Helsinki")), PartyView("Aino"), language),
            happened=(("Netti 200", day("2027-02-01")),),
            price=PriceView(1990, "month", 1),
            before=PriceView(5000, "week", 2),
            leave_by=day("2027-01-15"),
            next_on=day("2027-02-01"),
            reached=ReachedView("data", "GB", "share", Decimal(80), Decimal("8.5"), 1250),
        )
        assert new_renderer().pdf(document_paper(view)).startswith(b"%PDF-")
        bare = replace(view, happened=(), price=None, before=None, leave_by=None, next_on=None)
        assert new_renderer().pdf(document_paper(bare)).startswith(b"%PDF-")
        assert "{" not in notice_mail(view, "https://bills.example/p/1").text
    assert {language: sorted(texts) for language, texts in TEXTS.items()} == dict.fromkeys(
        TEXTS, sorted(TEXTS["en"])
    )
