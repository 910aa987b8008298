"""Invoicing: what is due less what was billed, made into an invoice, within safety bounds.

Read this file to know Kesto: a draft is the difference, by key, between the lines that are due
and the lines that were billed. Running twice adds nothing; a change in the past becomes a
correction line by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.exact import round_ratio
from kesto.core.line import Explanation, Key, Line, Rated
from kesto.core.tax import TaxGroup, ratio, tax_group
from kesto.core.wallets import Used

# A clean group has one line per item, price and period; a run that is weeks late has a few more.
LINES_OF_ONE_PRICE = 6


class Billed(Struct, frozen=True, gc=False):
    """What was billed under a key so far: the sum of its revisions, and the last of them.

    `credited_minor` was given back by hand; the key can't be credited for that part again.
    """

    amount_minor: int
    last: Rated
    credited_minor: int = 0


class Totals(Struct, frozen=True, gc=False):
    """An invoice's sums, its VAT by category and rate, and its net revenue by account."""

    net_minor: int
    tax_minor: int
    taxes: tuple[TaxGroup, ...]
    revenue: tuple[tuple[str, int], ...]

    @property
    def total_minor(self) -> int:
        """What the customer pays."""
        return self.net_minor + self.tax_minor


class Draft(Struct, frozen=True, gc=False):
    """An invoice without name, number and date: its lines and their totals.

    `credit` is what came off before tax; it stands on lines of its own, the last ones.
    """

    lines: tuple[Line, ...]
    totals: Totals
    credit: tuple[Used, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing to ask for: no line, or lines of zero only, which make no invoice."""
        for line in self.lines:  # noqa: SIM110 - the first line says it, for almost every invoice
            if line.rated.amount_minor:
                return False
        return True


class Parked(Struct, frozen=True, gc=False):
    """A draft that must not go out by itself; `code` is stable, `reason` tells a person.

    `awaits` is the code of the price series that it waits for.
    """

    code: str
    reason: str
    awaits: str = ""


def draft(
    due: Sequence[Line],
    billed: Mapping[Key, Billed],
    *,
    includes_tax: bool,
) -> Draft:
    """Make what is due and not yet billed into a draft.

    `billed` holds every key that may come up again; keys that were billed and are due no more
    are credited. Equal amounts for equal days give no line, whatever the wording.
    """
    lines = tuple(due) if not billed else tuple(_differences(due, billed))
    return Draft(lines, totals(lines, includes_tax=includes_tax))


def totals(lines: Sequence[Line], *, includes_tax: bool) -> Totals:
    """Add up rounded lines; VAT once per category and rate."""
    by_rate: dict[tuple[str, Decimal], dict[str, int]] = {}
    accounts: dict[str, int] = {}
    category = rate = None
    for line in lines:
        rated = line.rated
        # Most lines have the very rate of the line before: a decimal is slow to look up.
        if rated.tax_rate_percent is not rate or rated.tax_category is not category:
            category, rate = rated.tax_category, rated.tax_rate_percent
            accounts = by_rate.setdefault((category, rate), {})
        account = rated.revenue_account
        accounts[account] = accounts.get(account, 0) + rated.amount_minor
    net_minor = tax_minor = 0
    groups: list[TaxGroup] = []
    revenue: dict[str, int] = {}
    for (category, rate), accounts in by_rate.items():
        amount = sum(accounts.values())
        group = (
            tax_group(category, rate, gross_minor=amount)
            if includes_tax
            else tax_group(category, rate, net_minor=amount)
        )
        groups.append(group)
        net_minor += group.net_minor
        tax_minor += group.tax_minor
        nets = _net_by_account(accounts, group, includes_tax=includes_tax)
        if not revenue:  # most invoices have one rate
            revenue = nets
            continue
        for account, net in nets.items():
            revenue[account] = revenue.get(account, 0) + net
    return Totals(net_minor, tax_minor, tuple(groups), tuple(revenue.items()))


def revenue_by_account(
    lines: Sequence[tuple[str, str, Decimal, int]],
    taxes: Sequence[TaxGroup],
    *,
    includes_tax: bool,
) -> dict[str, int]:
    """Net revenue of lines (account, VAT category, rate, amount) whose VAT is known by rate."""
    by_rate: dict[tuple[str, Decimal], dict[str, int]] = {}
    for account, category, rate, minor in lines:
        accounts = by_rate.setdefault((category, rate), {})
        accounts[account] = accounts.get(account, 0) + minor
    groups = {(group.category, group.rate_percent): group for group in taxes}
    revenue: dict[str, int] = {}
    for rate_key, accounts in by_rate.items():
        group = groups.get(rate_key) or TaxGroup(*rate_key, 0, 0)
        nets = _net_by_account(accounts, group, includes_tax=includes_tax)
        for account, net in nets.items():
            revenue[account] = revenue.get(account, 0) + net
    return revenue


def out_of_bounds(
    draft: Draft, *, billed: Mapping[Key, Billed], currency: str, limit_minor: int
) -> Parked | None:
    """Say what makes a draft look wrong: a key twice, an absurd amount, years in one go."""
    # Where each line has an item of its own, nothing is there twice or for many periods. Lines
    # come in the order of their items, so it is seen by looking at each with the one before.
    before = -1
    for line in draft.lines:
        item = line.item_id.int
        if item <= before:
            repeated = _repeated(draft.lines, billed)
            if repeated is not None:
                return repeated
            break
        before = item
    if abs(draft.totals.total_minor) > limit_minor:
        return Parked(
            "amount_over_limit",
            f"{draft.totals.total_minor} minor units of {currency} are more than the merchant's"
            f" limit of {limit_minor}",
        )
    return None


@lru_cache(maxsize=1024)
def due_date(invoice_on: date, due_days: int) -> date:
    """The day by which an invoice is to be paid."""
    return date.fromordinal(invoice_on.toordinal() + due_days)


def _repeated(lines: Sequence[Line], billed: Mapping[Key, Billed]) -> Parked | None:
    seen: set[Key] = set()
    counts: dict[tuple[UUID, UUID, str], int] = {}
    for line in lines:
        key = line.key
        if key in seen:
            return Parked("billed_twice", f"item {key.item_id} is due twice for {key.period_start}")
        seen.add(key)
        if key not in billed and line.rated.amount_minor:
            series = (key.item_id, key.price_id, key.kind)
            counts[series] = counts.get(series, 0) + 1
    most = max(counts.values(), default=0)
    if most > LINES_OF_ONE_PRICE:
        return Parked(
            "too_many_periods",
            f"{most} periods of one price would be billed at once; more than {LINES_OF_ONE_PRICE}"
            " need a person's word",
        )
    return None


def _differences(due: Sequence[Line], billed: Mapping[Key, Billed]) -> list[Line]:
    lines = []
    wanted = set()
    for line in due:
        key = line.key
        wanted.add(key)
        before = billed.get(key)
        if before is None:
            lines.append(line)
        elif _is_other(now := _within_left(line.rated, before), before):
            lines.append(Line(line.item_id, _correction(now, before), line.unpriced))
    for key, before in billed.items():
        if before.amount_minor and key not in wanted:
            nothing = msgspec.structs.replace(before.last, amount_minor=0)
            now = _within_left(nothing, before)
            if now.amount_minor != before.amount_minor:
                lines.append(Line(key.item_id, _correction(now, before)))
    return lines


def _is_other(now: Rated, before: Billed) -> bool:
    """Another amount, or the same for other days: those that are free now may be billed again."""
    if now.amount_minor != before.amount_minor:
        return True
    return bool(now.amount_minor) and now.period_end != before.last.period_end


def _within_left(now: Rated, before: Billed) -> Rated:
    """What a key comes to, but never less than what was given back of it by hand."""
    least = min(before.credited_minor, before.amount_minor)
    if not before.credited_minor or now.amount_minor >= least:
        return now
    return msgspec.structs.replace(now, amount_minor=least)


def _correction(now: Rated, before: Billed) -> Rated:
    difference = now.amount_minor - before.amount_minor
    was = msgspec.json.decode(now.explanation, type=Explanation)
    explanation = msgspec.structs.replace(
        was,
        corrects=before.last.revision,
        was_minor=before.amount_minor,
        now_minor=now.amount_minor,
    )
    return msgspec.structs.replace(
        now,
        revision=before.last.revision + 1,
        amount_minor=difference,
        explanation=msgspec.json.encode(explanation),
    )


def _net_by_account(
    accounts: Mapping[str, int], group: TaxGroup, *, includes_tax: bool
) -> dict[str, int]:
    """Spread a VAT group's net over its revenue accounts; the last one takes the difference."""
    if not includes_tax:
        return dict(accounts)
    rate, hundred = ratio(group.rate_percent)
    with_tax = hundred + rate
    nets: dict[str, int] = {}
    left = group.net_minor
    last = ""
    for last, amount in accounts.items():
        nets[last] = net = round_ratio(amount * hundred, with_tax)
        left -= net
    nets[last] += left
    return nets
