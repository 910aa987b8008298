"""Words for what the store keeps as codes."""

from collections.abc import Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from kesto.core.ledger import (
    BAD_DEBT,
    BANK,
    CUSTOMER_CREDIT,
    GOODWILL,
    PAID_ELSEWHERE,
    PAYOUTS,
    RECEIVABLE,
    UNMATCHED,
    VAT_PAYABLE,
)
from kesto.core.staff import RIGHTS, Right, Role
from kesto.web.ui.language import words_language
from kesto.words.forms import day

Words = Mapping[str, str | Promise]

ROLES: Words = {
    "owner": gettext_lazy("Owner"),
    "finance": gettext_lazy("Finance"),
    "service": gettext_lazy("Customer service"),
    "developer": gettext_lazy("Developer"),
}
ROLE_NOTES: Words = {
    "owner": gettext_lazy("Everything, users and settings too."),
    "finance": gettext_lazy("Billing runs, bank payments, credits and month close."),
    "service": gettext_lazy("Customers and invoices; credits up to a limit."),
    "developer": gettext_lazy("Reads everything and makes API keys; changes nothing else."),
}
SCOPES: Words = {
    "calculate": gettext_lazy("Calculate prices"),
    "usage": gettext_lazy("Send usage"),
    "read": gettext_lazy("Read the merchant’s data"),
    "write": gettext_lazy("Change the merchant’s data"),
    "approve": gettext_lazy("Approve billing runs"),
}
STAFF_STATES: Words = {
    "active": pgettext_lazy("a user", "Active"),
    "invited": pgettext_lazy("a user", "Invited"),
    "disabled": pgettext_lazy("a user", "Disabled"),
}
LANGUAGES: Words = {
    "fi": gettext_lazy("Finnish"),
    "sv": gettext_lazy("Swedish"),
    "en": gettext_lazy("English"),
}
PAYMENT_METHODS: Words = {
    "transfer": gettext_lazy("Bank transfer"),
    "direct_debit": gettext_lazy("Direct debit"),
    "card": gettext_lazy("Card"),
    "pay_by_bank": gettext_lazy("Online bank"),
    "e_invoice": gettext_lazy("E-invoice"),
}
CHANNELS: Words = {
    "email": gettext_lazy("E-mail"),
    "letter": gettext_lazy("Letter"),
    "portal": gettext_lazy("Portal"),
    "sms": gettext_lazy("Text message"),
}
MESSAGE_GROUPS: Words = {
    "invoice": gettext_lazy("Invoices"),
    "reminder": gettext_lazy("Reminders"),
    "change": gettext_lazy("Changes to the subscription"),
    "receipt": gettext_lazy("Receipts"),
    "news": gettext_lazy("News and offers"),
}
MESSAGES: Words = {
    "invoice.issued": gettext_lazy("Message about an invoice"),
    "credit_note.issued": gettext_lazy("Message about a credit note"),
    "payment.received": gettext_lazy("Message about a payment"),
    "portal.link": gettext_lazy("Link to the portal"),
    "subscription.notice": gettext_lazy("Message about a subscription"),
}
SECURITIES: Words = {
    "starttls": gettext_lazy("STARTTLS"),
    "tls": gettext_lazy("TLS from the start"),
    "none": gettext_lazy("None: only within one machine"),
}
MESSAGE_REASONS: Words = {
    "no_mail_server": gettext_lazy("No mail server is set"),
    "mail_server_away": gettext_lazy("The mail server can’t be reached"),
    "bad_address": gettext_lazy("The address can’t be written to"),
    "no_address": gettext_lazy("No address is known"),
    "no_document": gettext_lazy("The document could not be made"),
    "given_up": gettext_lazy("Given up after many tries"),
    "unknown_subject": gettext_lazy("What it is about is gone"),
}
MESSAGE_STATES: Words = {
    "waiting": pgettext_lazy("a message", "Waiting"),
    "sending": pgettext_lazy("a message", "Being sent"),
    "sent": pgettext_lazy("a message", "Sent"),
    "delivered": pgettext_lazy("a message", "Delivered"),
    "failed": pgettext_lazy("a message", "Not sent"),
    "undeliverable": pgettext_lazy("a message", "Did not arrive"),
    "unknown": pgettext_lazy("a message", "May not have arrived"),
}
MESSAGE_TONES: Mapping[str, str] = {
    "sent": "ok",
    "delivered": "ok",
    "failed": "bad",
    "undeliverable": "bad",
    "unknown": "warn",
}
INVOICE_STATES: Words = {
    "open": pgettext_lazy("an invoice", "Open"),
    "partly": pgettext_lazy("an invoice", "Partly paid"),
    "overdue": pgettext_lazy("an invoice", "Overdue"),
    "paid": pgettext_lazy("an invoice", "Paid"),
    "credited": pgettext_lazy("an invoice", "Credited"),
    "written_off": pgettext_lazy("an invoice", "Written off"),
    "credit_note": gettext_lazy("Credit note"),
}
INVOICE_TONES: Mapping[str, tuple[str, str]] = {
    "open": ("warn", "clock"),
    "partly": ("warn", "clock"),
    "overdue": ("bad", "alert"),
    "paid": ("ok", "check"),
    "credited": ("", "undo"),
    "written_off": ("bad", "close"),
    "credit_note": ("info", "undo"),
}
RUN_DECISIONS: Words = {
    "approved": pgettext_lazy("a run", "Approved"),
    "declined": pgettext_lazy("a run", "Declined"),
    "replaced": pgettext_lazy("a run", "Asked for again"),
}
RUN_DECISION_TONES: Mapping[str, str] = {"approved": "ok", "declined": "bad"}
CUSTOMER_FILTERS: Words = {
    "all": pgettext_lazy("customers", "All"),
    "active": gettext_lazy("With an active subscription"),
    "open": gettext_lazy("With something open"),
    "overdue": gettext_lazy("With something overdue"),
}
INVOICE_FILTERS: Words = {
    "all": pgettext_lazy("invoices", "All"),
    "open": pgettext_lazy("invoices", "Open"),
    "overdue": pgettext_lazy("invoices", "Overdue"),
    "paid": pgettext_lazy("invoices", "Paid"),
    "credited": pgettext_lazy("invoices", "Credited"),
    "written_off": pgettext_lazy("invoices", "Written off"),
    "credit_notes": gettext_lazy("Credit notes"),
}
WAITS_BECAUSE: Words = {
    "outgoing": gettext_lazy("Money left the account"),
    "reversal": gettext_lazy("Undoes an earlier payment"),
    "batch": gettext_lazy("Several payments in one sum"),
    "no_amount": gettext_lazy("A sum of zero"),
    "several_invoices": gettext_lazy("Names several invoices"),
    "other_currency": gettext_lazy("In another currency"),
    "uncertain": gettext_lazy("A number in it may be a reference"),
    "unknown_reference": gettext_lazy("No invoice has this reference"),
    "no_reference": gettext_lazy("No valid reference"),
}
ACCOUNTS: Words = {
    RECEIVABLE: gettext_lazy("Accounts receivable"),
    BANK: gettext_lazy("Bank account"),
    UNMATCHED: gettext_lazy("Unmatched payments"),
    CUSTOMER_CREDIT: gettext_lazy("Customer credit"),
    VAT_PAYABLE: gettext_lazy("VAT payable"),
    BAD_DEBT: gettext_lazy("Credit losses"),
    PAYOUTS: gettext_lazy("Credit being paid back"),
    GOODWILL: gettext_lazy("Credit given"),
    PAID_ELSEWHERE: gettext_lazy("Credit paid elsewhere"),
}
BOOKED_KINDS: Words = {
    "invoice": gettext_lazy("Invoice"),
    "credit_note": gettext_lazy("Credit note"),
    "payment": gettext_lazy("Payment"),
    "wallet_use": gettext_lazy("Paid from the customer’s credit"),
    "credit_grant": gettext_lazy("Credit paid for or given back"),
    "payout": gettext_lazy("Credit to pay back"),
    "payout_cleared": gettext_lazy("Credit paid back"),
    "write_off": gettext_lazy("Write-off"),
    "recovery": gettext_lazy("Recovered after a write-off"),
    "bank_transaction": gettext_lazy("Received in the bank"),
}
STEPS: Words = {
    "joined": gettext_lazy("Became a customer"),
    "channel_preferred": gettext_lazy("Chose how messages come"),
    "channel_changed": gettext_lazy("Chose how messages come"),
}
MONTHS: tuple[Promise, ...] = (
    gettext_lazy("January"),
    gettext_lazy("February"),
    gettext_lazy("March"),
    gettext_lazy("April"),
    pgettext_lazy("month", "May"),
    gettext_lazy("June"),
    gettext_lazy("July"),
    gettext_lazy("August"),
    gettext_lazy("September"),
    gettext_lazy("October"),
    gettext_lazy("November"),
    gettext_lazy("December"),
)


