"""What people see at the end of a story: the customer's paper, the clerk's books and queue."""

from kesto.flows.show_invoice import show_invoice
from kesto.store import billing, journal
from kesto.store.invoices import Stored
from kesto.store.session import reading
from kesto.words.plain import invoice_text
from kesto.words.views import InvoiceView
from tests.town import Town


def paper(town: Town, stored: Stored | str) -> InvoiceView:
    """An invoice as the customer gets it today, in English."""
    number = stored if isinstance(stored, str) else stored.number
    return show_invoice(town.merchant_id, number, "en")


def text(town: Town, stored: Stored | str) -> str:
    """The same as text, its runs of blanks made one."""
    printed = invoice_text(paper(town, stored))
    return "\n".join(" ".join(line.split()) for line in printed.splitlines())


def lines(stored: Stored) -> list[tuple[str, str, int]]:
    """First day, first day after, and amount of each line."""
    return [
        (str(line.rated.period_start), str(line.rated.period_end), line.rated.amount_minor)
        for line in stored.lines
    ]


def books(town: Town) -> dict[str, int]:
    """The balance of each account that has one."""
    with reading(town.merchant_id) as session:
        return {account: minor for account, _, minor in journal.balances(session) if minor}


def parked(town: Town) -> dict[str, str]:
    """Who waits for a person, and why."""
    with reading(town.merchant_id) as session:
        return {payer: reason for _, payer, reason, _ in billing.parked_groups(session)}
