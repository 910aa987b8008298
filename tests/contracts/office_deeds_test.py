"""What is done in the office: previewed, done once, said on the page that follows."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kesto.core.invoice import Seller
from kesto.flows.release import release
from kesto.jobs.timetable import BILL
from kesto.store import bank, billing, merchants
from kesto.store.ids import new_id
from kesto.store.merchants import Limits
from kesto.store.session import owning, reading
from tests.contracts import camt_by_hand
from tests.contracts.office_visits import (
    browser,
    facts,
    landed,
    lived_in,
    member,
    real_now,
    text_of,
)
from tests.contracts.workers import work_done
from tests.town import SELLER, Citizen, Town


@pytest.fixture
def street(town: Town) -> Town:
    return lived_in(town)


@pytest.fixture
def owner(street: Town) -> Client:
    return member(street, "owner")


def test_a_credit_is_previewed_then_made(owner: Client, street: Town) -> None:
    paid, late, *_ = street.invoices()
    preview = text_of(owner.get(f"/office/invoices/{paid.number}/credit/"))
    assert "Paid already: kept as credit" in preview
    assert "Credit €10.00" in preview
    assert len(street.invoices()) == 6
    empty = owner.post(f"/office/invoices/{paid.number}/credit/", {"reason": " "})
    assert empty.status_code == 200
    looked = text_of(owner.post(f"/office/invoices/{paid.number}/credit/", {"preview": "1"}))
    assert '<label for="id_reason">Reason</label>' in looked
    page = landed(
        owner, owner.post(f"/office/invoices/{late.number}/credit/", {"reason": "goodwill"})
    )
    assert f"Invoice {late.number} is credited." in page
    assert "C2026-000001" in page
    assert "Reason: goodwill" in page
    note = text_of(owner.get("/office/invoices/C2026-000001/"))
    assert "Reason: goodwill" in note
    assert 'id="payments"' not in note
    assert "Nothing has been paid" not in note
    payer = re.search(r"/office/customers/[0-9a-f-]{36}/", page)
    assert payer is not None
    customer = text_of(owner.get(payer[0]))
    assert "· goodwill" in customer
    assert facts(customer)["Credited so far"] == "€10.00"
    again = owner.get(f"/office/invoices/{late.number}/credit/")
    assert again.status_code == 409
    twice = owner.post(f"/office/invoices/{late.number}/credit/", {"reason": "again"})
    assert "credited already" in landed(owner, twice)
    assert len(street.invoices()) == 7
    with reading(street.merchant_id) as session:
        actors = session.rows("select actor from audit where action = 'credit'")
    assert [actor[:4] for (actor,) in actors] == ["stf_"]


def test_the_service_desk_credits_up_to_its_limit(street: Town) -> None:
    service = member(street, "service")
    invoice = street.invoices()[1]
    path = f"/office/invoices/{invoice.number}/credit/"
    set_limit(street, 999)
    assert "You credit invoices up to €9.99" in text_of(service.get(path))
    refused = text_of(service.post(path, {"reason": "goodwill"}))
    assert "above what you may credit" in refused
    assert 'value="goodwill"' in refused
    set_limit(street, 1000)
    assert "is credited" in landed(service, service.post(path, {"reason": "goodwill"}))


def set_limit(town: Town, minor: int) -> None:
    with owning() as connection:
        connection.execute("select set_config('app.merchant', %s, true)", [str(town.merchant_id)])
        connection.execute("update merchant set service_credit_minor = %s", [minor])


def test_a_payment_is_settled_in_two_clicks(owner: Client, street: Town) -> None:
    page = text_of(owner.get("/office/bank/"))
    assert "The payer’s name matches" in page
    assert "The sum is the same" in page
    assert "After settling invoice" in page
    late = street.invoices()[1]
    own = re.search(r'action="(/office/bank/[0-9a-f-]{36}/settle/)"', page)
    assert own is not None
    button = re.search(r'name="invoice" value="([^"]+)">(Settle [^<]+)<', page)
    assert button is not None
    assert button[2] == "Settle €10.00"
    done = landed(owner, owner.post(own[1], {"invoice": late.number}))
    assert f"€10.00 is settled on invoice {late.number}." in done
    assert "1 unmatched" in done
    again = landed(owner, owner.post(own[1], {"invoice": late.number}))
    assert "not waiting any more" in again


def test_another_invoice_may_be_named(owner: Client, street: Town) -> None:
    with reading(street.merchant_id) as session:
        own = bank.queue(session)[-1].id
    paid, part = street.invoices()[0], street.invoices()[2]
    page = text_of(owner.get(f"/office/bank/{own}/", {"invoice": part.number}))
    assert "Settle €0.77" in page
    assert "A part of the invoice stays open." in page
    assert "Keep €0.77 as credit" in text_of(
        owner.get(f"/office/bank/{own}/", {"invoice": paid.number})
    )
    unknown = text_of(owner.get(f"/office/bank/{own}/", {"invoice": "2026-777777"}))
    assert "There is no such invoice" in unknown
    kept = landed(owner, owner.post(f"/office/bank/{own}/settle/", {"invoice": paid.number}))
    assert "kept as the customer’s credit" in kept


def test_a_bank_file_is_read_once(owner: Client, street: Town) -> None:
    open_one = street.invoices()[-1]
    reference = open_one.invoice.reference
    data = camt_by_hand.file(
        camt_by_hand.entry("10.00", camt_by_hand.detail("10.00", reference, own="B1"))
    )
    file = SimpleUploadedFile("november.xml", data, "application/xml")
    page = landed(owner, owner.post("/office/bank/file/", {"file": file}))
    assert "1 new payment." in page
    assert "november.xml" in page
    again = SimpleUploadedFile("november.xml", data, "application/xml")
    assert "read before" in landed(owner, owner.post("/office/bank/file/", {"file": again}))


@pytest.mark.parametrize(
    "data", [b"not xml", b"<a/>", b"\x00\xff", b"<!DOCTYPE x [<!ENTITY y 'z'>]><x/>"]
)
def test_what_is_no_bank_file_changes_nothing(owner: Client, street: Town, data: bytes) -> None:
    file = SimpleUploadedFile("holiday.jpg", data)
    answer = owner.post("/office/bank/file/", {"file": file})
    assert "bank file can’t be read" in text_of(answer)
    with reading(street.merchant_id) as session:
        assert session.row("select count(*) from bank_file where name = 'holiday.jpg'") == (0,)


def test_a_month_is_looked_at_then_closed(owner: Client, street: Town) -> None:
    page = text_of(owner.get("/office/close/2026-11/"))
    assert "2 payments are unmatched" in page
    assert "Every payment has found its invoice" not in page
    assert "Close November 2026" in page
    assert facts(page) == {} or "Difference" in page
    assert "The month is not over yet." in text_of(owner.get("/office/close/2026-12/"))
    done = landed(owner, owner.post("/office/close/2026-11/"))
    assert "November 2026 is closed." in done
    assert "The month is closed already." in landed(owner, owner.post("/office/close/2026-11/"))
    assert "not over yet" in landed(owner, owner.post("/office/close/2026-12/"))
    assert owner.get("/office/close/2026-13/").status_code == 409
    assert street.invoices()


def test_a_run_is_asked_for_and_made_by_a_worker(street: Town) -> None:
    finance = member(street, "finance")
    street.clock("2027-01-01")
    page = text_of(finance.get("/office/runs/"))
    assert "3 invoices are due to be made" in page
    early = landed(finance, finance.post("/office/runs/start/", {"through": "2027-01-02"}))
    assert "This day has not come yet." in early
    asked = landed(finance, finance.post("/office/runs/start/", {"through": "2027-01-01"}))
    assert "is about to begin" in asked
    assert "hx-trigger" in asked
    twice = landed(finance, finance.post("/office/runs/start/", {"through": "2027-01-01"}))
    assert "waiting to begin already" in twice
    before = len(street.invoices())
    work_done(street, BILL, real_now() + timedelta(seconds=1))
    assert len(street.invoices()) == before + 3
    page = text_of(finance.get("/office/runs/"))
    assert "is about to begin" not in page
    run = re.search(r"/office/runs/[0-9a-f-]{36}/", page)
    assert run is not None
    shown = text_of(finance.get(run[0]))
    assert "€30.00 in the run before" in shown
    assert "3 with the same sum as before" in shown
    listed = text_of(finance.get("/office/invoices/", {"run": run[0].split("/")[3]}))
    assert facts(listed)["Sum with VAT"] == "€30.00"


def test_what_was_set_aside_is_decided_on(street: Town) -> None:
    owner = member(street, "owner")
    with owning() as connection:
        connection.execute("select set_config('app.merchant', %s, true)", [str(street.merchant_id)])
        connection.execute("update merchant set invoice_limit_minor = 999")
    assert street.bill(on="2027-01-01") == []
    page = text_of(owner.get("/office/runs/"))
    assert "3 invoices set aside" in page
    assert "The invoice would be €10.00; above €9.99 somebody looks first." in page
    assert "3 invoices were set aside" in text_of(owner.get("/office/"))
    paths = re.findall(r'action="(/office/runs/release/[0-9a-f-]{36}/)"', page)
    assert len(paths) == 3
    assert "whatever the sum is" in landed(owner, owner.post(paths[0], {"accepts": "1"}))
    landed(owner, owner.post(paths[1]))
    assert len(street.bill(on="2027-01-02")) == 1
    assert "not set aside any more" in landed(owner, owner.post(paths[0]))


def test_a_companys_data_is_checked_and_old_invoices_keep_theirs(
    owner: Client, street: Town
) -> None:
    before = street.invoices()[0]
    page = text_of(owner.get("/office/settings/"))
    path = re.search(r"/office/settings/seller/[0-9a-f-]{36}/", page)
    assert path is not None
    values = {
        **{field: getattr(SELLER, field) for field in Seller.__struct_fields__},
        "name": "Uusi Oy",
        "due_days": "21",
        "iban": "FI21 1234 5600 0007 85",
        "bic": "ndeafihh",
    }
    wrong = {
        "business_id": "2915046-8",
        "vat_id": "FI29150468",
        "iban": "FI2112345600000786",
        "bic": "NDEA",
        "due_days": "0",
    }
    for field, value in wrong.items():
        answer = text_of(owner.post(path[0], {**values, field: value}))
        assert f'id="id_{field}-error"' in answer, field
    saved = landed(owner, owner.post(path[0], values))
    assert "Uusi Oy" in saved
    assert "NDEAFIHH" in saved
    assert "Town Oy" in text_of(owner.get(f"/office/invoices/{before.number}/"))
    street.customer("Uuno").subscribes("plus", on="2026-12-02")
    (newer,) = street.bill(on="2026-12-02")
    assert "Uusi Oy" in text_of(owner.get(f"/office/invoices/{newer.number}/"))


def test_limits_are_written_as_people_write_sums(owner: Client, street: Town) -> None:
    values = {
        "name": "Katu",
        "invoice_limit_minor": "1 234,50",
        "service_credit_minor": "20",
        "portal_link_days": "90",
        "grace_days": "7",
        "sends_reminders": "on",
        "notice_days": "45",
        "usage_months": "24",
        "billing_days": "15, 1",
        "billing_hour": "6",
    }
    page = landed(owner, owner.post("/office/settings/merchant/", values))
    assert "€1,234.50" in page
    wrong = owner.post("/office/settings/merchant/", {**values, "service_credit_minor": "much"})
    assert "Give a sum" in text_of(wrong)
    negative = owner.post("/office/settings/merchant/", {**values, "service_credit_minor": "-1"})
    assert negative.status_code == 200
    for_ever = owner.post("/office/settings/merchant/", {**values, "portal_link_days": "367"})
    assert for_ever.status_code == 200
    too_long = owner.post("/office/settings/merchant/", {**values, "grace_days": "31"})
    assert too_long.status_code == 200
    too_short = owner.post("/office/settings/merchant/", {**values, "usage_months": "12"})
    assert too_short.status_code == 200
    no_day = owner.post("/office/settings/merchant/", {**values, "billing_days": "32"})
    assert "days of the month, such as" in text_of(no_day)
    with reading(street.merchant_id) as session:
        assert merchants.merchant(session).name == "Katu"
        assert merchants.limits(session) == Limits(
            *(123_450, 2000, 90),
            uses_credit=False,
            grace_days=7,
            sends_confirmations=False,
            sends_reminders=True,
            notice_days=45,
            usage_months=24,
            billing_hour=6,
            billing_days="1,15",
        )


def test_somebody_is_invited_with_a_link_shown_once(owner: Client, street: Town) -> None:
    asked = {"name": "Reijo", "email": "reijo@example.com", "role": "finance", "language": "fi"}
    page = landed(owner, owner.post("/office/users/invite/", asked))
    link = re.search(r'value="http://[^"/]+(/office/welcome/[^"]+)"', page)
    assert link is not None
    assert "/office/welcome/" not in text_of(owner.get("/office/users/"))
    assert "Tervetuloa, Reijo" in text_of(browser("fi").get(link[1]))
    again = text_of(owner.post("/office/users/invite/", asked))
    assert "a user already" in again
    assert street.code


def test_the_last_owner_stays_one(owner: Client, street: Town) -> None:
    page = text_of(owner.get("/office/users/"))
    own = re.search(r"/office/users/([0-9a-f-]{36})/role/", page)
    assert own is not None
    for path, value in (("role", {"role": "service"}), ("state", {"state": "disabled"})):
        answer = owner.post(f"/office/users/{own[1]}/{path}/", value)
        assert "only owner" in landed(owner, answer)
    assert street.code


def test_things_of_another_merchant_are_not_there(owner: Client, street: Town) -> None:
    other = Town.founded()
    citizen: Citizen = other.customer("Vieras")
    citizen.subscribes("basic", on="2026-10-01")
    for month in ("2026-11-01", "2026-12-01", "2027-01-01"):
        other.bill(on=month)
    other.pays(amount_minor=5, payer_name="VIERAS")
    with reading(other.merchant_id) as session:
        run = (session.row("select id from billing_run limit 1") or (None,))[0]
        entity = (session.row("select id from billing_entity limit 1") or (None,))[0]
        payment = bank.queue(session)[0].id
    assert owner.get(f"/office/customers/{citizen.customer.id}/").status_code == 404
    assert owner.get(f"/office/runs/{run}/").status_code == 404
    assert owner.get(f"/office/invoices/?run={run}").status_code == 404
    assert owner.get(f"/office/settings/seller/{entity}/").status_code == 404
    assert owner.get(f"/office/bank/{payment}/").status_code == 404
    number = street.invoices()[-1].number
    refused = landed(owner, owner.post(f"/office/bank/{payment}/settle/", {"invoice": number}))
    assert "not waiting any more" in refused
    assert "Vieras" not in text_of(owner.get("/office/customers/"))
    with reading(other.merchant_id) as session:
        assert len(bank.queue(session)) == 1
        assert billing.parked_groups(session) == []


def test_a_group_of_another_merchant_is_not_released(street: Town) -> None:
    with pytest.raises(Exception, match="is parked"):
        release(street.merchant_id, new_id(), street.now, accepts_bounds=True, actor="x")
