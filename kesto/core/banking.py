"""What a bank tells us, as values: a file and the booked entries in it."""

from datetime import date, datetime
from hashlib import sha256
from typing import Literal

from msgspec import Struct

FileKind = Literal["camt.053", "camt.054"]
Direction = Literal["in", "out"]


class BankEntry(Struct, frozen=True, gc=False):
    """One booked movement on an account, or one payment within a batch that states its parts.

    `amount_minor` is never negative: `direction` says which way the money went. `is_reversal`
    marks an entry that undoes an earlier one (a returned or reversed payment). `booked_on` falls
    back to the value date, then to the day of the file, when the bank gives none. `references`
    stand as the bank wrote them, `texts` are the free text of the payer. `payer_name` and
    `payer_iban` are the other party, whichever the direction. `payments` is above 1 when the
    entry sums up several payments that could not be taken apart.
    """

    account: str
    entry_key: str
    amount_minor: int
    currency: str
    direction: Direction
    is_reversal: bool
    booked_on: date
    value_on: date | None = None
    references: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    end_to_end_id: str = ""
    payer_name: str = ""
    payer_iban: str = ""
    bank_reference: str = ""
    payments: int = 1
    return_reason: str = ""


class BankFile(Struct, frozen=True):
    """A file of a bank, read: its booked entries, each with a key of its own.

    `sha256` is that of the bytes, so a file that comes twice is known at once. `repeated` counts
    entries left out because the same file already names them. `created_at` without a zone in the
    file is taken as UTC.
    """

    kind: FileKind
    message_id: str
    sha256: str
    created_at: datetime | None
    entries: tuple[BankEntry, ...]
    repeated: int = 0


def entry_key(entry: BankEntry, identity: str, booked_on: date | None) -> str:
    """Return the key by which one payment is known wherever, and however often, it is reported.

    `identity` is what the bank calls it. No single id of a bank is safe alone (they repeat over
    years, accounts and batches), so account, day, sum and direction go in as well: these agree
    between a notification (camt.054) and the statement (camt.053) that follows it. `booked_on`
    is the day as the bank gave it, None when it gave none.
    """
    return _digest(
        entry.account,
        identity,
        booked_on.isoformat() if booked_on else "",
        entry.direction,
        str(entry.amount_minor),
        entry.currency,
        "reversal" if entry.is_reversal else "",
    )


def content_identity(entry: BankEntry) -> str:
    """Return an identity made of what an entry says, for entries that the bank gives no id."""
    return "content:" + _digest(
        entry.bank_reference,
        entry.end_to_end_id,
        entry.payer_name,
        entry.payer_iban,
        *entry.references,
        "",
        *entry.texts,
    )


def _digest(*parts: str) -> str:
    """Return a hash over texts that keeps their borders apart."""
    return sha256("\x1f".join(parts).encode()).hexdigest()
