"""The demo's bank: who pays what and when, with a bank's flaws in fixed, stated counts.

Nothing is drawn by lot: everything follows from an invoice's place in the list, so every run
makes the same files. The truth of who paid what goes beside the files, for a comparison at the
end; the matching never sees it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import count
from math import gcd
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from kesto.adapters.banking.references import printed
from kesto.core.banking import BankEntry, entry_key
from kesto.core.references import finnish, is_finnish, rf
from kesto.core.refusals import Invalid
from kesto.demo.bank_file import Credit, notification

Flaw = Literal[
    "leading_zeros",  # the reference padded to 20 digits
    "free_text",  # the reference in the message instead of its field
    "short",  # a tenth too little
    "double",  # paid, and paid again
    "wrong_check_digit",  # a slip in the reference
    "no_invoice",  # a stranger's payment: a sound reference that is of no invoice
    "no_reference",  # nothing that names the invoice
]
FLAWS: dict[Flaw, int] = {
    "leading_zeros": 60,
    "free_text": 120,
    "short": 30,
    "double": 20,
    "wrong_check_digit": 24,
    "no_invoice": 16,
    "no_reference": 20,
}
"""How many invoices of a month have each flaw; a double payment and a stranger's come on top."""

UNPAID_PERCENT = 3
"""How many of a hundred invoices nobody pays, rounded down."""

Fate = Flaw | Literal["unpaid"]

CURRENCY = "EUR"
FRIDAY = 4
LATE_DAYS = 5
SECOND_AFTER_DAYS = 4

_TEXTS = (
    "{reference}",
    "Viite {grouped}",
    "viitenumero {reference}",
    "Lasku, viite {grouped}, kiitos",
    "Referensnummer {reference}",
    "{rf}",
)
_THANKS = ("", "Kiitos", "Lasku")


class ToPay(Struct, frozen=True, gc=False):
    """An issued invoice as its payer sees it; without an account the payer gets an invented one."""

    reference: str
    amount_minor: int
    payer_name: str
    due_on: date
    payer_iban: str = ""


class Delivered(Struct, frozen=True):
    """A file as the bank delivers it."""

    name: str
    data: bytes


class Truth(Struct, frozen=True, gc=False):
    """What a payment really is for: the invoice's reference, None for a stranger's payment."""

    entry_key: str
    reference: str | None
    amount_minor: int
    flaw: Flaw | None = None


class BankMonth(Struct, frozen=True):
    """The files of a month in the order in which they come, and the truth about their payments."""

    files: tuple[Delivered, ...]
    truth: tuple[Truth, ...]


class _Paid(Struct, frozen=True, gc=False):
    """What the bank books, and what is true of it."""

    credit: Credit
    reference: str | None
    flaw: Flaw | None = None


