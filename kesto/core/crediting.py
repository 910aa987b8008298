"""Crediting: what is left of an invoice's lines and VAT, and how a credit note takes from it.

Credit notes may follow one another until nothing is left. The VAT of all of them together is
always the VAT of what they credit together, so the last one takes the rest of it to the cent.

Credit that came off before tax stands on lines of its own, below zero. It comes back with the lines
that it came off: their share of it, by VAT rate.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from kesto.core.exact import round_ratio
from kesto.core.invoicing import revenue_by_account
from kesto.core.money import allocate
from kesto.core.refusals import Conflict, Invalid
from kesto.core.tax import PERCENT, TaxGroup

Rate = tuple[str, Decimal]


class CreditableLine(Struct, frozen=True):
    """A line of an invoice: what it was billed for, and what credit notes took of it so far."""

    amount_minor: int
    tax_category: str
    tax_rate_percent: Decimal
    revenue_account: str = ""
    taken_minor: int = 0
    is_credit: bool = False

    @property
    def rate(self) -> Rate:
        """The VAT category and rate."""
        return self.tax_category, self.tax_rate_percent

    @property
    def left_minor(self) -> int:
        """What may still be credited of it."""
        return self.amount_minor - self.taken_minor


class Creditable(Struct, frozen=True):
    """An invoice as it may be credited: its lines by number, its VAT, and the VAT taken so far."""

    includes_tax: bool
    lines: Mapping[int, CreditableLine]
    taxes: Sequence[TaxGroup]
    taken: Sequence[TaxGroup] = ()

    @property
    def total_left_minor(self) -> int:
        """What may still be credited, VAT included."""
        return sum(one.gross_minor for one in self.taxes) - self.total_taken_minor

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing is left to credit: no sum, and no used credit to give back."""
        used = [line for line in self.lines.values() if line.is_credit]
        return not self.total_left_minor and not any(line.left_minor for line in used)

    @property
    def total_taken_minor(self) -> int:
        """What has been credited so far, VAT included."""
        return sum(one.gross_minor for one in self.taken)


class Credit(Struct, frozen=True):
    """What a credit note takes: an amount by line number, and its VAT by category and rate."""

    lines: Mapping[int, int]
    taxes: tuple[TaxGroup, ...]

    @property
    def net_minor(self) -> int:
        """The sum without VAT."""
        return sum(one.net_minor for one in self.taxes)

    @property
    def tax_minor(self) -> int:
        """The VAT of all rates."""
        return sum(one.tax_minor for one in self.taxes)

    @property
    def total_minor(self) -> int:
        """The sum with VAT."""
        return self.net_minor + self.tax_minor


class _Group(Struct, frozen=True):
    """What is left at one rate; amounts as the invoice counts them, net or gross."""

    rate: Rate
    includes_tax: bool
    left_minor: int
    taken_minor: int
    tax_left_minor: int
    tax_taken_minor: int

    @property
    def gross_left_minor(self) -> int:
        return self.left_minor if self.includes_tax else self.left_minor + self.tax_left_minor


def credit_whole(invoice: Creditable) -> Credit:
    """Everything that is left; of an invoice that was never credited, its mirror image."""
    is_first = not invoice.taken
    wanted = {
        number: line.left_minor
        for number, line in invoice.lines.items()
        if line.left_minor or (is_first and not line.amount_minor)
    }
    return _credited(invoice, wanted, {})


def credit_lines(invoice: Creditable, wanted: Mapping[int, int | None]) -> Credit:
    """Some lines, by their numbers: each by an amount as the invoice counts it, or what is left.

    Used credit comes back with them. Raises Invalid for a line that is not there, for one of used
    credit and for more than is left of it.
    """
    amounts: dict[int, int] = {}
    for number, asked in wanted.items():
        line = invoice.lines.get(number)
        if line is None:
            raise Invalid(f"the invoice has no line {number}", code="unknown_line", field="lines")
        if line.is_credit:
            raise Invalid(
                f"line {number} is used credit; it comes back with the lines that it came off",
                code="comes_back_by_itself",
                field=f"line_{number}",
            )
        amount = line.left_minor if asked is None else asked
        if not _is_within(amount, line.left_minor):
            raise Invalid(
                f"line {number}: {amount} can't be credited; {line.left_minor} is left of it",
                code="above_left",
                field=f"line_{number}",
            )
        if amount:
            amounts[number] = amount
    amounts |= _coming_back(invoice, amounts)
    return _credited(invoice, dict(sorted(amounts.items())), {})


