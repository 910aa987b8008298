"""Double entry: the only ways in which money events are booked.

A template turns amounts into postings that sum to zero for all inputs. Debit is positive, credit
negative. Accounts are names; a product names its own revenue account.

| account | what its balance says |
| --- | --- |
| receivable | what customers owe (debit) |
| bank | what came in through the bank (debit) |
| unmatched | money in the bank that nobody has claimed yet (credit); zero when the queue is empty |
| customer_credit | money that belongs to customers (credit) |
| vat_payable | VAT owed to the state (credit) |
| bad_debt | what was written off and not recovered (debit) |
| goodwill | credit that the merchant gave, as far as it was used (debit) |
| payouts | credit that is asked to be paid back and has not left the bank yet (credit) |
| paid_elsewhere | what customers paid for credit past the bank's files (debit) |
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

RECEIVABLE = "receivable"
BANK = "bank"
UNMATCHED = "unmatched"
CUSTOMER_CREDIT = "customer_credit"
VAT_PAYABLE = "vat_payable"
BAD_DEBT = "bad_debt"
GOODWILL = "goodwill"
PAYOUTS = "payouts"
PAID_ELSEWHERE = "paid_elsewhere"


class Posting(Struct, frozen=True, gc=False):
    """One side of a journal entry, in minor units: debit positive, credit negative."""

    account: str
    amount_minor: int
    currency: str


def invoice(
    revenue: Iterable[tuple[str, int]], tax_minor: int, currency: str
) -> tuple[Posting, ...]:
    """The customer owes what was sold and the VAT on it; `revenue` is net by account."""
    total_minor, sides = tax_minor, []
    for account, net_minor in revenue:
        total_minor += net_minor
        if net_minor:
            sides.append(Posting(account, -net_minor, currency))
    if tax_minor:
        sides.append(Posting(VAT_PAYABLE, -tax_minor, currency))
    if total_minor:
        sides.insert(0, Posting(RECEIVABLE, total_minor, currency))
    return tuple(sides)


def credit_note(
    revenue: Mapping[str, int], tax_minor: int, open_minor: int, currency: str
) -> tuple[Posting, ...]:
    """Sale and VAT are taken back: the open part is owed no more, the rest is kept as credit.

    `open_minor` is what was still open of the credited invoice, at most the note's total.
    """
    total_minor = sum(revenue.values()) + tax_minor
    sides = [(account, net_minor) for account, net_minor in revenue.items()]
    sides.append((VAT_PAYABLE, tax_minor))
    sides += [(RECEIVABLE, -open_minor), (CUSTOMER_CREDIT, open_minor - total_minor)]
    return _postings(sides, currency)


def bank_receipt(amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """Money came in (negative: went out); whose it is stands in the next entry."""
    return _postings([(BANK, amount_minor), (UNMATCHED, -amount_minor)], currency)


def payment(amount_minor: int, allocated_minor: int, currency: str) -> tuple[Posting, ...]:
    """A receipt is a customer's: it settles invoices, and what is over is the customer's credit."""
    sides = [
        (UNMATCHED, amount_minor),
        (RECEIVABLE, -allocated_minor),
        (CUSTOMER_CREDIT, allocated_minor - amount_minor),
    ]
    return _postings(sides, currency)


def wallet_use(amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """A customer's credit pays an invoice."""
    return _postings([(CUSTOMER_CREDIT, amount_minor), (RECEIVABLE, -amount_minor)], currency)


def given_use(amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """Credit that the merchant gave pays an invoice: only now it costs."""
    return _postings([(GOODWILL, amount_minor), (RECEIVABLE, -amount_minor)], currency)


def credit_sold(amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """A customer paid for credit past the bank's files, such as a prepaid package at a desk."""
    return _postings([(PAID_ELSEWHERE, amount_minor), (CUSTOMER_CREDIT, -amount_minor)], currency)


def given_back(amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """Credit given comes back from a credited invoice: as credit to give, not as money."""
    return _postings([(CUSTOMER_CREDIT, amount_minor), (GOODWILL, -amount_minor)], currency)


def payout(amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """A customer's credit is to be paid back: it is owed by the bank account from now on."""
    return _postings([(CUSTOMER_CREDIT, amount_minor), (PAYOUTS, -amount_minor)], currency)


def payout_cleared(amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """Money that left the bank account was a payout."""
    return _postings([(PAYOUTS, amount_minor), (UNMATCHED, -amount_minor)], currency)


def write_off(amount_minor: int, tax_minor: int, currency: str) -> tuple[Posting, ...]:
    """An invoice is given up: a loss, less the VAT on it that the state gives back."""
    sides = [
        (BAD_DEBT, amount_minor - tax_minor),
        (VAT_PAYABLE, tax_minor),
        (RECEIVABLE, -amount_minor),
    ]
    return _postings(sides, currency)


def recovery(amount_minor: int, tax_minor: int, currency: str) -> tuple[Posting, ...]:
    """What was given up is paid after all: it is owed again, and so is its VAT."""
    return tuple(
        Posting(one.account, -one.amount_minor, one.currency)
        for one in write_off(amount_minor, tax_minor, currency)
    )


def _postings(sides: Sequence[tuple[str, int]], currency: str) -> tuple[Posting, ...]:
    return tuple([Posting(account, minor, currency) for account, minor in sides if minor])