def said(table: Words, code: str) -> str:
    """The word for a code; a code that has none is shown as it is."""
    return str(table.get(code, code.replace("_", " ")))


def role(code: str) -> str:
    """A role's name."""
    return said(ROLES, code)


def message_reason(code: str) -> str:
    """Why a message did not go out or arrive; what a server answered is told by its number."""
    if code.startswith("smtp_"):
        return gettext("The mail server answered %(code)s") % {"code": code.removeprefix("smtp_")}
    return said(MESSAGE_REASONS, code)


def channel(code: str) -> str:
    """A channel's name."""
    return said(CHANNELS, code)


def rights_of(role: Role) -> frozenset[Right]:
    """What a role may do."""
    return RIGHTS[role]


def no_right() -> str:
    """What somebody reads who may not do a thing."""
    return gettext("Your role does not include this. An owner can change it under Users.")


def month(first_on: date) -> str:
    """A month: "November 2026", "marraskuu 2026"."""
    return f"{MONTHS[first_on.month - 1]} {first_on.year}"


def month_title(first_on: date) -> str:
    """A month at the beginning of a sentence: "Marraskuu 2026"."""
    name = month(first_on)
    return name[:1].upper() + name[1:]


def short_day(on: date) -> str:
    """A day without its year, for the foot of a chart: "3 Nov" or "3.11."."""
    language = words_language()
    if language != "en":
        return f"{on.day}.{on.month}."
    return " ".join([str(on.day), day(on, language).split(" ")[1][:3]])


def account(code: str) -> str:
    """An account of the ledger; a product's own is known by its number."""
    if code in ACCOUNTS:
        return str(ACCOUNTS[code])
    return gettext("Sales, account %(number)s") % {"number": code}
