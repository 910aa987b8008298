"""Which role may open which page and do what: every address of the office against every role."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from kesto.core.staff import RIGHTS, ROLES, Role, may
from kesto.store.ids import new_id
from kesto.store.session import reading
from kesto.web.office.urls import urlpatterns
from tests.contracts.office_visits import browser, member, text_of
from tests.town import Town

# Pages that ask for no right: the way in and out, and one's own account.
OPEN = ("sign_in", "choose_merchant", "give_code", "sign_out", "welcome")
OWN = ("own", "own_password", "own_language", "set_up_codes", "recovery_codes", "end_visits")
# What each page takes, written down: a page with another right fails here.
TAKES = {
    "rejected": "customers",
    "rejected_again": "serve",
    "rejected_event": "serve",
    "rejected_let_go": "serve",
    "today": "customers",
    "customers": "customers",
    "customer": "customers",
    "as_customer": "serve",
    "new_customer": "serve",
    "change_customer": "serve",
    "enter_usage": "serve",
    "alerts": "serve",
    "drop_alert": "serve",
    "meter": "catalogue",
    "new_subscription": "serve",
    "subscription": "customers",
    "events": "customers",
    "events_file": "customers",
    "usage": "customers",
    "usage_file": "customers",
    "line_usage": "customers",
    "line_usage_file": "customers",
    "change": "serve",
    "call_off": "serve",
    "confirm_change": "serve",
    "invoices": "customers",
    "invoice": "customers",
    "document": "customers",
    "credit": "credit",
    "give_credit": "credit",
    "pay_out": "match",
    "payouts": "money",
    "payout_paid": "match",
    "write_off": "write_off",
    "write_invoice": "invoice",
    "drafts": "customers",
    "draft": "customers",
    "issue_draft": "bill",
    "payments": "money",
    "receipt": "customers",
    "messages": "customers",
    "resolve_message": "serve",
    "catalogue": "catalogue",
    "plan": "catalogue",
    "new_plan": "publish",
    "next_plan": "publish",
    "offer_plan": "publish",
    "move_subscribers": "publish",
    "add_on": "catalogue",
    "new_add_on": "publish",
    "next_add_on": "publish",
    "offer_add_on": "publish",
    "new_coupon": "publish",
    "coupon": "publish",
    "new_meter": "publish",
    "new_feature": "publish",
    "new_series": "publish",
    "price_series": "catalogue",
    "give_prices": "publish",
    "deliveries": "customers",
    "packing_csv": "customers",
    "mark_deliveries": "serve",
    "delivery": "customers",
    "runs": "money",
    "run": "money",
    "approvals": "money",
    "approval": "money",
    "decide_run": "bill",
    "start_run": "bill",
    "dry_run": "money",
    "dry_run_file": "money",
    "release": "bill",
    "bank": "money",
    "bank_payment": "money",
    "bank_file": "match",
    "settle": "match",
    "close": "money",
    "close_month": "money",
    "settings": "settings",
    "settings_merchant": "change_settings",
    "settings_seller": "change_settings",
    "settings_delivery": "change_settings",
    "settings_clock": "change_settings",
    "keys": "keys",
    "make_key": "keys",
    "revoke_key": "keys",
    "users": "users",
    "invite": "users",
    "user_role": "users",
    "user_link": "users",
    "user_state": "users",
    "style": "style",
}
REFUSED = 403


@pytest.fixture(scope="module")
def staffed(booted: object) -> tuple[Town, dict[Role, Client]]:
    """A town with somebody of each role at work."""
    assert booted
    town = Town.founded()
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    town.bill(on="2026-11-01")
    return town, {role: member(town, role) for role in ROLES}


def address_of(name: str, town: Town) -> str:
    """An address of a page about something that is there, or about nobody."""
    with reading(town.merchant_id) as session:
        number = "2026-000001"
        customer = session.row("select id from customer limit 1")
        run = session.row("select id from billing_run limit 1")
        entity = session.row("select id from billing_entity limit 1")
        subscription = session.row("select id from subscription limit 1")
    values: dict[str, Any] = {
        "customer_id": (customer or [None])[0],
        "run_id": (run or [None])[0],
        "entity_id": (entity or [None])[0],
        "number": number,
        "month": "2026-10",
        "token": "none",
        "code": "basic",
        "group_id": new_id(),
        "transaction_id": new_id(),
        "payment_id": new_id(),
        "payout_id": new_id(),
        "message_id": new_id(),
        "staff_id": new_id(),
        "key_id": new_id(),
        "price_id": new_id(),
        "alert_id": new_id(),
        "approval_id": new_id(),
        "own": new_id(),
        "line_no": 1,
        "subscription_id": (subscription or [None])[0],
        "action": "plan",
        "on": "2026-10-01",
    }
    pattern = next(one for one in urlpatterns if one.name == name)
    path = str(pattern.pattern)
    for key, value in values.items():
        for kind in ("str", "uuid", "int"):
            path = path.replace(f"<{kind}:{key}>", str(value))
    return f"/office/{path}"


def test_every_page_takes_the_right_that_is_written_down() -> None:
    guarded = {
        str(pattern.name): getattr(pattern.callback, "right", "open") for pattern in urlpatterns
    }
    open_to_all = (*OPEN, "set_up_codes", "recovery_codes")
    wanted: dict[str, str | None] = {
        **TAKES,
        **dict.fromkeys(OWN),
        **dict.fromkeys(open_to_all, "open"),
    }
    assert guarded == wanted


@pytest.mark.parametrize("name", [*TAKES, *OWN])
def test_nobody_without_a_visit_sees_or_does_anything(
    staffed: tuple[Town, dict[Role, Client]], name: str
) -> None:
    path = address_of(name, staffed[0])
    for answer in (browser().get(path), browser().post(path)):
        if answer.status_code != 405:
            assert answer.status_code == 302, name
            assert answer.headers["Location"].startswith("/office/sign-in/")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "right"), TAKES.items(), ids=TAKES)
def test_a_role_opens_what_it_has_a_right_to_and_nothing_else(
    staffed: tuple[Town, dict[Role, Client]], name: str, right: Any, role: Role
) -> None:
    town, clients = staffed
    path = address_of(name, town)
    for method in ("get", "post"):
        answer = getattr(clients[role], method)(path)
        if answer.status_code == 405:
            continue
        is_let_in = answer.status_code != REFUSED
        assert is_let_in == may(role, right), (method, path, answer.status_code)
        if not is_let_in:
            assert "Your role does not include this" in text_of(answer)


@pytest.mark.parametrize("role", ROLES)
def test_the_navigation_leads_only_where_one_may_go(
    staffed: tuple[Town, dict[Role, Client]], role: Role
) -> None:
    page = text_of(staffed[1][role].get("/office/"))
    menu = page[page.index('id="nav"') : page.index('class="nav-me"')]
    for name, right in {
        "customers": "customers",
        "drafts": "customers",
        "runs": "money",
        "bank": "money",
        "close": "money",
        "settings": "settings",
        "users": "users",
        "style": "style",
    }.items():
        assert (f'href="/office/{name}/"' in menu) == (right in RIGHTS[role]), name


@pytest.mark.parametrize("role", ROLES)
def test_closing_a_month_takes_the_right_to_close(
    staffed: tuple[Town, dict[Role, Client]], role: Role
) -> None:
    town = Town.founded()
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    town.bill(on="2026-11-01")
    town.bill(on="2026-12-01")
    member(town, role).post("/office/close/2026-11/")
    with reading(town.merchant_id) as session:
        (closed_through,) = session.row("select closed_through from merchant") or (None,)
    assert (closed_through is not None) == may(role, "close")
    assert staffed


def test_a_forged_merchant_or_person_in_a_visit_is_nobody(
    staffed: tuple[Town, dict[Role, Client]],
) -> None:
    client = browser()
    client.cookies["kesto_office"] = UUID(int=1).hex
    assert client.get("/office/").status_code == 302
    assert staffed