def credit_amount(invoice: Creditable, amount_minor: int, *, with_tax: bool) -> Credit:
    """A sum, spread over what is left: first over the VAT rates, then over the lines of each.

    With `with_tax` it is the credit note's total, else it is as the invoice counts. Raises
    Invalid for a sum that is not above zero, and for more than is left.
    """
    counts_gross = with_tax or invoice.includes_tax
    groups = _groups(invoice)
    left = sum(one.gross_left_minor if counts_gross else one.left_minor for one in groups)
    if not 0 < amount_minor <= left:
        raise Invalid(
            f"{amount_minor} can't be credited; from 1 to {left} is left",
            code="above_left" if amount_minor > 0 else "not_above_zero",
            field="amount",
        )
    if amount_minor == left:
        return credit_whole(invoice)
    groups = [one for one in groups if one.left_minor > 0]
    weights = [one.gross_left_minor if counts_gross else one.left_minor for one in groups]
    amounts: dict[int, int] = {}
    taxes: dict[Rate, int] = {}
    for group, share_minor in zip(groups, allocate(amount_minor, weights), strict=True):
        minor = share_minor
        if counts_gross and not invoice.includes_tax:
            minor = _net_of(group, share_minor)
            taxes[group.rate] = share_minor - minor
        lines = {
            number: line.left_minor
            for number, line in invoice.lines.items()
            if line.rate == group.rate and line.left_minor > 0
        }
        shares = allocate(minor, list(lines.values()))
        amounts |= {number: one for number, one in zip(lines, shares, strict=True) if one}
    return _credited(invoice, dict(sorted(amounts.items())), taxes)


def revenue_taken(invoice: Creditable, credit: Credit) -> dict[str, int]:
    """The net revenue that a credit takes back, by account.

    It is what all credits together take less what those before it took, so that of an invoice
    that is credited in full no account keeps a cent.
    """
    before = revenue_by_account(
        [(*_booked(line), line.taken_minor) for line in invoice.lines.values()],
        invoice.taken,
        includes_tax=invoice.includes_tax,
    )
    after = revenue_by_account(
        [
            (*_booked(line), line.taken_minor + credit.lines.get(number, 0))
            for number, line in invoice.lines.items()
        ],
        added(invoice.taken, credit.taxes),
        includes_tax=invoice.includes_tax,
    )
    return {account: net - before[account] for account, net in after.items()}


def added(some: Sequence[TaxGroup], more: Sequence[TaxGroup]) -> tuple[TaxGroup, ...]:
    """VAT by rate of two sides together."""
    sums: dict[Rate, tuple[int, int]] = {}
    for one in (*some, *more):
        net, tax = sums.get((one.category, one.rate_percent), (0, 0))
        sums[one.category, one.rate_percent] = (net + one.net_minor, tax + one.tax_minor)
    return tuple(TaxGroup(*rate, *minor) for rate, minor in sums.items())


def _coming_back(invoice: Creditable, amounts: Mapping[int, int]) -> dict[int, int]:
    """What comes back of used credit with lines: their share of what is left at each rate."""
    found: dict[int, int] = {}
    for rate in {line.rate: None for line in invoice.lines.values() if line.is_credit}:
        lines = {number: one for number, one in invoice.lines.items() if one.rate == rate}
        used = {number: -one.left_minor for number, one in lines.items() if one.is_credit}
        sold = {number: one for number, one in lines.items() if not one.is_credit}
        of_minor = sum(one.left_minor for one in sold.values())
        taken_minor, used_minor = sum(amounts.get(number, 0) for number in sold), sum(used.values())
        if taken_minor <= 0 or used_minor <= 0:
            continue
        is_all = taken_minor >= of_minor
        back = used_minor if is_all else round_ratio(used_minor * taken_minor, of_minor)
        accounts = {sold[number].revenue_account for number in sold if amounts.get(number, 0) > 0}
        # The account that gives its revenue back is the one that had it reduced.
        near = {number: lines[number].revenue_account in accounts for number in used}
        for is_near in (True, False):
            weights = {number: used[number] for number in used if near[number] == is_near}
            part = min(back, sum(weights.values()))
            if part:
                shares = allocate(part, list(weights.values()))
                found |= {number: -one for number, one in zip(weights, shares, strict=True) if one}
            back -= part
    return found


