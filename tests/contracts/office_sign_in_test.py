"""Signing in to the office: links, passwords, visits, and what keeps out."""

import re
import secrets
from datetime import timedelta

import pytest

from kesto.adapters import passwords
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound
from kesto.flows.accept_staff_link import accept_staff_link, look_at_staff_link
from kesto.flows.change_staff import change_role, disable_staff, enable_staff
from kesto.flows.invite_staff import invite_staff, renew_staff_link
from kesto.flows.sign_in import TooManyAttempts, sign_in
from kesto.store import staff
from kesto.store.session import owning, reading
from tests.contracts.office_visits import (
    PASSWORD,
    SIGN_IN,
    browser,
    invited,
    landed,
    member,
    ready,
    real_now,
    sign_in_form,
    text_of,
)
from tests.town import ACTOR, Town

ELSEWHERE = "2001:db8::1"


def test_a_link_lets_one_choose_a_password_once(town: Town) -> None:
    _, token = invited(town, "finance", "liisa@example.com")
    page = f"/office/welcome/{token}/"
    scanner = browser()
    for _ in range(3):
        assert "Welcome, Finance" in text_of(scanner.get(page))
    liisa = browser()
    answer = liisa.post(page, {"password": PASSWORD})
    assert "Today" in landed(liisa, answer)
    again = browser().post(page, {"password": "another good one"})
    assert again.status_code == 404
    assert "This link has been used" in text_of(again)


def test_a_link_runs_out_and_a_newer_one_voids_it(town: Town) -> None:
    staff_id, token = invited(town, "finance")
    with pytest.raises(NotFound):
        look_at_staff_link(token, real_now() + timedelta(hours=72, seconds=1))
    newer = secrets.token_urlsafe()
    renew_staff_link(town.merchant_id, staff_id, newer, real_now(), ACTOR)
    with pytest.raises(NotFound):
        accept_staff_link(token, PASSWORD, real_now())
    assert accept_staff_link(newer, PASSWORD, real_now()).staff_id == staff_id


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_short"),
        ("aaaaaaaaaaaaaaa", "password_common"),
        ("1234567890123", "password_common"),
        ("pertti@example.com", "password_common"),
        ("x" * 129, "password_long"),
    ],
)
def test_weak_passwords_are_refused_and_the_link_stays(
    town: Town, password: str, code: str
) -> None:
    _, token = invited(town, "owner", "pertti@example.com")
    with pytest.raises(Invalid) as refused:
        accept_staff_link(token, password, real_now())
    assert refused.value.code == code
    assert accept_staff_link(token, PASSWORD, real_now())


def test_passwords_are_kept_as_argon2(town: Town) -> None:
    staff_id, token = invited(town, "owner")
    accept_staff_link(token, PASSWORD, real_now())
    with reading(town.merchant_id) as session:
        kept = staff.secret(session, staff_id)
    assert kept.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits(PASSWORD, kept.password)
    assert not passwords.fits("", "")


def test_upper_and_lower_case_of_an_email_are_the_same(town: Town) -> None:
    email = f"{town.code}@example.com"
    ready(town, email)
    client = browser()
    assert "Today" in landed(client, sign_in_form(client, email.upper()))


def test_a_wrong_email_and_a_wrong_password_read_the_same(town: Town) -> None:
    email = f"{town.code}@example.com"
    ready(town, email)
    pages = [
        text_of(sign_in_form(browser(), wrong_email, wrong_password))
        for wrong_email, wrong_password in (
            (email, "not the password"),
            ("nobody@example.com", "not the password"),
        )
    ]
    told = [
        re.findall(r'class="alert alert-bad".*?</div></div>', page, re.DOTALL) for page in pages
    ]
    assert told[0] == told[1]
    assert "E-mail and password do not match" in told[0][0]


def test_after_five_failures_one_waits_whoever_one_is(town: Town) -> None:
    email = f"{town.code}@example.com"
    ready(town, email)
    for tried in (email, f"nobody-{email}"):
        for n in range(5):
            with pytest.raises(NotAllowed):
                sign_in(tried, "wrong", f"2001:db8::{n}")
        with pytest.raises(TooManyAttempts) as refused:
            sign_in(tried, PASSWORD, ELSEWHERE)
        assert 0 < refused.value.seconds <= 15
    assert "Wait" in text_of(sign_in_form(browser(), email))


