"""Credit by grants: which is used first, what expires, and what comes back where."""

from datetime import date
from typing import Any

import pytest

from kesto.core.refusals import Conflict, Invalid, NotFound, RefusedTogether
from kesto.flows.expire_credit import expire_credit
from kesto.flows.give_credit import NewCredit, give_credit, preview_gift
from kesto.flows.pay_out import mark_paid_out, pay_out
from kesto.flows.preview_next import preview_next
from kesto.jobs import timetable
from kesto.store import grants, payouts
from kesto.store.grants import Granted
from kesto.store.session import reading
from kesto.verify import verify
from tests.stories.seen import books, paper
from tests.town import ACTOR, Citizen, Town, day

IBAN = "FI21 1234 5600 0007 85"


@pytest.fixture
def aino(town: Town) -> Citizen:
    found = town.customer("Aino")
    found.subscribes("basic", on="2026-10-01")
    return found


def given(citizen: Citizen, amount_minor: int, reason: str = "sorry", **rules: Any) -> None:
    town = citizen.town
    wanted = NewCredit(**{"kind": "given", "amount_minor": amount_minor, "reason": reason, **rules})
    give_credit(town.merchant_id, citizen.customer.id, wanted, town.now, ACTOR)


def wallet(citizen: Citizen) -> dict[str, Granted]:
    with reading(citizen.town.merchant_id) as session:
        found = grants.of_customer(session, citizen.customer.id, 20)
    return {one.reason or one.origin: one for one in found}


def left(citizen: Citizen) -> dict[str, int]:
    return {name: one.left_minor for name, one in wallet(citizen).items()}


def test_what_expires_first_is_used_first_and_priority_comes_before(
    town: Town, aino: Citizen
) -> None:
    (first,) = town.bill(on="2026-11-01")
    town.pays(first, first.invoice.total_minor + 300)
    given(aino, 200, "spring", expires_on=date(2027, 5, 31))
    given(aino, 200, "winter", expires_on=date(2026, 12, 31))
    given(aino, 100, "at once", priority=1)
    (second,) = town.bill(on="2026-12-01")
    assert paper(town, second).credit_used_minor == 800
    assert paper(town, second).open_minor == second.invoice.total_minor - 800
    with reading(town.merchant_id) as session:
        rows = session.rows(
            "select g.reason, u.amount_minor from wallet_use u"
            " join credit_grant g on g.id = u.grant_id order by u.id"
        )
    assert rows == [("at once", 100), ("winter", 200), ("spring", 200), ("", 300)]
    assert books(town)["goodwill"] == 500
    assert "customer_credit" not in books(town)
    assert verify(town.merchant_id) == []


def test_credit_expires_and_nothing_is_booked(town: Town, aino: Citizen) -> None:
    given(aino, 5000, expires_on=date(2026, 11, 20))
    (first,) = town.bill(on="2026-11-01")
    total = first.invoice.total_minor
    assert left(aino) == {"sorry": 5000 - total}
    before = books(town)
    town.clock("2026-11-20")
    assert expire_credit(town.merchant_id, town.now) == 0
    town.clock("2026-11-21")
    assert expire_credit(town.merchant_id, town.now) == 1
    assert expire_credit(town.merchant_id, town.now) == 0
    assert books(town) == before
    found = wallet(aino)["sorry"]
    assert (found.used_minor, found.expired_minor, found.left_minor) == (total, 5000 - total, 0)
    (second,) = town.bill(on="2026-12-01")
    assert paper(town, second).open_minor == second.invoice.total_minor
    assert verify(town.merchant_id) == []


def test_credit_that_is_not_looked_at_in_time_pays_nothing_late(town: Town, aino: Citizen) -> None:
    given(aino, 500, expires_on=date(2026, 11, 20))
    given(aino, 300, "later", valid_from=date(2027, 1, 1))
    _, second = town.bill(on="2026-11-01")[0], town.bill(on="2026-12-01")[0]
    assert paper(town, second).credit_used_minor == 0
    (third,) = town.bill(on="2027-01-01")
    assert paper(town, third).credit_used_minor == 300
    assert verify(town.merchant_id) == []


def test_what_was_given_never_turns_into_money(town: Town, aino: Citizen) -> None:
    given(aino, 400)
    (first,) = town.bill(on="2026-11-01")
    open_minor = paper(town, first).open_minor
    town.pays(first, open_minor)
    town.credits(first)
    found = wallet(aino)
    kinds = sorted((one.kind, one.left_minor) for one in found.values() if one.left_minor)
    with reading(town.merchant_id) as session:
        (balance,) = grants.balances(session, [aino.customer.id])[aino.customer.id]
    assert (balance.left_minor, balance.paid_minor) == (first.invoice.total_minor, open_minor)
    assert kinds
    assert books(town)["customer_credit"] == -open_minor
    assert "goodwill" not in books(town)
    assert verify(town.merchant_id) == []