def pay(
    invoices: Sequence[ToPay], account: str, month: str, flaws: Mapping[Flaw, int] = FLAWS
) -> BankMonth:
    """Pay a month's invoices (`month` as YYYY-MM) but for a few, and deliver the bank's files.

    There is a file for each banking day, and one of them comes twice. The truth tells of every
    payment once.
    """
    paid = _numbered(_payments(invoices, flaws), month)
    by_day: dict[date, list[Credit]] = defaultdict(list)
    for found in paid:
        by_day[found.credit.booked_on].append(found.credit)
    files = [
        Delivered(f"camt.054-{on}-{month}.xml", notification(account, CURRENCY, on, booked))
        for on, booked in by_day.items()
    ]
    if files:
        again = files[len(files) // 2]
        files.append(Delivered(again.name.replace(".xml", "-again.xml"), again.data))
    return BankMonth(tuple(files), tuple(_truth(found, account) for found in paid))


def invented_iban(place: int) -> str:
    """Return a well-formed Finnish account number that belongs to nobody."""
    national = f"9{place:013}"
    check = 98 - int(f"{national}151800") % 97  # F and I are 15 and 18
    return f"FI{check:02}{national}"


def _numbered(payments: Iterable[_Paid], month: str) -> list[_Paid]:
    """Put payments in the order in which they are booked, each with an id of the bank."""
    booked = sorted(payments, key=lambda found: found.credit.booked_on)
    prefix = month.replace("-", "")
    return [
        replace(
            found,
            credit=replace(
                found.credit, archive_id=f"{found.credit.booked_on:%Y%m%d}{prefix}{place:06}"
            ),
        )
        for place, found in enumerate(booked, start=1)
    ]


def _payments(invoices: Sequence[ToPay], flaws: Mapping[Flaw, int]) -> Iterator[_Paid]:
    dealt = _dealt(len(invoices), flaws)
    references = {invoice.reference for invoice in invoices}
    for place, invoice in enumerate(invoices):
        fate = dealt.get(place)
        if fate == "unpaid":
            continue
        yield _main_payment(invoice, fate, place)
        if fate == "double":
            again = _plain(invoice, place)
            later_on = _banking_day(again.booked_on + timedelta(days=SECOND_AFTER_DAYS))
            yield _Paid(replace(again, booked_on=later_on), invoice.reference, "double")
        if fate == "no_invoice":
            yield _Paid(_strangers(invoice, place, references), None, "no_invoice")


def _dealt(invoices: int, flaws: Mapping[Flaw, int]) -> dict[int, Fate]:
    """Deal out who does not pay and which flaws there are, spread evenly over the places."""
    unpaid = invoices * UNPAID_PERCENT // 100
    fates: list[Fate] = ["unpaid"] * unpaid
    for flaw, times in flaws.items():
        fates += [flaw] * times
    if len(fates) > invoices:
        raise Invalid(
            f"The demo's bank needs {len(fates)} invoices to place its flaws, not {invoices}",
            code="too_few_invoices",
            field="invoices",
        )
    step = max(invoices * 618 // 1000, 1)  # about the golden section: neighbours lie far apart
    while gcd(step, invoices) > 1:
        step += 1
    return {turn * step % invoices: fate for turn, fate in enumerate(fates)}


def _main_payment(invoice: ToPay, fate: Fate | None, place: int) -> _Paid:
    """Return the payment for an invoice as its flaw makes it."""
    plain = _plain(invoice, place)
    match fate:
        case "leading_zeros":
            credit = replace(plain, reference=invoice.reference.zfill(20))
        case "free_text":
            credit = replace(plain, reference="", text=_text(invoice.reference, place))
        case "short":
            credit = replace(plain, amount_minor=plain.amount_minor * 9 // 10)
        case "wrong_check_digit":
            wrong = _mistyped(invoice.reference, place)
            in_text = replace(plain, reference="", text=f"Viite {wrong}")
            credit = in_text if place % 2 else replace(plain, reference=wrong)
        case "no_reference":
            credit = replace(plain, reference="", text=_THANKS[place % len(_THANKS)])
        case _:
            return _Paid(plain, invoice.reference)
    return _Paid(credit, invoice.reference, fate)


def _plain(invoice: ToPay, place: int) -> Credit:
    """Return a payment without flaw: some days before it is due, one in forty some days after."""
    days = LATE_DAYS if place % 40 == 0 else -(place % 6)
    return Credit(
        archive_id="",
        booked_on=_banking_day(invoice.due_on + timedelta(days=days)),
        amount_minor=invoice.amount_minor,
        payer_name=_as_banks_write(invoice.payer_name),
        payer_iban=invoice.payer_iban or invented_iban(place),
        reference=invoice.reference,
    )


def _strangers(invoice: ToPay, place: int, references: set[str]) -> Credit:
    """Return a payment that came to the wrong account: its reference is of no invoice."""
    bases = count(9_000_000_000_000 + place)
    unknown = next(reference for reference in map(finnish, bases) if reference not in references)
    return replace(
        _plain(invoice, place),
        payer_name="MUUKALAINEN MATTI",
        payer_iban=invented_iban(10_000_000 + place),
        reference=unknown,
    )


def _text(reference: str, place: int) -> str:
    return _TEXTS[place % len(_TEXTS)].format(
        reference=reference, grouped=printed("fi", reference), rf=rf(reference)
    )


def _mistyped(reference: str, place: int) -> str:
    """Return a reference with two neighbours swapped, or one digit changed: never a sound one."""
    at = 1 + place % (len(reference) - 1)
    swapped = reference[: at - 1] + reference[at] + reference[at - 1] + reference[at + 1 :]
    if swapped != reference and not is_finnish(swapped):
        return swapped
    other = (int(reference[at]) + 1) % 10
    return f"{reference[:at]}{other}{reference[at + 1 :]}"


def _as_banks_write(name: str) -> str:
    """Return a name in capitals with the family name first."""
    *first, last = name.split() or [""]
    return " ".join([last, *first]).upper()


def _banking_day(on: date) -> date:
    """Return a day, or the Friday before it when banks are closed."""
    return on - timedelta(days=max(on.weekday() - FRIDAY, 0))


def _truth(paid: _Paid, account: str) -> Truth:
    """Return what is true of a payment under the key that its reader will give it."""
    credit = paid.credit
    entry = BankEntry(
        account=account,
        entry_key="",
        amount_minor=credit.amount_minor,
        currency=CURRENCY,
        direction="in",
        is_reversal=False,
        booked_on=credit.booked_on,
    )
    key = entry_key(entry, credit.archive_id, credit.booked_on)
    return Truth(key, paid.reference, credit.amount_minor, paid.flaw)
