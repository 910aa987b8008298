from datetime import date
from decimal import Decimal
from typing import get_args
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.line import ExplainedPart, Explanation
from kesto.core.reasons import Reason, What
from kesto.words import LANGUAGES, invoice_paper, receipt_paper, receipt_text
from kesto.words.reasons import Called, reason_text
from kesto.words.tongue import Tongue
from kesto.words.views import (
    CreditedView,
    InvoiceView,
    LineView,
    PaidView,
    PartyView,
    PastView,
    PreviousView,
    ReceiptView,
    ServiceView,
    TaxView,
)

ELECTRICITY, PHONE = UUID(int=1), UUID(int=2)
NAMES = {ELECTRICITY: "Sähkö", PHONE: "Puhelin"}
SELLER = PartyView(
    "Valo Oy", ("Linjakatu 1", "00100 Helsinki"), "2915046-7", "FI29150467", "a@b.fi"
)
BUYER = PartyView("Aino Virtanen", ("Kuja 2", "00200 Helsinki"))
FLAT = Explanation("1", "20", (ExplainedPart("flat", "1", "20", "0", "20"),))
LINE = LineView(
    *("Puhelin", date(2026, 10, 1), date(2026, 11, 1), Decimal(1), 2000, Decimal("25.5")),
    unit_amount=Decimal(20),
    explanation=FLAT,
)
INVOICE = InvoiceView(
    number="2026-000042",
    issued_on=date(2026, 11, 1),
    due_on=date(2026, 11, 15),
    currency="EUR",
    includes_tax=True,
    seller=SELLER,
    buyer=BUYER,
    lines=(LINE,),
    taxes=(TaxView(Decimal("25.5"), 1594, 406),),
    open_minor=2000,
    reference="1 2344",
    iban="FI2112345600000785",
    language="fi",
    customer_number="77",
)
NOTE = replace(
    INVOICE,
    kind="credit_note",
    number="C2026-000001",
    credits="2026-000042",
    credited=CreditedView(date(2026, 11, 1), 2000, 1500),
    reference="",
    open_minor=0,
)
RECEIPT = ReceiptView(
    *("7F3A9C21", date(2026, 11, 12), "EUR", 2100, SELLER, BUYER),
    (PaidView("2026-000042", date(2026, 11, 1), 2000, 2000),),
    "fi",
)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", get_args(What))
def test_every_reason_has_words(what: What, language: str) -> None:
    reason = Reason(what, PHONE, 100, "2", "3")
    found = reason_text(reason, Called(NAMES), Tongue(language, "EUR"))
    assert found
    assert "{" not in found
    assert ("Puhelin" in found) == (what not in {"tax", "plan"})


def test_a_plan_and_a_coupon_are_called_by_their_names() -> None:
    called = Called({}, plans={"mini": "Mini", "l": "Suuri paketti koko perheelle"})
    called = replace(called, coupons={"SPRING24": "Kevätkampanja"})
    tongue = Tongue("fi", "EUR")
    plan = reason_text(Reason("plan", None, 100, "mini", "l"), called, tongue)
    assert plan == "Paketti: Mini → Suuri pakett…"
    ended = Reason("discount_ended", None, 500, coupon="SPRING24")
    assert reason_text(ended, called, tongue) == "Alennus päättyi: Kevätkampanja"
    assert reason_text(ended, Called({}), tongue) == "Alennus päättyi: SPRING24"


def test_a_reason_says_what_it_was_and_what_it_is() -> None:
    tongue = Tongue("fi", "EUR")
    quantity = Reason("quantity", ELECTRICITY, 100, "253", "1304.5")
    assert plain(reason_text(quantity, Called(NAMES), tongue)) == "Sähkö: määrä 253 → 1 304,5"
    price = Reason("price", PHONE, 100, "20", "18.69")
    assert plain(reason_text(price, Called(NAMES), tongue)) == "Puhelin: hinta 20,00 € → 18,69 €"


def test_a_long_name_is_cut_so_that_the_change_is_seen() -> None:
    names = {PHONE: "Valokuituliittymä tuhannella megabitillä sekunnissa"}
    found = reason_text(Reason("days", PHONE, 100, "15", "30"), Called(names), Tongue("fi", "EUR"))
    assert found.endswith("…: käyttöpäiviä 15 → 30")
    assert len(found) <= 38


def test_an_invoice_asks_for_its_sum() -> None:
    paper = invoice_paper(INVOICE)
    assert plain(paper.box.amount) == "20,00 €"
    assert [plain(fact.value) for fact in paper.box.facts] == ["15.11.2026", "1 2344"]
    assert plain(paper.summary) == "Lasku 2026-000042, 20,00 €, eräpäivä 15.11.2026"
    assert paper.pay is not None
    assert paper.pay.amount_minor == 2000
    assert [plain(fact.value) for fact in paper.totals] == ["15,94 €", "4,06 €", "20,00 €"]
    assert paper.bridge is None
    assert paper.services[0].lines[0].note == "1.–31.10.2026"


def test_what_is_paid_already_is_shown_and_not_asked_for() -> None:
    paper = invoice_paper(replace(INVOICE, open_minor=500))
    assert [plain(fact.value) for fact in paper.totals[2:]] == ["20,00 €", "−15,00 €", "5,00 €"]
    assert plain(paper.box.amount) == "5,00 €"
    assert invoice_paper(replace(INVOICE, open_minor=0)).pay is None


