"""A document in words: everything that stands on it, printed in its language, in reading order.

The PDF, the web page and the mail are made from this one form; they lay it out and add nothing.
Beside printed sums stand minor units where a picture, a code or a rolled-up line needs them.
"""

from datetime import date
from typing import Literal

from msgspec import Struct

PaperKind = Literal["invoice", "credit_note", "receipt", "notice"]


class Fact(Struct, frozen=True):
    """A label and what it is the label of."""

    label: str
    value: str


class SellerPaper(Struct, frozen=True):
    """Who sends it: `legal` is the line at the foot of each page."""

    name: str
    initial: str
    address: str
    ids: str
    legal: str


class Box(Struct, frozen=True):
    """The one sum that matters, and the two facts that are needed with it."""

    label: str
    amount: str
    facts: tuple[Fact, ...]


class Bridge(Struct, frozen=True):
    """From an earlier sum to this one, in steps that add up."""

    title: str
    before: Fact
    steps: tuple[Fact, ...]
    after: Fact


class Bar(Struct, frozen=True):
    """A bar of a picture: its share of the tallest one in thousandths."""

    label: str
    year: int
    share: int
    is_marked: bool = False


class Chart(Struct, frozen=True):
    """The sums of the latest invoices as bars; `printed` is the last one, `alt` says them all."""

    title: str
    alt: str
    printed: str
    bars: tuple[Bar, ...]


class Notice(Struct, frozen=True):
    """A short text under a title, and a way to reach us where one belongs to it."""

    title: str
    text: str
    link: str = ""


class PaperLine(Struct, frozen=True):
    """A line: `note` says its period and what is not plain; `why` explains it in full.

    Behind a line of usage stand events; `line_no` is its number, and 0 for all others.
    """

    name: str
    note: str
    why: tuple[str, ...]
    quantity: str
    price: str
    rate: str
    amount: str
    amount_minor: int
    line_no: int = 0


class ServicePaper(Struct, frozen=True):
    """Lines that belong together; the title is empty where all lines are of one service."""

    title: str
    note: str
    amount: str
    lines: tuple[PaperLine, ...]


class TaxPaper(Struct, frozen=True):
    """The sums of one VAT rate, or of all of them."""

    rate: str
    net: str
    tax: str
    gross: str


class TaxTable(Struct, frozen=True):
    """VAT by rate; `hint` says how the prices relate to it."""

    hint: str
    rows: tuple[TaxPaper, ...]
    total: TaxPaper | None


class Paid(Struct, frozen=True):
    """An invoice on a receipt."""

    number: str
    issued_on: str
    total: str
    amount: str


class Pay(Struct, frozen=True):
    """How to pay, printed, with the bare facts that a barcode and a QR code are made of."""

    title: str
    payee: str
    iban: str
    bic: str
    reference: str
    amount: str
    due_on: str
    barcode_alt: str
    code_alt: str
    amount_minor: int
    currency: str
    due: date


class Paper(Struct, frozen=True):
    """A document; what it does not have is None or empty.

    `words` are the fixed labels, `details` what did not fit among the facts. `dated` is the day
    of the document, so that the same document gives the same bytes.
    """

    language: str
    kind: PaperKind
    title: str
    number: str
    dated: date
    dated_on: str
    summary: str
    currency: str
    seller: SellerPaper
    recipient: tuple[str, ...]
    facts: tuple[Fact, ...]
    details: str
    box: Box
    lines_title: str
    services: tuple[ServicePaper, ...]
    totals: tuple[Fact, ...]
    notices: tuple[Notice, ...]
    words: dict[str, str]
    bridge: Bridge | None = None
    chart: Chart | None = None
    to_do: Notice | None = None
    tax: TaxTable | None = None
    paid: tuple[Paid, ...] = ()
    pay: Pay | None = None

    @property
    def name(self) -> str:
        """Title and number, which stay on one line."""
        return f"{self.title}\u00a0{self.number}"
