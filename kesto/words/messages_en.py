"""What messages about invoices say, in English."""

MESSAGES: dict[str, str] = {
    "invoice_subject": "Invoice {number} from {seller}: {amount}, due {day}",
    "invoice_settled_subject": "Invoice {number} from {seller}: nothing to pay",
    "credit_note_subject": "Credit note {number} from {seller}: {amount}",
    "receipt_subject": "Receipt from {seller}: {amount}",
    "link_subject": "Your link to your own pages at {seller}",
    "greeting": "Hello,",
    "invoice_lead": "Here is your invoice from {seller}. Please pay {amount} by {day}.",
    "invoice_settled_lead": "Here is your invoice from {seller}. There is nothing to pay.",
    "credit_note_lead": (
        "We have credited your invoice {number}. The credit note is for {amount}."
    ),
    "receipt_lead": "Thank you. We received your payment of {amount} on {day}.",
    "link_lead": "Here is the link to your own pages. It works once.",
    "attached_invoice": "The invoice is attached to this message as a PDF.",
    "attached_credit_note": "The credit note is attached to this message as a PDF.",
    "attached_receipt": "The receipt is attached to this message as a PDF.",
    "open_invoice": "See the invoice and how the amount is made up",
    "open_credit_note": "See the credit note",
    "open_receipt": "See your invoices",
    "open_pages": "Open your own pages",
    "link_is_yours": "The link opens your own pages. Please do not forward it.",
    "ask": "If anything is unclear, just reply to this message.",
}
