"""Invoices, credit notes and receipts by chance, with right sums, for tests of documents."""

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import get_args
from uuid import UUID

from msgspec.structs import replace

from kesto.core.line import ExplainedPart, Explanation
from kesto.core.reasons import Reason, What
from kesto.core.references import finnish, rf
from kesto.core.tax import tax_groups
from kesto.words.forms import iban
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

WORDS = (
    *("Sähkö", "Puhelinliittymä", "Valokuitu 1000 Mbit/s", "Kotivahti", "Streamad tv", "Lehti"),
    *("Lisäpalvelu", "Asennus ja päätelaite", "Мир", "Ωmega", "Försäkring"),
)
NAMES = (
    *("Aino Virtanen", "Åke Öström", "Đorđe Žižić", "Nguyễn Thị Hồng", "王小明", "Zoë 😀 Smith"),
    "Oy Pohjoismaisen Erikoistavaratukkukaupan ja Verkkopalvelujen Kehittämisosakeyhtiö Ab",
    "Lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilaskoulutuskeskuksen ystävät ry",
    "a" * 120,
)
RATES = tuple(map(Decimal, ("25.5", "13.5", "10", "0")))
ONE, TWO = UUID(int=1), UUID(int=2)


def account(number: int, country: str = "FI") -> str:
    """An account number with right check digits."""
    body = f"{number:014}" if country == "FI" else f"{number:018}"
    letters = "".join(str(int(letter, 36)) for letter in country)
    return f"{country}{98 - int(body + letters + '00') % 97:02}{body}"


def party(chance: random.Random) -> PartyView:
    street = f"{chance.choice(('Kuja', 'Kauppakatu', 'Skolhusgatan'))} {chance.randint(1, 99)}"
    lines = (street, "00100 Helsinki", *(["SWEDEN"] if chance.random() < 0.2 else []))
    return PartyView(chance.choice(NAMES), lines, vat_id=chance.choice(("", "FI29150467")))


def seller(chance: random.Random) -> PartyView:
    name = chance.choice(
        ("Valo Oy", "Pohjola Sähkö Oy", "Pohjoisen Energiaosuuskunta ja Kumppanit")
    )
    email = chance.choice(("laskut@valo.example", ""))
    return PartyView(name, ("Linjakatu 1", "00100 Helsinki"), "2915046-7", "FI29150467", email)


def line(chance: random.Random, services: list[ServiceView]) -> LineView:
    """A line of any kind with an amount that may be below zero, and an explanation of any shape."""
    amount_minor = chance.choice((chance.randint(1, 9999), chance.randint(-900, 999_999)))
    quantity = Decimal(chance.choice(("1", "3", "304", "0.5", "1234.567")))
    start = date(2026, chance.randint(1, 10), chance.randint(1, 28))
    exact = str(Decimal(amount_minor) / 100 + Decimal(chance.choice(("0", "0.0041"))))
    shapes: tuple[tuple[ExplainedPart, ...], ...] = (
        (),
        (ExplainedPart("flat", "1", exact, "0", exact),),
        (ExplainedPart("units", str(quantity), exact, "0.089"),),
        tuple(ExplainedPart("tier", "100", "8.9", "0.089") for _ in range(chance.randint(1, 5))),
        (ExplainedPart("flat", "1", "50", "0", "50"), ExplainedPart("share", "0.5", "-25", "50")),
    )
    parts = chance.choice(shapes)
    share = "15/31" if parts and parts[-1].what == "share" else ""
    return LineView(
        name=" ".join(chance.choices(WORDS, k=chance.choice((1, 1, 2, 7)))),
        period_start=start,
        period_end=start + timedelta(days=chance.randint(1, 366)),
        quantity=quantity,
        amount_minor=amount_minor,
        tax_rate_percent=chance.choice(RATES),
        unit_amount=Decimal("0.089") if len(parts) == 1 else None,
        explanation=Explanation(str(quantity), exact, parts, share),
        service=chance.choice(services),
    )