def test_a_success_forgets_the_failures(town: Town) -> None:
    email = f"{town.code}@example.com"
    ready(town, email)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(NotAllowed):
                sign_in(email, "wrong", ELSEWHERE)
        assert sign_in(email, PASSWORD, ELSEWHERE)


def test_who_works_for_two_merchants_chooses(town: Town) -> None:
    email = f"{town.code}@example.com"
    other = Town.founded()
    ready(town, email)
    ready(other, email)
    client = browser()
    answer = sign_in_form(client, email, next="/office/customers/")
    page = landed(client, answer)
    assert "Who are you working for now?" in page
    assert client.get("/office/customers/").headers["Location"] == "/office/sign-in/merchant/"
    stranger = Town.founded()
    for merchant_id, place in (
        (stranger.merchant_id, None),
        (other.merchant_id, "/office/customers/"),
    ):
        chosen = client.post("/office/sign-in/merchant/", {"merchant": merchant_id.hex})
        assert chosen.headers.get("Location") == place
    client.get("/office/")
    assert sign_in(email, PASSWORD, ELSEWHERE)[0].merchant_id in {
        town.merchant_id,
        other.merchant_id,
    }


def test_only_a_password_that_fits_leads_to_a_merchant(town: Town) -> None:
    email = f"{town.code}@example.com"
    other = Town.founded()
    ready(town, email)
    _, token = invited(other, "service", email)
    accept_staff_link(token, "quite another one", real_now())
    assert [door.merchant_id for door in sign_in(email, PASSWORD, ELSEWHERE)] == [town.merchant_id]


@pytest.mark.parametrize("page", ["https://elsewhere.example/", "//elsewhere.example/", "/portal/"])
def test_signing_in_leads_to_the_office_only(town: Town, page: str) -> None:
    email = f"{town.code}@example.com"
    ready(town, email)
    client = browser()
    assert sign_in_form(client, email, next=page).headers["Location"] == "/office/"


def test_the_page_asked_for_is_come_back_to(town: Town) -> None:
    email = f"{town.code}@example.com"
    ready(town, email)
    client = browser()
    asked = client.get("/office/invoices/?state=open")
    assert (
        asked.headers["Location"] == "/office/sign-in/?next=%2Foffice%2Finvoices%2F%3Fstate%3Dopen"
    )
    page = text_of(client.get(asked.headers["Location"]))
    assert 'name="next" value="/office/invoices/?state=open"' in page


def test_the_key_of_a_visit_changes_when_somebody_signs_in(town: Town) -> None:
    email = f"{town.code}@example.com"
    ready(town, email)
    client = browser()
    sign_in_form(client, email)
    first = client.cookies["kesto_office"].value
    sign_in_form(client, email)
    assert client.cookies["kesto_office"].value != first
    stale = browser()
    stale.cookies["kesto_office"] = first
    assert stale.get("/office/").headers["Location"] == "/office/sign-in/"


