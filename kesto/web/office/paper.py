"""An invoice's document as a bill on a page: the same words, laid out for a screen."""

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext

from kesto.web.ui.parts import Bill, BillRow, BillTotal
from kesto.words import paper_lines
from kesto.words.paper import Paper, PaperLine, ServicePaper
from kesto.words.tongue import Tongue
from kesto.words.views import InvoiceView


def bill_of(paper: Paper) -> Bill:
    """The lines of a document by service with their reasons, then what they come to."""
    *others, last = paper.totals
    return Bill(
        paper.lines_title,
        [*_rows(paper.services, Tongue(paper.language, paper.currency), paper.number)],
        [
            *(BillTotal(total.label, total.value, is_quiet=True) for total in others),
            BillTotal(last.label, last.value),
        ],
    )


def bill_of_next(view: InvoiceView) -> Bill:
    """What the next invoice will be made of."""
    tongue = Tongue(view.language, view.currency)
    services = paper_lines.services(view, tongue)
    total = BillTotal(gettext("Total"), tongue.minor(view.total_minor))
    vat = BillTotal(gettext("of which VAT"), tongue.minor(view.tax_minor), is_quiet=True)
    totals = [total, vat]
    if view.credit_used_minor:
        used = BillTotal(gettext("Paid from credit"), tongue.minor(-view.credit_used_minor))
        totals += [used, BillTotal(gettext("Left to pay"), tongue.minor(view.open_minor))]
    return Bill(gettext("Next invoice"), [*_rows(services, tongue)], totals)


def _rows(services: Sequence[ServicePaper], tongue: Tongue, number: str = "") -> Iterator[BillRow]:
    """The lines; those of usage on an invoice with a number lead to what is behind them."""
    for service in services:
        if service.title:
            yield BillRow(service.title, "", note=service.note, is_group=True)
        for line in service.lines:
            yield BillRow(
                name=line.name,
                amount=tongue.minor(line.amount_minor),
                reckoning=_reckoning(line),
                note=line.note,
                why=line.why,
                href=reverse("office:line_usage", args=[number, line.line_no])
                if number and line.line_no
                else "",
            )


def _reckoning(line: PaperLine) -> str:
    return f"{line.quantity} × {line.price}" if line.price else line.quantity
