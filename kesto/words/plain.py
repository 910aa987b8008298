"""An invoice or a receipt as plain text in the words of its language, 80 columns wide."""

import textwrap
from collections.abc import Iterable, Iterator

from kesto.words.explanations import sentences
from kesto.words.forms import amount, day, exact_amount, iban, percent, period
from kesto.words.messages import check_language, say
from kesto.words.paper import Paper
from kesto.words.paper_lines import is_late, quantity_of, settled, sign_of
from kesto.words.paper_story import bridge, to_do
from kesto.words.receipt_paper import receipt_paper
from kesto.words.tongue import Tongue
from kesto.words.views import InvoiceView, LineView, PaidView, PartyView, ReceiptView

WIDTH = 80
_LABEL = 22
# Columns of the lines: product, quantity, price, VAT, amount.
_NAME, _QUANTITY, _PRICE, _RATE, _AMOUNT = 32, 10, 14, 9, 15
_RULE = "─" * WIDTH


def invoice_text(view: InvoiceView, *, why: bool = True) -> str:
    """Return an invoice as text; with `why` every line says how its amount came about."""
    tongue = Tongue(check_language(view.language), view.currency)
    language = view.language
    blocks = (
        _party(view.seller, language),
        [f"{say(language, view.kind)} {view.number}"],
        _facts(view, language),
        _story(view, tongue),
        _lines(view, language, why=why),
        _taxes(view, tongue),
        _totals(view, tongue),
        _payment(view, tongue),
    )
    return _joined(blocks)


def receipt_text(view: ReceiptView) -> str:
    """Return a receipt as text."""
    tongue = Tongue(check_language(view.language), view.currency)
    paper = receipt_paper(view)
    blocks = (
        _party(view.seller, view.language),
        [f"{paper.title} {paper.number}"],
        _receipt_facts(view, paper),
        [paper.lines_title, *(_paid(paid, tongue) for paid in view.paid)],
        [_stretched(fact.label, fact.value) for fact in paper.totals],
        textwrap.wrap(tongue.say("receipt_is_no_invoice_text"), WIDTH),
    )
    return _joined(blocks)


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


def _receipt_facts(view: ReceiptView, paper: Paper) -> Iterator[str]:
    first, *rest = _party(view.buyer, view.language)
    yield _labelled(say(view.language, "customer"), first)
    yield from (_labelled("", line) for line in rest)
    yield from (_labelled(fact.label, fact.value) for fact in paper.facts)


def _paid(paid: PaidView, tongue: Tongue) -> str:
    label = f"{tongue.say('invoice')} {paid.number}, {tongue.day(paid.issued_on)}"
    return _stretched(label, tongue.minor(paid.paid_minor))


def _story(view: InvoiceView, tongue: Tongue) -> Iterator[str]:
    """Return why the sum changed, or what a credit note did."""
    story = bridge(view, tongue)
    if story is not None:
        yield story.title
        for fact in (story.before, *story.steps, story.after):
            yield _stretched(fact.label, fact.value)
    notice = to_do(view, tongue)
    if notice is not None:
        yield from textwrap.wrap(notice.text, WIDTH)


def _lines(view: InvoiceView, language: str, *, why: bool) -> Iterator[str]:
    heads = ("product", "quantity", "price", "vat_percent", "line_total")
    yield _columns(*(say(language, head) for head in heads))
    yield _RULE
    sign = sign_of(view)
    for line in view.lines:
        yield from _line(line, sign, view.currency, language, why=why and sign > 0)
    yield _RULE
    key = "prices_include_vat" if view.includes_tax else "prices_exclude_vat"
    yield say(language, key)


def _line(line: LineView, sign: int, currency: str, language: str, *, why: bool) -> Iterator[str]:
    """Return a line: its figures beside the first row of its name, then period and reasons."""
    first, *rest = textwrap.wrap(line.name, _NAME - 1) or [""]
    unit = None if is_late(line) else line.unit_amount
    yield _columns(
        first,
        quantity_of(line, sign, language, _QUANTITY - 1),
        "" if unit is None else exact_amount(unit, currency, language),
        percent(line.tax_rate_percent, language),
        amount(sign * line.amount_minor, currency, language),
    )
    yield from rest
    yield f"  {period(line.period_start, line.period_end, language)}"
    if why and line.explanation is not None:
        facts = (line.explanation, line.amount_minor, currency, language, line.kind)
        found = sentences(*facts, line.usage, line.coupon)
        for sentence in found:
            yield from textwrap.wrap(sentence, WIDTH, initial_indent="  ", subsequent_indent="    ")
    if line.explanation is not None and line.explanation.part_of_minor:
        whole = amount(line.explanation.part_of_minor, currency, language)
        yield f"  {say(language, 'part_of_line', amount=whole)}"


def _taxes(view: InvoiceView, tongue: Tongue) -> Iterator[str]:
    yield tongue.say("vat_by_rate")
    yield _quarters(*(tongue.say(key) for key in ("rate", "net", "vat", "gross")))
    for tax in view.taxes:
        sums = (tax.net_minor, tax.tax_minor, tax.gross_minor)
        yield _quarters(
            percent(tax.rate_percent, tongue.language),
            *(tongue.minor(sign_of(view) * minor) for minor in sums),
        )


def _totals(view: InvoiceView, tongue: Tongue) -> Iterator[str]:
    sign, is_invoice = sign_of(view), view.kind == "invoice"
    sums = {"total_net": view.net_minor, "total_vat": view.tax_minor}
    sums["total" if is_invoice else "total_credit"] = view.total_minor
    if is_invoice:
        sums |= {key: -minor for key, minor in settled(view).items()}
        sums["to_pay"] = view.open_minor
    for key, minor in sums.items():
        yield _stretched(tongue.say(key), tongue.minor(sign * minor))


def _payment(view: InvoiceView, tongue: Tongue) -> Iterator[str]:
    if view.kind != "invoice":
        return
    if view.open_minor <= 0:
        yield tongue.say("nothing_to_pay")
        return
    yield tongue.say("payment")
    facts = {
        "payee": view.seller.name,
        "iban": iban(view.iban),
        "reference": view.reference,
        "due_on": day(view.due_on, tongue.language),
        "to_pay": tongue.minor(view.open_minor),
    }
    for key, value in facts.items():
        if value:
            yield _labelled(tongue.say(key), value)


def _joined(blocks: Iterable[Iterable[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block) + "\n"


def _stretched(label: str, value: str) -> str:
    """Return a label and a sum at both ends of a row; a long label takes a row of its own."""
    gap = WIDTH - len(label)
    return f"{label} {value:>{gap - 1}}" if gap > len(value) else f"{label}\n{value:>{WIDTH}}"


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
