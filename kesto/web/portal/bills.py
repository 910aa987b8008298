"""Invoices as bills on a page: the words of the document, laid out for a screen."""

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from kesto.web.portal.written import money
from kesto.web.ui.language import words_language
from kesto.web.ui.parts import Bill, BillRow, BillTotal
from kesto.words import forms, paper_lines
from kesto.words.paper import Bridge, Paper, PaperLine, ServicePaper
from kesto.words.tongue import Tongue
from kesto.words.views import InvoiceView


def bill_of_next(view: InvoiceView) -> Bill:
    """What the next invoice is made of: each line with its reasons, the VAT that is in it."""
    tongue = Tongue(view.language, view.currency)
    services = paper_lines.services(view, tongue)
    total = BillTotal(pgettext("portal", "Total"), money(view.total_minor, view.currency))
    totals = [total, *_vat(view)]
    if view.credit_used_minor:
        used = money(-view.credit_used_minor, view.currency)
        totals.append(BillTotal(gettext("Paid from your credit"), used))
        left = money(view.open_minor, view.currency)
        totals.append(BillTotal(pgettext("portal", "To pay"), left))
    return Bill(gettext("How the price is made up"), [*_rows(services, view.currency)], totals)


def bill_of(paper: Paper, view: InvoiceView) -> Bill:
    """What an issued invoice is made of: the sum that counts first, then what is in it."""
    *others, last = paper.totals
    return Bill(
        paper.lines_title,
        [*_rows(paper.services, view.currency, view.number)],
        [
            BillTotal(last.label, last.value),
            *(BillTotal(total.label, total.value, is_quiet=True) for total in others),
            *(_vat(view) if len(view.taxes) > 1 else []),
        ],
    )


def bridge_of(bridge: Bridge) -> Bill:
    """From the invoice before to this one, step by step."""
    steps = [BillRow(step.label, step.value) for step in bridge.steps]
    return Bill(
        bridge.title,
        [BillRow(bridge.before.label, bridge.before.value), *steps],
        [BillTotal(bridge.after.label, bridge.after.value)],
    )


def _vat(view: InvoiceView) -> list[BillTotal]:
    texts = {
        True: gettext("Includes VAT %(rate)s"),
        False: gettext("VAT %(rate)s, included in the sum"),
    }
    return [
        BillTotal(
            texts[view.includes_tax] % {"rate": forms.percent(tax.rate_percent, words_language())},
            money(tax.tax_minor, view.currency),
            is_quiet=True,
        )
        for tax in view.taxes
    ]


def _rows(services: Sequence[ServicePaper], currency: str, number: str = "") -> Iterator[BillRow]:
    """The lines; those of usage on an invoice with a number lead to what is behind them."""
    for service in services:
        if service.title:
            yield BillRow(service.title, "", note=service.note, is_group=True)
        for line in service.lines:
            amount = money(line.amount_minor, currency)
            has_usage = number and line.line_no
            href = reverse("portal:line_usage", args=[number, line.line_no]) if has_usage else ""
            reckoning = _reckoning(line, currency)
            yield BillRow(line.name, amount, reckoning, line.note, line.why, href=href)


def _reckoning(line: PaperLine, currency: str) -> str:
    """Quantity and price, the price with its currency where the language has it."""
    if not line.price:
        return line.quantity
    symbol = forms.SYMBOLS.get(currency, currency)
    is_first = words_language() == "en"
    price = f"{symbol}{line.price}" if is_first else f"{line.price}{forms.NO_BREAK}{symbol}"
    return f"{line.quantity} × {price}"