def test_a_package_that_was_paid_for_is_the_customers_money(town: Town, aino: Citizen) -> None:
    given(aino, 2500, "ten visits", kind="paid")
    assert books(town) == {"paid_elsewhere": 2500, "customer_credit": -2500}
    (first,) = town.bill(on="2026-11-01")
    assert paper(town, first).open_minor == 0
    assert left(aino) == {"ten visits": 2500 - first.invoice.total_minor}
    assert verify(town.merchant_id) == []


def test_the_next_invoice_says_what_credit_pays(town: Town, aino: Citizen) -> None:
    given(aino, 400, expires_on=date(2026, 12, 15))
    (first,) = town.bill(on="2026-11-01")
    assert paper(town, first).credit_used_minor == 400
    given(aino, 300, "again")
    with reading(town.merchant_id) as session:
        (coming,) = preview_next(session, aino.customer.id, day("2026-11-02"), "en")
    assert coming.view.credit_used_minor == 300
    assert coming.to_pay_minor == coming.view.total_minor - 300
    (second,) = town.bill(on="2026-12-01")
    assert paper(town, second).open_minor == coming.to_pay_minor


def test_a_wish_that_can_not_be_granted_says_why(town: Town, aino: Citizen) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "expires_on": {"kind": "paid", "expires_on": date(2027, 1, 1)},
        "amount": {"amount_minor": 0},
        "reason": {"reason": " "},
        "kind": {"kind": "lent"},
        "currency": {"currency": "USD"},
        "priority": {"priority": -1},
    }
    for field, change in wrong.items():
        asked: dict[str, Any] = {"kind": "given", "amount_minor": 1, "reason": "x"}
        with pytest.raises(Invalid) as refused:
            preview_gift(
                town.merchant_id, aino.customer.id, NewCredit(**{**asked, **change}), town.now
            )
        assert refused.value.field == field
    with pytest.raises(Invalid):
        given(aino, 100, expires_on=date(2026, 1, 1))


def test_the_clock_brings_the_expiry(town: Town, aino: Citizen) -> None:
    given(aino, 500, expires_on=date(2026, 11, 20))
    with reading(town.merchant_id) as session:
        ((mode,),) = session.rows("select mode from merchant")
    town.clock("2026-12-01")
    found = [own for own, _ in grants.merchants_with_expired(town.now)]
    assert (town.merchant_id in found) == (mode == "live")
    assert timetable.EXPIRE == "expire_credit"


def test_money_goes_back_and_the_banks_entry_clears_it(town: Town, aino: Citizen) -> None:
    (first,) = town.bill(on="2026-11-01")
    town.pays(first, first.invoice.total_minor + 900)
    given(aino, 500)
    who = (town.merchant_id, aino.customer.id)
    with pytest.raises(Conflict):
        pay_out(*who, 901, IBAN, "moves away", town.now, ACTOR)
    one = pay_out(*who, 900, IBAN, "moves away", town.now, ACTOR)
    assert (books(town)["payouts"], left(aino)) == (-900, {"overpayment": 0, "sorry": 500})
    assert verify(town.merchant_id) == []
    bank_before = books(town)["bank"]
    town.pays(amount_minor=900, direction="out", texts=(f"Credit {one.reference}",))
    assert "payouts" not in books(town)
    assert books(town)["bank"] == bank_before - 900
    with reading(town.merchant_id) as session:
        (seen,) = payouts.latest(session, 10)
    assert seen.state == "paid"
    with pytest.raises(NotFound):
        mark_paid_out(town.merchant_id, one.id, town.now, ACTOR)
    assert verify(town.merchant_id) == []


def test_a_payout_that_a_person_marked_is_cleared_later(town: Town, aino: Citizen) -> None:
    given(aino, 900, "package", kind="paid")
    with pytest.raises(RefusedTogether) as refused:
        pay_out(town.merchant_id, aino.customer.id, 0, "FI00", " ", town.now, ACTOR)
    assert [one.field for one in refused.value.refusals] == ["amount", "iban", "reason"]
    one = pay_out(town.merchant_id, aino.customer.id, 900, IBAN, "asked", town.now, ACTOR)
    mark_paid_out(town.merchant_id, one.id, town.now, ACTOR)
    assert books(town)["payouts"] == -900
    town.pays(amount_minor=900, direction="out", end_to_end_id=one.reference)
    assert "payouts" not in books(town)
    assert verify(town.merchant_id) == []


def test_who_has_left_and_has_money_here_is_listed(town: Town) -> None:
    eino = town.customer("Eino")
    eino.subscribes("basic", on="2026-10-01", ends="2026-11-01")
    given(eino, 700, "package", kind="paid")
    with reading(town.merchant_id) as session:
        assert payouts.owed(session, day("2026-10-15"), 10) == []
        (one,) = payouts.owed(session, day("2026-11-01"), 10)
    assert (one.name, one.amount_minor) == ("Eino", 700)
