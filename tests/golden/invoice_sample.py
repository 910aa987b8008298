"""One invoice with every kind of line, for the tests of its words."""

from datetime import date
from decimal import Decimal

from kesto.core.line import ExplainedPart, Explanation
from kesto.words import InvoiceView, LineView, PartyView, TaxView

OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))
GENERAL, PRESS = Decimal("25.5"), Decimal(10)


def line(
    name: str, amount_minor: int, exact: str, *parts: ExplainedPart, **more: object
) -> LineView:
    """Return a line for October at the general rate, if not said otherwise."""
    facts = {
        "period_start": OCTOBER[0],
        "period_end": OCTOBER[1],
        "quantity": Decimal(1),
        "tax_rate_percent": GENERAL,
        "explanation": Explanation("1", exact, parts),
    }
    return LineView(name=name, amount_minor=amount_minor, **(facts | more))  # type: ignore[arg-type]  # mixed facts


FLAT = line(
    "Puhelinliittymä",
    2000,
    "20",
    ExplainedPart("flat", "1", "20", "20"),
    unit_amount=Decimal("20.00"),
)
SHARE = line(
    "Valokuitu 1000 Mbit/s, asennus ja päätelaite",
    2419,
    "24.193548387097",
    period_start=date(2026, 10, 17),
    explanation=Explanation(
        "1",
        "24.193548387097",
        (
            ExplainedPart("flat", "1", "50", "50"),
            ExplainedPart("share", "0.483870967742", "-25.806451612903", "50", "-50"),
        ),
        share="15/31",
    ),
)
TIERS = line(
    "Sähkö",
    2602,
    "26.016",
    ExplainedPart("included", "10", "0"),
    ExplainedPart("tier", "200", "17.8", "0.089"),
    ExplainedPart("tier", "104", "8.216", "0.079"),
    period_start=date(2026, 9, 15),
    period_end=date(2026, 10, 15),
    quantity=Decimal(314),
)
MINIMUM = line("Sähkö", 398, "30", kind="minimum")
CORRECTION = line(
    "Valovirta-lehti",
    -100,
    "4",
    tax_rate_percent=PRESS,
    explanation=Explanation(
        "1",
        "4",
        (ExplainedPart("flat", "1", "4", "4"),),
        corrects=1,
        was_minor=500,
        now_minor=400,
    ),
)
INVOICE = InvoiceView(
    number="2026-1042",
    issued_on=date(2026, 11, 1),
    due_on=date(2026, 11, 15),
    currency="EUR",
    includes_tax=True,
    seller=PartyView(
        "Valo Oy", ("Linjakatu 1", "00100 Helsinki"), business_id="2915046-7", vat_id="FI29150467"
    ),
    buyer=PartyView("Aino Virtanen", ("Kauppakatu 4 A 2", "20100 Turku")),
    lines=(FLAT, SHARE, TIERS, MINIMUM, CORRECTION),
    taxes=(TaxView(GENERAL, 5912, 1507), TaxView(PRESS, -91, -9)),
    open_minor=6000,
    reference="1 2344",
    iban="FI2112345600000785",
)
