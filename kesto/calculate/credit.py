"""Operation credit: credit notes one after the other on an invoice, and what is left of it."""

from collections.abc import Mapping

from msgspec.structs import replace

from kesto.calculate.given import Answer, given_currency
from kesto.core.crediting import (
    Credit,
    Creditable,
    CreditableLine,
    added,
    credit_amount,
    credit_lines,
    credit_whole,
)
from kesto.core.exact import shown
from kesto.core.fields import Fields
from kesto.core.money import format_minor, round_minor
from kesto.core.tax import tax_groups


def credit(fields: Fields) -> Answer:
    """Credit an invoice by each of the credit notes in turn."""
    currency = given_currency(fields)
    includes_tax = fields.flag("includes_tax", default=False)
    names: list[str] = []
    lines: dict[int, CreditableLine] = {}
    for number, section in enumerate(fields.sections("lines"), 1):
        name = section.text("id")
        if name in names:
            section.refuse("twice", "id", "stands on two lines")
        names.append(name)
        lines[number] = _line(section, currency)
    sections = fields.sections("credits")
    fields.close()
    taxed = [(*line.rate, line.amount_minor) for line in lines.values()]
    invoice = Creditable(includes_tax, lines, tax_groups(taxed, includes_tax=includes_tax))
    rows = []
    for section in sections:
        made = _credit(section, invoice, names, currency)
        rows.append(_row(made, names, currency))
        invoice = _after(invoice, made)
    return {
        "credits": rows,
        "left": {
            names[number - 1]: format_minor(line.left_minor, currency)
            for number, line in invoice.lines.items()
        },
        "total_left": format_minor(invoice.total_left_minor, currency),
    }


def _line(fields: Fields, currency: str) -> CreditableLine:
    amount = fields.decimal("amount", is_signed=True)
    category, rate = fields.text("tax_category", "standard"), fields.decimal("tax_rate")
    is_credit = fields.flag("credit", default=False)
    fields.close()
    return CreditableLine(round_minor(amount, currency), category, rate, is_credit=is_credit)


def _credit(fields: Fields, invoice: Creditable, names: list[str], currency: str) -> Credit:
    """Read one credit note: an amount, lines, or (with neither) all that is left."""
    if fields.has("amount"):
        minor = round_minor(fields.decimal("amount"), currency)
        with_tax = fields.flag("with_tax", default=True)
        fields.close()
        return credit_amount(invoice, minor, with_tax=with_tax)
    sections = fields.sections("lines") if fields.has("lines") else None
    fields.close()
    if sections is None:
        return credit_whole(invoice)
    wanted: dict[int, int | None] = {}
    for section in sections:
        name = section.text("id")
        if name not in names:
            section.refuse("unknown_line", "id", "is no line of the invoice")
        minor_or_all = (
            round_minor(section.decimal("amount", is_signed=True), currency)
            if section.has("amount")
            else None
        )
        wanted[names.index(name) + 1] = minor_or_all
        section.close()
    return credit_lines(invoice, wanted)


def _after(invoice: Creditable, made: Credit) -> Creditable:
    lines: Mapping[int, CreditableLine] = {
        number: replace(line, taken_minor=line.taken_minor + made.lines.get(number, 0))
        for number, line in invoice.lines.items()
    }
    return replace(invoice, lines=lines, taken=added(invoice.taken, made.taxes))


def _row(made: Credit, names: list[str], currency: str) -> Answer:
    return {
        "lines": {
            names[number - 1]: format_minor(minor, currency) for number, minor in made.lines.items()
        },
        "tax": [
            {
                "rate": shown(group.rate_percent),
                "base": format_minor(group.net_minor, currency),
                "amount": format_minor(group.tax_minor, currency),
            }
            for group in made.taxes
        ],
        "net": format_minor(made.net_minor, currency),
        "tax_total": format_minor(made.tax_minor, currency),
        "total": format_minor(made.total_minor, currency),
    }
