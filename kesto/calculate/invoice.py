"""Operation invoice: lines, discounts, credit, VAT, wallet and what is left to pay."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from kesto.calculate.given import Answer, given_currency, given_minor
from kesto.calculate.price import priced_line
from kesto.core.credit_lines import rooms_of
from kesto.core.discounts import PERCENT, Discount, Discounted, discounted
from kesto.core.exact import shown
from kesto.core.fields import Fields
from kesto.core.money import allocate, format_minor, round_minor
from kesto.core.tax import TaxGroup, tax_group

MINIMUM = ":minimum"


class Line(Struct, frozen=True):
    """A line of the invoice, rounded, before discounts."""

    id: str
    amount_minor: int
    tax_category: str
    tax_rate: Decimal
    is_gross: bool
    tags: tuple[str, ...]


def invoice(fields: Fields) -> Answer:
    """Compute an invoice from its lines to what is due."""
    currency = given_currency(fields)
    lines = _all_lines(fields, currency)
    discounts = _discounts(fields, lines, currency)
    has_credit = fields.has("credit")
    credit_minor = given_minor(fields, "credit", currency)
    wallet_minor = given_minor(fields, "wallet", currency)
    paid_minor = given_minor(fields, "paid", currency)
    fields.close()
    taken = discounted([line.amount_minor for line in lines], discounts)
    credit = _credit(lines, taken, credit_minor)
    groups = _taxed(lines, taken, credit)
    net_minor = sum(group.net_minor for group in groups)
    tax_minor = sum(group.tax_minor for group in groups)
    payable_minor = net_minor + tax_minor - paid_minor
    wallet_used_minor = max(min(wallet_minor, payable_minor), 0)
    sums = {
        "net": net_minor,
        "tax_total": tax_minor,
        "total": net_minor + tax_minor,
        "wallet_used": wallet_used_minor,
        "wallet_left": wallet_minor - wallet_used_minor,
        "due": payable_minor - wallet_used_minor,
    }
    if has_credit:
        sums |= {"credit_used": sum(credit), "credit_left": credit_minor - sum(credit)}
    rows = _line_rows(lines, taken, credit, currency)
    return {
        "lines": rows if has_credit else [_without_credit(row) for row in rows],
        "discounts": [{"amount": format_minor(minor, currency)} for minor in taken.by_discount],
        "tax": [_tax_row(group, currency) for group in groups],
        **{name: format_minor(minor, currency) for name, minor in sums.items()},
    }


def _all_lines(fields: Fields, currency: str) -> list[Line]:
    lines: list[Line] = []
    names: set[str] = set()
    for section in fields.sections("lines"):
        found = _lines(section, currency)
        if found[0].id in names:
            section.refuse("twice", "id", "stands on two lines")
        names |= {line.id for line in found}
        lines += found
    return lines


def _lines(fields: Fields, currency: str) -> list[Line]:
    """Read a line; the minimum of its price, when it adds something, is a line of its own."""
    name = fields.text("id")
    category, rate = fields.text("tax_category", "standard"), fields.decimal("tax_rate")
    tail = (category, rate, fields.flag("gross", default=False), _texts(fields, "tags"))
    if fields.has("amount") == fields.has("price"):
        fields.refuse("missing", "amount", "or price must be given, and not both")
    if fields.has("amount"):
        amount = fields.decimal("amount", is_signed=True)
        fields.close()
        return [Line(name, round_minor(amount, currency), *tail)]
    priced = priced_line(fields, currency)
    fields.close()
    lines = [Line(name, priced.amount_minor - (priced.replaces_minor or 0), *tail)]
    if priced.true_up_minor:
        lines.append(Line(name + MINIMUM, priced.true_up_minor, *tail))
    return lines


def _discounts(fields: Fields, lines: Sequence[Line], currency: str) -> list[Discount]:
    sections = fields.sections("discounts") if fields.has("discounts") else []
    return [_discount(section, lines, currency) for section in sections]


def _discount(fields: Fields, lines: Sequence[Line], currency: str) -> Discount:
    kind = fields.choice("kind", ("percent", "amount"))
    value = fields.decimal("value")
    places = None
    if (applies_to := fields.optional_section("applies_to")) is not None:
        places = _places(applies_to, lines)
    fields.close()
    if kind == "amount":
        return Discount("amount", amount_minor=round_minor(value, currency), lines=places)
    if value > PERCENT:
        fields.refuse("bad_discount", "value", "may be at most 100 percent")
    return Discount("percent", percent=value, lines=places)


def _places(fields: Fields, lines: Sequence[Line]) -> tuple[int, ...]:
    """Return which lines a discount applies to, by id or by tag."""
    if fields.has("lines") == fields.has("tags"):
        fields.refuse("missing", "lines", "or tags must be given, and not both")
    ids, tags = _texts(fields, "lines"), set(_texts(fields, "tags"))
    fields.close()
    known = {line.id for line in lines}
    for name in ids:
        if name not in known and name.removesuffix(MINIMUM) not in known:
            fields.refuse("unknown_line", "lines", f"names {name!r}, which is no line's id")
    return tuple(
        place
        for place, line in enumerate(lines)
        if line.id in ids or not tags.isdisjoint(line.tags)
    )


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    texts = []
    for item in fields.items(name) if fields.has(name) else ():
        if not isinstance(item, str):
            fields.refuse("bad_text", name, "must be a list of texts")
        texts.append(item)
    return tuple(texts)


def _credit(lines: Sequence[Line], taken: Discounted, balance_minor: int) -> list[int]:
    """What comes off each line before tax, after its discounts."""
    left = [line.amount_minor - off for line, off in zip(lines, taken.by_line, strict=True)]
    rates = [(line.tax_category, line.tax_rate, line.is_gross) for line in lines]
    rooms = rooms_of([(rate, rate, minor) for rate, minor in zip(rates, left, strict=True)])
    used_minor = min(balance_minor, sum(rooms))
    return allocate(used_minor, rooms) if used_minor > 0 else [0] * len(lines)


def _taxed(lines: Sequence[Line], taken: Discounted, credit: Sequence[int]) -> list[TaxGroup]:
    """Group what discounts and credit left by category and rate, net and gross amounts apart."""
    sums: dict[tuple[str, Decimal], dict[bool, int]] = {}
    for line, off_minor, credit_minor in zip(lines, taken.by_line, credit, strict=True):
        group = sums.setdefault((line.tax_category, line.tax_rate), {False: 0, True: 0})
        group[line.is_gross] += line.amount_minor - off_minor - credit_minor
    return [
        tax_group(*key, net_minor=group[False], gross_minor=group[True])
        for key, group in sums.items()
    ]


def _line_rows(
    lines: Sequence[Line], taken: Discounted, credit: Sequence[int], currency: str
) -> list[Answer]:
    return [
        {
            "id": line.id,
            "amount": format_minor(line.amount_minor, currency),
            "discount": format_minor(off_minor, currency),
            "credit": format_minor(credit_minor, currency),
            "net": format_minor(line.amount_minor - off_minor - credit_minor, currency),
        }
        for line, off_minor, credit_minor in zip(lines, taken.by_line, credit, strict=True)
    ]


def _without_credit(row: Answer) -> Answer:
    """A line of an invoice that no credit was asked for."""
    return {name: value for name, value in row.items() if name != "credit"}


def _tax_row(group: TaxGroup, currency: str) -> Answer:
    return {
        "category": group.category,
        "rate": shown(group.rate_percent),
        "base": format_minor(group.net_minor, currency),
        "amount": format_minor(group.tax_minor, currency),
    }