def test_the_steps_from_the_last_invoice_add_up() -> None:
    amounts = (700, -300, 200, 100, 80, -80)
    reasons = tuple(Reason("new", PHONE, amount) for amount in amounts)
    previous = PreviousView("2026-000012", date(2026, 10, 1), 1300, reasons, NAMES)
    view = replace(INVOICE, previous=replace(previous, reasons=reasons[:-1]))
    bridge = invoice_paper(view).bridge
    assert bridge is not None
    assert bridge.title == "Miksi summa muuttui"
    assert [step.label for step in bridge.steps] == ["Uusi: Puhelin"] * 5
    bridge = invoice_paper(replace(INVOICE, previous=previous)).bridge
    assert bridge is not None
    assert [plain(step.value) for step in bridge.steps] == [
        *("+7,00 €", "−3,00 €", "+2,00 €", "+1,00 €"),
    ]
    previous = replace(previous, reasons=(*reasons, Reason("tax", None, 30)))
    bridge = invoice_paper(replace(INVOICE, previous=previous)).bridge
    assert bridge is not None
    assert bridge.steps[-1].label == "Muut muutokset"
    assert plain(bridge.steps[-1].value) == "+0,30 €"
    assert plain(bridge.after.value) == "20,00 €"


def test_a_screen_has_room_for_all_that_changed() -> None:
    reasons = tuple(Reason("new", PHONE, amount) for amount in range(100, 800, 100))
    previous = PreviousView("2026-000012", date(2026, 10, 1), 1300, reasons, NAMES)
    bridge = invoice_paper(replace(INVOICE, previous=previous), has_room=True).bridge
    assert bridge is not None
    assert len(bridge.steps) == len(reasons)


def test_an_unchanged_sum_is_said_to_be_the_same() -> None:
    previous = PreviousView("2026-000012", date(2026, 10, 1), 2000, (), NAMES)
    bridge = invoice_paper(replace(INVOICE, previous=previous)).bridge
    assert bridge is not None
    assert bridge.title == "Summa on sama kuin viimeksi"
    assert bridge.steps == ()


def test_the_latest_invoices_are_a_picture_from_three_on() -> None:
    history = tuple(PastView(date(2026, month, 1), 500 * month) for month in (9, 10, 11))
    assert invoice_paper(replace(INVOICE, history=history[1:])).chart is None
    chart = invoice_paper(replace(INVOICE, history=history)).chart
    assert chart is not None
    assert [bar.share for bar in chart.bars] == [818, 909, 1000]
    assert [bar.is_marked for bar in chart.bars] == [False, False, True]
    assert "1.9.2026 45,00 €; 1.10.2026 50,00 €; 1.11.2026 55,00 €" in plain(chart.alt)


def test_pictures_of_nothing_do_not_divide_by_it() -> None:
    history = tuple(PastView(date(2026, month, 1), 0) for month in (9, 10, 11))
    chart = invoice_paper(replace(INVOICE, history=history)).chart
    assert chart is not None
    assert {bar.share for bar in chart.bars} == {0}


def test_lines_are_told_apart_by_service_where_there_are_two() -> None:
    one, two = (replace(LINE, service=ServiceView(key, f"Palvelu {key}")) for key in "ab")
    assert [s.title for s in invoice_paper(replace(INVOICE, lines=(one, one))).services] == [""]
    paper = invoice_paper(replace(INVOICE, lines=(one, two, one), open_minor=2000))
    assert [(s.title, s.amount, len(s.lines)) for s in paper.services] == [
        ("Palvelu a", "40,00", 2),
        ("Palvelu b", "20,00", 1),
    ]


def test_a_share_is_told_in_the_line_and_what_is_plain_is_not() -> None:
    share = ExplainedPart("share", "0.5", "-10", "20", "-20")
    explained = replace(FLAT, exact="10", parts=(*FLAT.parts, share), share="15/30")
    line = replace(LINE, amount_minor=1000, explanation=explained, unit_amount=None)
    (service,) = invoice_paper(replace(INVOICE, lines=(line,))).services
    told = "1.–31.10.2026. Käytössä 15/30 päivää. Osuus jakson hinnasta: 20,00 € × 15/30."
    assert plain(service.lines[0].note) == told
    assert plain(service.lines[0].why[0]) == "Kiinteä hinta 20,00 €."


def test_facts_that_find_no_room_stand_with_the_lines() -> None:
    paper = invoice_paper(replace(INVOICE, order_number="PO 1", buyer_reference="E. L."))
    assert [fact.value for fact in paper.facts] == ["1.11.2026", "77", "PO 1"]
    assert plain(paper.details) == "Viitteesi E. L."


def test_a_credit_note_takes_back_and_asks_for_nothing() -> None:
    paper = invoice_paper(NOTE)
    assert plain(paper.box.amount) == "−20,00 €"
    assert paper.pay is None
    assert paper.bridge is not None
    assert [plain(step.value) for step in paper.bridge.steps] == ["−5,00 €", "−15,00 €"]
    assert plain(paper.bridge.after.value) == "0,00 €"
    assert paper.to_do is not None
    assert plain(paper.to_do.text) == (
        "Sinun ei tarvitse maksaa laskua 2026-000042. Maksamasi 5,00 € jää hyväksesi."
    )
    assert paper.services[0].lines[0].amount == "−20,00"
    assert plain(paper.totals[-1].value) == "−20,00 €"


def test_a_receipt_says_what_was_paid_and_what_is_left_over() -> None:
    paper = receipt_paper(RECEIPT)
    assert [plain(fact.value) for fact in paper.totals] == ["20,00 €", "1,00 €", "21,00 €"]
    assert [one.number for one in paper.paid] == ["2026-000042"]
    assert plain(paper.summary) == "Kuitti 7F3A9C21, 21,00 €, maksettu 12.11.2026"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_as_text_has_the_same(language: str) -> None:
    found = plain(receipt_text(replace(RECEIPT, language=language)))
    for wanted in ("7F3A9C21", "2026-000042", "Valo Oy", "Aino Virtanen"):
        assert wanted in found
    assert max(map(len, found.splitlines())) <= 80
