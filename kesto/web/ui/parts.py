"""What the bigger parts of a page are made of; texts come in the language of the page."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from msgspec import Struct


class BillRow(Struct, frozen=True):
    """A line of a bill: its name and amount, how it is reckoned, and why, in sentences.

    `href` leads to the usage behind it.
    """

    name: str
    amount: str
    reckoning: str = ""
    note: str = ""
    why: Sequence[str] = ()
    is_group: bool = False  # a heading over the lines that follow; it has no amount
    is_estimate: bool = False
    href: str = ""


class BillTotal(Struct, frozen=True):
    """A sum at the foot; the one that counts has the double rule, the quiet ones explain it."""

    name: str
    amount: str
    is_quiet: bool = False


class Bill(Struct, frozen=True):
    """What makes up a sum. The caption is for screen readers; the card's heading shows it."""

    caption: str
    rows: Sequence[BillRow]
    totals: Sequence[BillTotal]


class Event(Struct, frozen=True):
    """Something that happened: text, then who or how in small; tone as a badge has it."""

    text: str | SafeString
    note: str | SafeString = ""
    amount: str = ""
    icon: str = "info"
    tone: str = ""
    heading: str = ""  # a new heading above this event, such as its month
