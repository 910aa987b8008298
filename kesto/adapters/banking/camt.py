"""Account reports in ISO 20022: statements (camt.053) and notifications (camt.054), all versions.

Elements are found by their local names, so the version makes no difference. Only booked entries
are read. Whatever can't be understood refuses the whole file: half a statement is worse than none.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from hashlib import sha256

from lxml import etree
from msgspec import Struct
from msgspec.structs import replace

from kesto.adapters.banking.elements import children, day, instant, text, wrong
from kesto.adapters.banking.entries import Found, read_entry
from kesto.adapters.banking.hardened import parse
from kesto.core.banking import BankEntry, BankFile, FileKind, content_identity, entry_key
from kesto.core.refusals import Invalid

MOST_BYTES = 20_000_000

_KINDS: dict[str, FileKind] = {
    "BkToCstmrStmt": "camt.053",
    "BkToCstmrDbtCdtNtfctn": "camt.054",
}


class Camt(Struct, frozen=True):
    """Reads camt.053 and camt.054 files up to a size."""

    most_bytes: int = MOST_BYTES

    def read(self, data: bytes) -> BankFile:
        """Return the booked entries of a file; Invalid names the line of what is wrong."""
        root = parse(data, self.most_bytes)
        message = _message(root)
        written_on = day(message, "GrpHdr/CreDtTm")
        found = [entry for report in _reports(message) for entry in _booked(report, written_on)]
        keyed = _keyed(found)
        return BankFile(
            kind=_KINDS[etree.QName(message).localname],
            message_id=text(message, "GrpHdr/MsgId"),
            sha256=sha256(data).hexdigest(),
            created_at=instant(message, "GrpHdr/CreDtTm"),
            entries=tuple(keyed.values()),
            repeated=len(found) - len(keyed),
        )


def _message(root: etree._Element) -> etree._Element:
    """Return the one report message of a file, also from inside an envelope."""
    messages = list(root.iter(*("{*}" + name for name in _KINDS)))
    if len(messages) == 1:
        return messages[0]
    raise Invalid(
        f"Line {root.sourceline}: the file is no account report: it must hold one camt.053 or "
        f"camt.054 message, and it holds {len(messages)} in {etree.QName(root).localname}",
        code="bank_file_unknown",
        field="file",
    )


def _reports(message: etree._Element) -> list[etree._Element]:
    reports = [*children(message, "Stmt"), *children(message, "Ntfctn")]
    if not reports:
        raise wrong(message, "has no statement or notification in it")
    return reports


def _booked(report: etree._Element, written_on: date | None) -> Iterator[Found]:
    """Read the booked entries of one account."""
    account = text(report, "Acct/Id/IBAN", "Acct/Id/Othr/Id").replace(" ", "")
    if not account:
        raise wrong(report, "names no account (Acct/Id)")
    created_on = day(report, "CreDtTm") or written_on
    for entry in children(report, "Ntry"):
        if _is_booked(entry):
            yield from read_entry(entry, account, created_on)


def _is_booked(entry: etree._Element) -> bool:
    status = text(entry, "Sts/Cd", "Sts")
    if not status:
        raise wrong(entry, "has no status (Sts)")
    return status == "BOOK"


def _keyed(found: list[Found]) -> dict[str, BankEntry]:
    """Give every payment its key; what a file names twice, word for word, is one payment.

    Payments that share the bank's id but differ in what they say are told apart by that. Without
    an id, equal payments are counted: the second of a day is another one than the first.
    """
    keyed: dict[str, BankEntry] = {}
    alike: Counter[str] = Counter()
    for payment in found:
        entry, content = payment.entry, content_identity(payment.entry)
        key = entry_key(entry, payment.identity or content, payment.booked_on)
        if not payment.identity:
            alike[key] += 1
            if alike[key] > 1:
                key = entry_key(entry, f"{content}/{alike[key]}", payment.booked_on)
        elif key in keyed and content_identity(keyed[key]) != content:
            key = entry_key(entry, payment.identity + content, payment.booked_on)
        keyed.setdefault(key, replace(entry, entry_key=key))
    return keyed