def test_the_visits_cookie_is_out_of_reach_of_scripts(town: Town) -> None:
    cookie = member(town, "service").cookies["kesto_office"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_signing_out_ends_the_visit_for_good(town: Town) -> None:
    client = member(town, "service")
    key = client.cookies["kesto_office"].value
    assert client.get("/office/sign-out/").status_code == 405
    client.post("/office/sign-out/")
    stale = browser()
    stale.cookies["kesto_office"] = key
    assert stale.get("/office/").status_code == 302


def test_a_form_without_its_token_changes_nothing(town: Town) -> None:
    ready(town, f"{town.code}@example.com")
    client = browser(checks_csrf=True)
    answer = sign_in_form(client, f"{town.code}@example.com")
    assert answer.status_code == 403


def test_one_sees_ones_visits_and_ends_them(town: Town) -> None:
    email = f"{town.code}@example.com"
    ready(town, email)
    phone, desktop = browser(), browser()
    agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    phone.post(SIGN_IN, {"email": email, "password": PASSWORD}, headers={"user-agent": agent})
    sign_in_form(desktop, email)
    page = text_of(desktop.get("/office/own/"))
    assert "Firefox, Linux" in page
    assert "this one" in page
    key = re.search(r'name="visit" value="([0-9a-f]{64})"', page)
    assert key is not None
    desktop.post("/office/own/visits/", {"visit": key[1]})
    assert phone.get("/office/").status_code == 302
    assert desktop.get("/office/").status_code == 200


def test_nobody_ends_the_visits_of_another(town: Town) -> None:
    theirs = member(town, "finance")
    page = text_of(theirs.get("/office/own/"))
    mine = member(town, "service")
    another = text_of(mine.get("/office/own/"))
    assert "Sign out everywhere else" not in page + another
    hashes = re.findall(r"[0-9a-f]{64}", page)
    mine.post("/office/own/visits/", {"visit": hashes[0] if hashes else "00"})
    mine.post("/office/own/visits/")
    assert theirs.get("/office/").status_code == 200


def test_a_changed_password_ends_other_visits(town: Town) -> None:
    email = f"{town.code}@example.com"
    ready(town, email)
    here, there = browser(), browser()
    sign_in_form(here, email)
    sign_in_form(there, email)
    wrong = here.post("/office/own/password/", {"old": "no", "password": "a quite new one"})
    assert "This is not your current password" in text_of(wrong)
    page = landed(
        here, here.post("/office/own/password/", {"old": PASSWORD, "password": "a quite new one"})
    )
    assert "Your password is changed" in page
    assert there.get("/office/").status_code == 302
    assert sign_in(email, "a quite new one", ELSEWHERE)
    with pytest.raises(NotAllowed):
        sign_in(email, PASSWORD, ELSEWHERE)


def test_who_is_disabled_is_out_at_once(town: Town) -> None:
    staff_id, token = invited(town, "finance", f"{town.code}@example.com")
    client = browser()
    client.post(f"/office/welcome/{token}/", {"password": PASSWORD})
    disable_staff(town.merchant_id, staff_id, real_now(), ACTOR)
    assert client.get("/office/").status_code == 302
    with pytest.raises(NotAllowed):
        sign_in(f"{town.code}@example.com", PASSWORD, ELSEWHERE)
    enable_staff(town.merchant_id, staff_id, real_now(), ACTOR)
    assert sign_in(f"{town.code}@example.com", PASSWORD, ELSEWHERE)


def test_one_owner_always_stays(town: Town) -> None:
    first, token = invited(town, "owner", f"1-{town.code}@example.com")
    accept_staff_link(token, PASSWORD, real_now())
    second, token = invited(town, "owner", f"2-{town.code}@example.com")
    with pytest.raises(Conflict, match="only owner"):
        disable_staff(town.merchant_id, first, real_now(), ACTOR)
    with pytest.raises(Conflict, match="only owner"):
        change_role(town.merchant_id, first, "finance", real_now(), ACTOR)
    accept_staff_link(token, PASSWORD, real_now())
    change_role(town.merchant_id, first, "finance", real_now(), ACTOR)
    with pytest.raises(Conflict, match="only owner"):
        disable_staff(town.merchant_id, second, real_now(), ACTOR)


def test_the_same_email_is_invited_once(town: Town) -> None:
    invited(town, "owner", "Sama@example.com")
    with pytest.raises(Conflict, match="member of staff already"):
        invite_staff(
            town.merchant_id, "X", "sama@EXAMPLE.com", "owner", "en", "t", real_now(), ACTOR
        )


def test_what_lets_in_is_kept_as_hashes(town: Town) -> None:
    _, token = invited(town, "owner", f"{town.code}@example.com")
    with owning() as connection:
        connection.execute("select set_config('app.merchant', %s, true)", [str(town.merchant_id)])
        found = connection.execute(
            "select row_to_json(s)::text from staff_secret s"
            " union all select row_to_json(s)::text from staff s"
        )
        kept = " ".join(row[0] for row in found)
    assert token not in kept
    assert town.code not in kept
