"""An invoice as plain text in the words of a language, 80 columns wide."""

import textwrap
from collections.abc import Iterator

from kesto.words.explanations import sentences
from kesto.words.forms import amount, day, exact_amount, iban, number, percent, period
from kesto.words.messages import check_language, say
from kesto.words.views import InvoiceView, LineView, PartyView, TaxView

WIDTH = 80
_LABEL = 22
# Columns of the lines: product, quantity, price, VAT, amount.
_NAME, _QUANTITY, _PRICE, _RATE, _AMOUNT = 32, 10, 14, 9, 15
_RULE = "─" * WIDTH


def invoice_text(view: InvoiceView, language: str, *, why: bool = True) -> str:
    """Return an invoice as text; with `why` every line says how its amount came about."""
    check_language(language)
    blocks = (
        _party(view.seller, language),
        [f"{say(language, view.kind)} {view.number}"],
        _facts(view, language),
        _lines(view, language, why=why),
        _taxes(view, language),
        _totals(view, language),
        _payment(view, language),
    )
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block) + "\n"


def _party(party: PartyView, language: str) -> Iterator[str]:
    yield party.name
    yield from party.lines
    ids = [
        f"{say(language, key)} {value}"
        for key, value in (("business_id", party.business_id), ("vat_id", party.vat_id))
        if value
    ]
    if ids:
        yield ", ".join(ids)


def _facts(view: InvoiceView, language: str) -> Iterator[str]:
    first, *rest = _party(view.buyer, language)
    yield _labelled(say(language, "customer"), first)
    yield from (_labelled("", line) for line in rest)
    facts = {
        "issued_on": day(view.issued_on, language),
        "due_on": day(view.due_on, language) if view.kind == "invoice" else "",
        "credits": view.credits,
        "reference": view.reference,
        "order_number": view.order_number,
        "buyer_reference": view.buyer_reference,
    }
    for key, value in facts.items():
        if value:
            yield _labelled(say(language, key), value)


def _lines(view: InvoiceView, language: str, *, why: bool) -> Iterator[str]:
    heads = ("product", "quantity", "price", "vat_percent", "line_total")
    yield _columns(*(say(language, head) for head in heads))
    yield _RULE
    for line in view.lines:
        yield from _line(line, view.currency, language, why=why)
    yield _RULE
    key = "prices_include_vat" if view.includes_tax else "prices_exclude_vat"
    yield say(language, key)


def _line(line: LineView, currency: str, language: str, *, why: bool) -> Iterator[str]:
    """Return a line: its figures beside the first row of its name, then period and reasons."""
    first, *rest = textwrap.wrap(line.name, _NAME - 1) or [""]
    unit = line.unit_amount
    yield _columns(
        first,
        number(line.quantity, language),
        "" if unit is None else exact_amount(unit, currency, language),
        percent(line.tax_rate_percent, language),
        amount(line.amount_minor, currency, language),
    )
    yield from rest
    yield f"  {period(line.period_start, line.period_end, language)}"
    if why and line.explanation is not None:
        found = sentences(line.explanation, line.amount_minor, currency, language, line.kind)
        for sentence in found:
            yield from textwrap.wrap(sentence, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _taxes(view: InvoiceView, language: str) -> Iterator[str]:
    yield say(language, "vat_by_rate")
    yield _quarters(*(say(language, key) for key in ("rate", "net", "vat", "gross")))
    for tax in view.taxes:
        yield _quarters(
            percent(tax.rate_percent, language),
            *(amount(minor, view.currency, language) for minor in _sums(tax)),
        )


def _totals(view: InvoiceView, language: str) -> Iterator[str]:
    settled_minor = view.total_minor - view.open_minor
    sums = {"total_net": view.net_minor, "total_vat": view.tax_minor, "total": view.total_minor}
    if view.kind == "invoice" and settled_minor:
        sums["settled"] = -settled_minor
    if view.kind == "invoice":
        sums["to_pay"] = view.open_minor
    for key, minor in sums.items():
        label = say(language, key)
        yield f"{label}{amount(minor, view.currency, language):>{WIDTH - len(label)}}"


def _payment(view: InvoiceView, language: str) -> Iterator[str]:
    if view.kind != "invoice":
        return
    if view.open_minor <= 0:
        yield say(language, "nothing_to_pay")
        return
    yield say(language, "payment")
    facts = {
        "payee": view.seller.name,
        "iban": iban(view.iban),
        "reference": view.reference,
        "due_on": day(view.due_on, language),
        "to_pay": amount(view.open_minor, view.currency, language),
    }
    for key, value in facts.items():
        if value:
            yield _labelled(say(language, key), value)


def _sums(tax: TaxView) -> tuple[int, int, int]:
    return tax.net_minor, tax.tax_minor, tax.gross_minor


def _labelled(label: str, value: str) -> str:
    return f"{label:<{_LABEL}}{value}"


def _columns(name: str, quantity: str, price: str, rate: str, total: str) -> str:
    figures = ((quantity, _QUANTITY), (price, _PRICE), (rate, _RATE), (total, _AMOUNT))
    # One blank at least, so that figures too wide for their column never run together.
    return f"{name:<{_NAME}}" + "".join(f" {text:>{width - 1}}" for text, width in figures)


def _quarters(rate: str, net: str, tax: str, gross: str) -> str:
    quarter = WIDTH // 4
    sums = "".join(f" {text:>{quarter - 1}}" for text in (net, tax, gross))
    return f"{rate:<{quarter}}{sums}"
