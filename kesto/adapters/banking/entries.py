"""One entry of an account report: a payment, or a batch taken apart into its payments."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from lxml import etree
from msgspec import Struct
from msgspec.structs import replace

from kesto.adapters.banking.elements import amount, child, children, day, flag, text, texts, wrong
from kesto.core.banking import BankEntry, Direction
from kesto.core.references import is_digits

_DIRECTIONS: dict[str, Direction] = {"CRDT": "in", "DBIT": "out"}
_OTHER_PARTY = {"in": "Dbtr", "out": "Cdtr"}
_NO_ID = "NOTPROVIDED"
# A shorter entry reference counts the lines of one statement and says nothing outside it.
_SHORTEST_OWN_REFERENCE = 8

_LONGEST_COUNT = 15  # digits, as the standard has it


class Found(Struct, frozen=True, gc=False):
    """An entry as read, what the bank calls it ("" when nothing lasting), and its booking day."""

    entry: BankEntry
    identity: str
    booked_on: date | None


def read_entry(element: etree._Element, account: str, fallback_on: date | None) -> list[Found]:
    """Return the payments of an entry.

    A batch is taken apart only when the sums of its details add up to that of the entry; else it
    stays one entry that says how many payments it holds.
    """
    booked_on = day(element, "BookgDt/Dt", "BookgDt/DtTm")
    whole = _whole(element, account, booked_on, fallback_on)
    details = list(children(element, "NtryDtls/TxDtls"))
    if len(details) > 1 and (parts := _parts(whole, details)):
        identities = _part_identities(_identity(element, ()), details)
        return [
            Found(part, identity, booked_on)
            for part, identity in zip(parts, identities, strict=True)
        ]
    if len(details) == 1:
        whole = _with_detail(whole, details[0])
    elif details:
        whole = _summed(whole, details)
    whole = replace(whole, payments=max(whole.payments, _announced(element)))
    return [Found(whole, _identity(element, details), booked_on)]


def _whole(
    element: etree._Element, account: str, booked_on: date | None, fallback_on: date | None
) -> BankEntry:
    """Return an entry without what its details say."""
    amount_minor, currency = amount(child(element, "Amt"), element)
    value_on = day(element, "ValDt/Dt", "ValDt/DtTm")
    known_on = booked_on or value_on or fallback_on
    if known_on is None:
        raise wrong(element, "has no date, and neither has the file")
    direction = _direction(element)
    if direction is None:
        raise wrong(element, "says neither credit nor debit (CdtDbtInd)")
    return BankEntry(
        account=account,
        entry_key="",
        amount_minor=amount_minor,
        currency=currency,
        direction=direction,
        is_reversal=flag(element, "RvslInd"),
        booked_on=known_on,
        value_on=value_on,
        texts=texts(element, "AddtlNtryInf"),
        bank_reference=text(element, "AcctSvcrRef", "NtryRef"),
    )


def _direction(element: etree._Element) -> Direction | None:
    written = text(element, "CdtDbtInd")
    if written and written not in _DIRECTIONS:
        raise wrong(element, f"has CdtDbtInd {written!r}; it must be CRDT or DBIT")
    return _DIRECTIONS.get(written)


def _parts(whole: BankEntry, details: Sequence[etree._Element]) -> list[BankEntry]:
    """Return a payment for each detail, or nothing when they don't make up the entry."""
    parts = []
    for detail in details:
        element = _detail_amount(detail)
        if element is None:
            return []
        amount_minor, currency = amount(element, detail)
        direction = _direction(detail) or whole.direction
        part = replace(
            whole, amount_minor=amount_minor, currency=currency, direction=direction, texts=()
        )
        parts.append(_with_detail(part, detail))
    is_whole = _signed(parts) == _signed([whole])
    return parts if is_whole and {part.currency for part in parts} == {whole.currency} else []


def _detail_amount(detail: etree._Element) -> etree._Element | None:
    own = child(detail, "Amt")
    return own if own is not None else child(detail, "AmtDtls/TxAmt/Amt")


def _signed(entries: Sequence[BankEntry]) -> int:
    return sum(
        entry.amount_minor if entry.direction == "in" else -entry.amount_minor for entry in entries
    )


def _with_detail(entry: BankEntry, detail: etree._Element) -> BankEntry:
    """Return an entry with what one detail says: references, texts, the other party."""
    party = _OTHER_PARTY[entry.direction]
    name = f"RltdPties/{party}"
    ultimate = f"RltdPties/Ultmt{party}"
    end_to_end_id = text(detail, "Refs/EndToEndId")
    return replace(
        entry,
        is_reversal=entry.is_reversal or child(detail, "RtrInf") is not None,
        references=texts(detail, "RmtInf/Strd/CdtrRefInf/Ref"),
        texts=texts(detail, "RmtInf/Ustrd") or entry.texts,
        end_to_end_id="" if end_to_end_id == _NO_ID else end_to_end_id,
        payer_name=text(
            detail, f"{name}/Nm", f"{name}/Pty/Nm", f"{ultimate}/Nm", f"{ultimate}/Pty/Nm"
        ),
        payer_iban=text(detail, f"RltdPties/{party}Acct/Id/IBAN").replace(" ", ""),
        bank_reference=text(detail, "Refs/AcctSvcrRef") or entry.bank_reference,
        return_reason=text(detail, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"),
    )


def _summed(whole: BankEntry, details: Sequence[etree._Element]) -> BankEntry:
    """Return a batch as one entry, with all that its payments say."""
    parts = [_with_detail(whole, detail) for detail in details]
    return replace(
        whole,
        is_reversal=any(part.is_reversal for part in parts),
        references=tuple(reference for part in parts for reference in part.references),
        texts=tuple(dict.fromkeys(line for part in parts for line in part.texts)),
        payments=len(details),
    )


def _announced(element: etree._Element) -> int:
    """Return how many payments a batch says it holds, 1 when it doesn't say."""
    counts = texts(element, "NtryDtls/Btch/NbOfTxs")
    if not all(is_digits(count) and len(count) <= _LONGEST_COUNT for count in counts):
        raise wrong(element, "has a number of payments (NbOfTxs) that is no number")
    return max(1, sum(map(int, counts)))


def _identity(element: etree._Element, details: Sequence[etree._Element]) -> str:
    """Return the bank's lasting name for an entry, or for the one payment in it."""
    if servicer := text(element, "AcctSvcrRef"):
        return servicer
    if len(details) == 1 and (servicer := text(details[0], "Refs/AcctSvcrRef")):
        return servicer
    reference = text(element, "NtryRef")
    return reference if len(reference) >= _SHORTEST_OWN_REFERENCE else ""


def _part_identities(batch: str, details: Sequence[etree._Element]) -> Iterator[str]:
    """Return a name for each payment of a batch: its own, else its place in the batch's."""
    own = [text(detail, "Refs/AcctSvcrRef") for detail in details]
    counts = Counter(own)
    for place, name in enumerate(own, start=1):
        if name and counts[name] == 1:
            yield name
        else:
            yield f"{batch}/{place}" if batch else ""
