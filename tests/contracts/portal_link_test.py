"""Links into the portal: looked at for free, spent once, for everybody else one and the same."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections

from kesto.core.refusals import NotFound, Refused
from kesto.flows.move_clock import move_clock
from kesto.flows.portal_link import ask_new_link, link_for, look_at_link, spend_link
from kesto.ops.log_filter import WithoutKeys
from kesto.store.ids import new_token
from kesto.store.portal_links import link_hash
from kesto.store.session import reading, writing
from tests.contracts.portal_visits import browser, link_of, text_of, visit_of
from tests.town import Citizen, Town

TRIES = 20


@pytest.fixture
def aino(town: Town) -> Citizen:
    return town.customer("Aino")


def token_of(link: str) -> str:
    return link.removeprefix("/p/")


def later(town: Town, days: int) -> None:
    town.now += timedelta(days=days)
    move_clock(town.merchant_id, town.now)


@contextmanager
def link_days(town: Town, days: int) -> Iterator[None]:
    with writing(town.merchant_id) as session:
        session.execute(
            "update merchant set portal_link_days = %s where id = %s", days, town.merchant_id
        )
    yield


def test_only_the_hash_of_a_token_is_kept(town: Town, aino: Citizen) -> None:
    token = token_of(link_of(aino))
    assert len(token) == 43  # 256 bits
    with reading(town.merchant_id) as session:
        ((row, sha256),) = session.rows("select portal_link::text, sha256 from portal_link")
    assert token not in row
    assert sha256 == link_hash(token)


def test_looking_spends_nothing_and_pressing_the_button_opens_the_pages(aino: Citizen) -> None:
    link = link_of(aino)
    scanner, client = browser(), browser()
    for _ in range(3):
        answer = scanner.get(link)
        assert answer.status_code == 200
        assert scanner.head(link).status_code == 200
        assert "kesto_portal" not in answer.cookies
    assert "Aino" not in text_of(answer)
    assert answer["Referrer-Policy"] == "strict-origin"
    answer = client.post(link)
    assert (answer.status_code, answer["Location"]) == (302, "/portal/")
    assert "Aino" in text_of(client.get("/portal/"))


def test_the_button_needs_the_token_of_its_form(aino: Citizen) -> None:
    client = browser()
    client.handler.enforce_csrf_checks = True
    link = link_of(aino)
    assert client.post(link).status_code == 403
    assert browser().post(link).status_code == 302


def test_a_spent_link_goes_on_working_in_its_own_browser_only(aino: Citizen) -> None:
    link = link_of(aino)
    client = browser()
    client.post(link)
    assert client.get(link)["Location"] == "/portal/"
    assert client.post(link)["Location"] == "/portal/"
    other = browser()
    assert other.get(link).status_code == 404
    assert other.post(link).status_code == 404
    assert other.get("/portal/").status_code == 403


def test_a_link_about_an_invoice_leads_to_it(town: Town, aino: Citizen) -> None:
    aino.subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    answer = browser().post(link_of(aino, invoice.invoice.id))
    assert answer["Location"] == f"/portal/invoices/{invoice.number}/"


def test_of_many_who_press_at_once_one_comes_in(aino: Citizen) -> None:
    token = token_of(link_of(aino))
    now = aino.town.now

    def attempt(_: int) -> bool:
        try:
            spend_link(token, now)
        except NotFound:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(TRIES))) == 1


def test_a_link_lasts_as_long_as_the_merchant_says(town: Town, aino: Citizen) -> None:
    usual = token_of(link_of(aino))
    with link_days(town, 3):
        short = token_of(link_of(aino))
    later(town, 3)
    with pytest.raises(NotFound, match="its time has run out"):
        spend_link(short, town.now)
    later(town, 56)
    assert look_at_link(usual, town.now) == "Town"
    later(town, 1)
    with pytest.raises(NotFound, match="its time has run out"):
        look_at_link(usual, town.now)


def test_void_links_of_all_kinds_get_one_answer(town: Town, aino: Citizen) -> None:
    spent, old = link_of(aino), link_of(aino)
    browser().post(spent)
    later(town, 61)
    unknown = f"/p/{new_token()}"
    for deed in ("get", "post"):
        answers = {
            text_of(getattr(browser(), deed)(link))
            .replace(token_of(link), "TOKEN")
            .partition("csrfmiddlewaretoken")[0]
            for link in (spent, old, unknown)
        }
        assert len(answers) == 1
        assert "This link no longer works" in answers.pop()


def test_a_new_link_is_asked_for_once_and_the_answer_tells_nothing(
    town: Town, aino: Citizen
) -> None:
    link = link_of(aino)
    browser().post(link)
    asked = {
        text_of(browser().post(f"{one}/new")).partition("csrfmiddlewaretoken")[0]
        for one in (link, link, f"/p/{new_token()}")
    }
    assert len(asked) == 1
    with reading(town.merchant_id) as session:
        rows = session.rows("select subject_id from outbox where topic = 'portal.link'")
    assert rows == [(aino.customer.id,)]


def test_asking_again_is_nothing_for_an_unknown_token(town: Town) -> None:
    ask_new_link(new_token(), town.now)
    with reading(town.merchant_id) as session:
        assert session.rows("select from outbox where topic = 'portal.link'") == []


def test_support_gets_a_link_by_the_merchants_own_number(town: Town, aino: Citizen) -> None:
    link = link_for(town.merchant_id, "aino", town.now, "clerk")
    assert spend_link(token_of(link), town.now).door.customer_id == aino.customer.id
    with pytest.raises(Refused, match="there is no customer 'nobody'"):
        link_for(town.merchant_id, "nobody", town.now, "clerk")
    with reading(town.merchant_id) as session:
        actions = [row[0] for row in session.rows("select action from audit order by seq")]
    assert actions[-2:] == ["portal_link", "enter_portal"]


def test_a_visit_ends_when_its_customer_signs_out(aino: Citizen) -> None:
    client = visit_of(aino)
    assert "You are signed out" in text_of(client.post("/portal/sign-out/"))
    assert client.get("/portal/").status_code == 403


def test_a_visit_of_the_office_is_none_of_the_portal(aino: Citizen) -> None:
    client = visit_of(aino)
    key = client.cookies["kesto_portal"].value
    stranger = browser()
    stranger.cookies["kesto_office"] = key
    assert stranger.get("/portal/").status_code == 403
    assert stranger.get("/office/")["Location"].startswith("/office/sign-in/")


def test_the_log_has_no_key_in_it(aino: Citizen) -> None:
    link = link_of(aino)
    record = logging.LogRecord("django", logging.WARNING, "", 1, "Forbidden: %s", (link,), None)
    assert WithoutKeys().filter(record)
    assert record.getMessage() == "Forbidden: /p/…"
    assert "'filters': ['without_keys']" in str(settings.LOGGING)