def _booked(line: CreditableLine) -> tuple[str, str, Decimal]:
    return line.revenue_account, line.tax_category, line.tax_rate_percent


def _is_within(amount_minor: int, left_minor: int) -> bool:
    return min(0, left_minor) <= amount_minor <= max(0, left_minor)


def _groups(invoice: Creditable) -> list[_Group]:
    billed, taken = (
        {(one.category, one.rate_percent): one.tax_minor for one in side}
        for side in (invoice.taxes, invoice.taken)
    )
    left: dict[Rate, tuple[int, int]] = {}
    for line in invoice.lines.values():
        before = left.get(line.rate, (0, 0))
        left[line.rate] = (before[0] + line.left_minor, before[1] + line.taken_minor)
    return [
        _Group(
            rate,
            invoice.includes_tax,
            *amounts,
            billed.get(rate, 0) - taken.get(rate, 0),
            taken.get(rate, 0),
        )
        for rate, amounts in left.items()
    ]


def _tax_on(group: _Group, minor: int) -> int:
    """VAT on a further part: that of all parts together, less what was taken before."""
    if minor == group.left_minor:
        return group.tax_left_minor
    if not minor:
        return 0
    numerator, denominator = group.rate[1].as_integer_ratio()
    base = PERCENT * denominator + (numerator if group.includes_tax else 0)
    together = round_ratio((group.taken_minor + minor) * numerator, base)
    tax = together - group.tax_taken_minor
    return max(min(tax, max(0, group.tax_left_minor)), min(0, group.tax_left_minor))


def _net_of(group: _Group, gross_minor: int) -> int:
    """The net part of a sum with VAT; the VAT is the rest, at most a minor unit off its rate.

    Not every sum is a net amount with its rounded VAT: at 25.5 %, 0.02 becomes 0.01 + 0.01.
    """
    if gross_minor == group.gross_left_minor:
        return group.left_minor
    low, high = 0, group.left_minor
    while low < high:
        middle = (low + high + 1) // 2
        if middle + _tax_on(group, middle) <= gross_minor:
            low = middle
        else:
            high = middle - 1
    if low or not gross_minor:
        return low
    if group.left_minor == 1:
        raise Invalid(
            f"what is left at {group.rate[1]} % is too little to be split: credit all that is left",
            code="too_little_to_split",
            field="amount",
        )
    return 1


def _credited(invoice: Creditable, amounts: Mapping[int, int], taxes: Mapping[Rate, int]) -> Credit:
    """Check each rate and the whole, and put VAT to the amounts."""
    if invoice.is_exhausted:
        raise Conflict(
            "the invoice has been credited in full", code="already_credited", field="invoice"
        )
    sums: dict[Rate, int] = {}
    for number, minor in amounts.items():
        rate = invoice.lines[number].rate
        sums[rate] = sums.get(rate, 0) + minor
    made = []
    for group in _groups(invoice):
        if group.rate not in sums:
            continue
        minor = sums[group.rate]
        if not _is_within(minor, group.left_minor):
            raise Invalid(
                f"{minor} at {group.rate[1]} % can't be credited; {group.left_minor} is left of it",
                code="above_left",
                field="lines",
            )
        tax = taxes.get(group.rate, _tax_on(group, minor))
        made.append(TaxGroup(*group.rate, minor - tax if invoice.includes_tax else minor, tax))
    credit = Credit(amounts, tuple(made))
    gives_credit_back = any(invoice.lines[number].is_credit for number in amounts)
    least = 0 if gives_credit_back else 1
    if not least <= credit.total_minor <= invoice.total_left_minor:
        raise Invalid(
            f"the credit note would come to {credit.total_minor};"
            f" from {least} to {invoice.total_left_minor} is left",
            code="above_left" if credit.total_minor > 0 else "not_above_zero",
            field="lines",
        )
    return credit