def taxes(lines: tuple[LineView, ...], *, includes_tax: bool) -> tuple[TaxView, ...]:
    charged = [("vat", line.tax_rate_percent, line.amount_minor) for line in lines]
    groups = tax_groups(charged, includes_tax=includes_tax)
    return tuple(TaxView(one.rate_percent, one.net_minor, one.tax_minor) for one in groups)


def reference(chance: random.Random) -> str:
    """A reference as it is printed: Finnish, RF around a Finnish one, RF with letters, none."""
    base = finnish(chance.randint(100, 10**12))
    chosen = chance.choice((base, base, base, rf(base), rf(f"AB{base}"), ""))
    return iban(chosen) if chosen.startswith("RF") else chosen


def previous(chance: random.Random, total_minor: int) -> PreviousView:
    kinds = [what for what in get_args(What) if what != "other"]
    reasons = tuple(
        Reason(chance.choice(kinds), ONE, chance.randint(1, 5000), "2", "5.25")
        for _ in range(chance.randint(0, 5))
    )
    before_minor = total_minor - sum(reason.amount_minor for reason in reasons)
    name = " ".join(chance.choices(WORDS, k=3))
    return PreviousView("2026-000041", date(2026, 10, 1), before_minor, reasons, {ONE: name})


def invoice(chance: random.Random, kind: str = "invoice") -> InvoiceView:
    """Any invoice, or the credit note of one."""
    services = [
        ServiceView(str(n), f"{chance.choice(WORDS)} {n}", chance.choice(("", "Elli Virtanen")))
        for n in range(chance.choice((1, 1, 2, 3, 12)))
    ]
    count = chance.choice((1, 2, 4, 8, 9, chance.randint(1, 40)))
    lines = tuple(line(chance, services) for _ in range(count))
    includes_tax = chance.random() < 0.7
    # What comes to less than nothing makes no invoice.
    if sum(one.gross_minor for one in taxes(lines, includes_tax=includes_tax)) < 0:
        lines = (replace(lines[0], amount_minor=50_000_000), *lines[1:])
    found = taxes(lines, includes_tax=includes_tax)
    total_minor = sum(one.gross_minor for one in found)
    is_note = kind == "credit_note"
    issued_on = date(2026, 11, chance.randint(1, 28))
    return InvoiceView(
        number=f"{'C' if is_note else ''}2026-{chance.randint(1, 999_999):06}",
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=14),
        currency="EUR",
        includes_tax=includes_tax,
        seller=seller(chance),
        buyer=party(chance),
        lines=lines,
        taxes=found,
        open_minor=0 if is_note else total_minor,
        reference="" if is_note else reference(chance),
        iban=account(chance.randint(1, 10**13), chance.choice(("FI", "FI", "FI", "DE"))),
        kind="credit_note" if is_note else "invoice",
        credits="2026-000041" if is_note else "",
        order_number=chance.choice(("", "PO 88-4120")),
        buyer_reference=chance.choice(("", "E. Lindqvist")),
        language=chance.choice(("fi", "sv", "en")),
        bic=chance.choice(("NDEAFIHH", "")),
        customer_number=str(chance.randint(1, 99_999)),
        credited=CreditedView(issued_on, total_minor, chance.choice((0, total_minor // 2)))
        if is_note
        else None,
        previous=None if is_note or chance.random() < 0.3 else previous(chance, total_minor),
        history=()
        if is_note
        else tuple(
            PastView(date(2026, month, 1), chance.randint(0, 99_999))
            for month in range(1, chance.randint(1, 11))
        ),
    )


def receipt(chance: random.Random) -> ReceiptView:
    paid = tuple(
        PaidView(f"2026-{n:06}", date(2026, 11, 1), 9999, chance.randint(1, 9999))
        for n in range(1, chance.choice((2, 2, 4)))
    )
    amount_minor = sum(one.paid_minor for one in paid) + chance.choice((0, 0, 345))
    return ReceiptView(
        *("7F3A9C21", date(2026, 11, 12), "EUR", amount_minor, seller(chance), party(chance)),
        *(paid, chance.choice(("fi", "sv", "en")), "20417"),
    )
