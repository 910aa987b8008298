"""Words for what the store keeps as codes, as a customer reads them."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from kesto.core.refusals import Refused
from kesto.web.ui import change_refusals

Words = Mapping[str, str | Promise]

CHANNELS: Words = {
    "email": pgettext_lazy("how a message comes", "E-mail"),
    "letter": pgettext_lazy("how a message comes", "Letter"),
    "portal": pgettext_lazy("how a message comes", "Only here"),
    "sms": pgettext_lazy("how a message comes", "Text message"),
    "none": pgettext_lazy("how a message comes", "Not sent"),
}
SENT_BY: Words = {
    "email": gettext_lazy("Sent by e-mail"),
    "letter": gettext_lazy("Sent as a letter"),
    "sms": gettext_lazy("Sent as a text message"),
}
GROUPS: Words = {
    "invoice": gettext_lazy("Invoices"),
    "reminder": pgettext_lazy("messages", "Reminders"),
    "change": pgettext_lazy("messages", "Changes to your subscription"),
    "news": pgettext_lazy("messages", "News and offers"),
}
GROUP_NOTES: Words = {
    "invoice": gettext_lazy("Credit notes and receipts too."),
    "reminder": gettext_lazy("When an invoice has not been paid by its due date."),
    "change": gettext_lazy("Prices, terms, confirmations."),
    "news": gettext_lazy("We send them only if you ask for them."),
}
PAYMENT_METHODS: Words = {
    "transfer": pgettext_lazy("how you pay", "Invoice"),
    "direct_debit": pgettext_lazy("how you pay", "Direct debit"),
    "card": pgettext_lazy("how you pay", "Card"),
    "pay_by_bank": pgettext_lazy("how you pay", "Online bank"),
    "e_invoice": pgettext_lazy("how you pay", "E-invoice"),
}
STATES: Words = {
    "open": pgettext_lazy("your invoice", "Open"),
    "partly": pgettext_lazy("your invoice", "Partly paid"),
    "overdue": pgettext_lazy("your invoice", "Overdue"),
    "paid": pgettext_lazy("your invoice", "Paid"),
    "credited": pgettext_lazy("your invoice", "Credited"),
    "written_off": pgettext_lazy("your invoice", "Written off"),
    "credit_note": pgettext_lazy("your invoice", "Credit note"),
}
TONES: Mapping[str, tuple[str, str]] = {
    "open": ("warn", "clock"),
    "partly": ("warn", "clock"),
    "overdue": ("bad", "alert"),
    "paid": ("ok", "check"),
    "credited": ("", "undo"),
    "written_off": ("", "close"),
    "credit_note": ("info", "undo"),
}
MESSAGES: Words = {
    "invoice.issued": pgettext_lazy("a message to you", "Invoice"),
    "credit_note.issued": pgettext_lazy("a message to you", "Credit note"),
    "receipt": pgettext_lazy("a message to you", "Receipt"),
    "payment.received": pgettext_lazy("a message to you", "Receipt"),
    "portal.link": pgettext_lazy("a message to you", "New link to these pages"),
    "subscription.notice": pgettext_lazy("a message to you", "About your subscription"),
}
SENT: Words = {
    "waiting": pgettext_lazy("your message", "On its way"),
    "sending": pgettext_lazy("your message", "On its way"),
    "unknown": pgettext_lazy("your message", "On its way"),
    "sent": pgettext_lazy("your message", "Sent"),
    "delivered": pgettext_lazy("your message", "Delivered"),
    "failed": pgettext_lazy("your message", "Did not arrive"),
    "undeliverable": pgettext_lazy("your message", "Did not arrive"),
}
SENT_TONES: Mapping[str, str] = {
    "sent": "ok",
    "delivered": "ok",
    "failed": "warn",
    "undeliverable": "warn",
}


def said(table: Words, code: str) -> str:
    """The word for a code; a code that has none is shown as it is."""
    return str(table.get(code, code.replace("_", " ").replace(".", " ")))


def refusal_text(refusal: Refused) -> str:
    """What a refusal of a change says to a subscriber."""
    known = change_refusals.TEXTS.get(refusal.code)
    return str(known) if known else gettext("This could not be done. Please load the page again.")
