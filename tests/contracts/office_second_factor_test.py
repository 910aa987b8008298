"""The second factor: set up by a code, asked for at each sign-in, each code taken once."""

import re
import secrets
from datetime import timedelta

import pyotp
import pytest

from kesto.core.refusals import NotAllowed
from kesto.core.staff import Role
from kesto.flows.accept_staff_link import accept_staff_link
from kesto.flows.confirm_code import confirm_code, set_up_codes
from kesto.flows.invite_staff import renew_staff_link
from kesto.flows.sign_in import TooManyAttempts
from kesto.store import staff
from kesto.store.session import owning, reading
from tests.contracts.office_visits import (
    PASSWORD,
    browser,
    invited,
    landed,
    member,
    real_now,
    sign_in_form,
    text_of,
)
from tests.town import ACTOR, Town


def go_live(town: Town) -> None:
    """Let the town's money be real."""
    with owning() as connection:
        connection.execute("select set_config('app.merchant', %s, true)", [str(town.merchant_id)])
        connection.execute("update merchant set mode = 'live', clock_at = null")


@pytest.mark.parametrize("role", ["owner", "finance"])
def test_who_moves_real_money_sets_up_a_second_factor(town: Town, role: Role) -> None:
    go_live(town)
    client = browser()
    _, token = invited(town, role)
    answer = client.post(f"/office/welcome/{token}/", {"password": PASSWORD})
    assert answer.headers["Location"] == "/office/own/codes/"
    assert client.get("/office/").headers["Location"] == "/office/own/codes/"
    page = text_of(client.get("/office/own/codes/"))
    assert "Your role moves money" in page
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert key is not None
    wrong = client.post("/office/own/codes/", {"code": "000000"})
    assert "This code is not the right one" in text_of(wrong)
    code = pyotp.TOTP(key[1].replace(" ", "")).now()
    shown = landed(client, client.post("/office/own/codes/", {"code": code}))
    assert len(re.findall(r"<code>[a-z2-7]{4}(-[a-z2-7]{4}){3}</code>", shown)) == 8
    assert client.get("/office/own/codes/kept/").status_code == 302
    assert "Today" in text_of(client.get("/office/"))


def test_a_test_merchant_may_put_it_off(town: Town) -> None:
    client = member(town, "owner")
    assert "Not set up" in text_of(client.get("/office/own/"))


def test_with_a_second_factor_a_password_alone_opens_nothing(town: Town) -> None:
    staff_id, token = invited(town, "owner", f"{town.code}@example.com")
    accept_staff_link(token, PASSWORD, real_now())
    secret = pyotp.random_base32()
    code = pyotp.TOTP(secret).at(real_now() - timedelta(seconds=30))
    set_up_codes(town.merchant_id, staff_id, secret, code, ["abcd-efgh-ijkl-mnop"], real_now())
    client = browser()
    answer = sign_in_form(client, f"{town.code}@example.com")
    assert "Second factor" in landed(client, answer)
    for path in ("/office/", "/office/own/", "/office/own/codes/", "/office/users/"):
        assert client.get(path).headers["Location"] == "/office/sign-in/code/"
    good = client.post("/office/sign-in/code/", {"code": pyotp.TOTP(secret).now()})
    assert "Today" in landed(client, good)


def test_a_code_counts_once_and_so_does_a_recovery_code(town: Town) -> None:
    staff_id, token = invited(town, "owner")
    accept_staff_link(token, PASSWORD, real_now())
    secret, now = pyotp.random_base32(), real_now()
    totp = pyotp.TOTP(secret)
    earlier = totp.at(now - timedelta(seconds=30))
    set_up_codes(town.merchant_id, staff_id, secret, earlier, ["abcd-efgh-ijkl-mnop"], now)
    here = (town.merchant_id, staff_id)
    for spent in (earlier, totp.at(now - timedelta(minutes=5)), "123", ""):
        with pytest.raises(NotAllowed):
            confirm_code(*here, spent, now)
    assert confirm_code(*here, totp.at(now), now) == "code"
    with pytest.raises(NotAllowed):
        confirm_code(*here, totp.at(now), now)
    assert confirm_code(*here, "ABCD EFGH ijkl mnop", now) == "recovery_code"
    with pytest.raises(NotAllowed):
        confirm_code(*here, "abcd-efgh-ijkl-mnop", now)


def test_codes_are_not_guessed(town: Town) -> None:
    staff_id, token = invited(town, "owner")
    accept_staff_link(token, PASSWORD, real_now())
    for _ in range(5):
        with pytest.raises(NotAllowed):
            confirm_code(town.merchant_id, staff_id, "000000", real_now())
    with pytest.raises(TooManyAttempts):
        confirm_code(town.merchant_id, staff_id, "000000", real_now())


def test_a_lost_phone_is_forgotten_with_a_new_link(town: Town) -> None:
    staff_id, token = invited(town, "owner", f"{town.code}@example.com")
    accept_staff_link(token, PASSWORD, real_now())
    secret = pyotp.random_base32()
    set_up_codes(town.merchant_id, staff_id, secret, pyotp.TOTP(secret).now(), ["aaaa"], real_now())
    newer = secrets.token_urlsafe()
    renew_staff_link(town.merchant_id, staff_id, newer, real_now(), ACTOR, forgets_codes=True)
    with reading(town.merchant_id) as session:
        kept = staff.secret(session, staff_id)
    assert (kept.totp, kept.recovery_sha256s) == ("", ())
