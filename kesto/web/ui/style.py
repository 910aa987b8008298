"""The living style page: every part in each of its states, for developers."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from msgspec import Struct

from kesto.web.ui import charts, icons
from kesto.web.ui.charts import Bar, Day, End, Key, Point, Series, Size, Step, Words
from kesto.web.ui.parts import Bill, BillRow, BillTotal, Event

SECTIONS = ("values", "states", "facts", "lists", "work", "controls", "buying", "drawn")
SELLER = "Saari Telecom"
LAYOUTS = ("portal", "checkout", "plain")
FIRST = date(2026, 11, 1)
ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 23, 9, 41, tzinfo=ZONE)


class Visitor(Struct, frozen=True):
    """Whom the portal's layout greets."""

    name: str
    merchant_name: str


class SampleForm(forms.Form):
    """A form with one field of each kind."""

    name = forms.CharField(label="Name", max_length=40)
    email = forms.EmailField(label="E-mail", help_text="Invoices go here.")
    language = forms.ChoiceField(
        label="Language", choices=[("fi", "Finnish"), ("sv", "Swedish"), ("en", "English")]
    )
    amount = forms.DecimalField(label="Amount", decimal_places=2)
    terms = forms.BooleanField(label="I have checked the preview")


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """Show everything that pages are made of; `?layout=portal` shows it in another layout."""
    timezone.activate(ZONE)
    layout = request.GET.get("layout", "")
    if layout in LAYOUTS:
        request.customer = Visitor("Aino Virtanen", SELLER)  # type: ignore[attr-defined]  # as the portal sets it
        return render(request, f"ui/style/layouts/{layout}.html", samples("portal:home"))
    return render(request, "ui/style.html", samples("office:style"))


def samples(here: str) -> dict[str, object]:
    """What the parts show."""
    filled = {"name": "Aino Virtanen", "email": "aino@example", "language": "fi", "amount": "1.2e"}
    return {
        "here": here,
        "now": NOW,
        "merchant_name": SELLER,
        "sections": [f"ui/style/{name}.html" for name in SECTIONS],
        "icons": sorted(icons.NAMES),
        "form": SampleForm(),
        "wrong": SampleForm(filled, prefix="wrong"),
        "bill": sample_bill(),
        "events": sample_events(),
        "bars": sample_bars(),
        "wide": sample_bars((charts.WIDE, charts.NARROW)),
        "days": sample_days(),
        "lines": sample_lines(),
        "waterfall": sample_waterfall(),
        "spark": [28, 26, 23, 25, 21, 18, 19, 15, 14, 12, 9, 4],
        "first": FIRST,
        "end": date(2026, 12, 1),
        "exact": Decimal("0.0895"),
        "heat": [("Jan", [7, 6, 5, 4, 3, 2]), ("Feb", [7, 5, 4, 3, 1])],
    }


def sample_bill() -> Bill:
    """A bill with a group, reasons, an estimate and a discount."""
    return Bill(
        "What makes up the sum",
        [
            BillRow("Koti 300, broadband", "", is_group=True),
            BillRow("Monthly price", "€29.90", "1 month", "1–30 November 2026"),
            BillRow(
                *("Electricity", "€35.97", "430 kWh", "1–31 October 2026"),
                why=["Tier 1: 200 × €0.089 = €17.80.", "Tier 2: 230 × €0.079 = €18.17."],
            ),
            BillRow("Calls outside the EU", "€0.81", "9 min × €0.09", is_estimate=True),
            BillRow("Both at home −10 %", "−€2.99", "€29.90 × 10 %", "no end date"),
        ],
        [BillTotal("To pay", "€63.69"), BillTotal("Includes VAT 25.5 %", "€12.94", is_quiet=True)],
    )


def sample_events() -> list[Event]:
    """An event of each tone."""
    return [
        Event(
            *("Asked why November is higher", "4 Nov, 12:31 · portal"),
            icon="chat",
            heading="November 2026",
        ),
        Event("Invoice 88034 delivered", "1 Nov, 8:00 · e-mail", "€51.97", "mail", "info"),
        Event(
            *("Paid invoice 87112", "30 Oct · bank transfer", "€49.80", "check", "ok"),
            heading="October 2026",
        ),
        Event("Reminder waits", "28 Oct · SMS", icon="clock", tone="warn"),
        Event("E-mail bounced, sent again by letter", "1 Oct · mailbox full", "", "mail", "bad"),
    ]


def sample_bars(sizes: tuple[Size, Size] = (charts.HALF, charts.NARROW)) -> charts.Chart:
    """Bars, the last of them an estimate that is certain in part."""
    figures = [("Jun", 268), ("Jul", 241), ("Aug", 287), ("Sep", 369), ("Oct", 430)]
    known = [Bar(label, Decimal(value), str(value)) for label, value in figures]
    guess = Bar(
        *("Nov", Decimal(312), "≈ 312"), is_estimate=True, certain=Decimal(218), row="Nov, estimate"
    )
    sentence = "Electricity from June to November: 268, 241, 287, 369, 430 and about 312 kWh"
    words = Words(sentence, "Electricity by month, kWh", ("Month", "kWh"))
    legend = [Key("1", "Used"), Key("g", "Estimate")]
    return charts.bars([*known, guess], words, sizes=sizes, legend=legend)


def sample_days() -> charts.Chart:
    """A bar for each day of a month that runs."""
    shown = [(f"{on} November", Decimal(on * 7 % 11 + 4)) for on in range(1, 24)]
    words = Words("Electricity by day in November", "Electricity by day", ("Day", "kWh"))
    return charts.days([Day(label, value, f"{value} kWh") for label, value in shown], words)


def sample_lines() -> charts.Chart:
    """A line with its forecast, and a second one."""
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
    paid = [Point(month, Decimal(60 + 4 * at), str(60 + 4 * at)) for at, month in enumerate(months)]
    ahead = [
        Point(month, Decimal(at), f"≈ {at}", Decimal(at - spread), Decimal(at + spread))
        for month, at, spread in (("Jul", 84, 3), ("Aug", 88, 6), ("Sep", 91, 9))
    ]
    late = [Point(month, Decimal(20 - at), str(20 - at)) for at, month in enumerate(months)]
    words = Words("Paid and overdue by month, thousand euros", "Thousand euros", ("Month", "k€"))
    return charts.lines([Series("Paid", [*paid, *ahead]), Series("Overdue", late, "3")], words)


def sample_waterfall() -> charts.Chart:
    """From one run to the next."""
    steps = [
        Step("New", Decimal(1703), "+1,703"),
        Step("Ended", Decimal(-986), "−986"),
        Step("Usage", Decimal(1204), "+1,204"),
    ]
    words = Words("From 115,902 to 117,823 euros", "Between two runs, euros", ("Step", "Euros"))
    return charts.waterfall(End("1 Nov", "115,902"), steps, End("1 Dec", "117,823"), words)
