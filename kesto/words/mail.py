"""Messages about invoices, credit notes and receipts: subject, plain text and HTML."""

from html import escape

from msgspec import Struct

from kesto.words import messages_en, messages_fi, messages_sv
from kesto.words.forms import iban
from kesto.words.messages import check_language
from kesto.words.paper import Bridge
from kesto.words.paper_lines import sign_of
from kesto.words.paper_story import bridge
from kesto.words.tongue import Tongue
from kesto.words.views import InvoiceView, ReceiptView

TEXTS = {
    "fi": messages_fi.MESSAGES,
    "sv": messages_sv.MESSAGES,
    "en": messages_en.MESSAGES,
}
RULE = "-" * 40

_BODY = (
    "margin:0;padding:24px 12px;font-family:Inter,Helvetica,Arial,sans-serif;font-size:16px;"
    "line-height:1.5"
)
_BUTTON = (
    "display:inline-block;padding:12px 20px;border-radius:8px;background:#0b5d3b;color:#ffffff;"
    "text-decoration:none;font-weight:600"
)
_CELL = "padding:6px 0;border-bottom:1px solid #cfd6d2;vertical-align:top"
_FIGURE = f"{_CELL};text-align:right;white-space:nowrap;padding-left:16px"

Rows = tuple[tuple[str, str], ...]


class MailText(Struct, frozen=True):
    """A message in words."""

    subject: str
    text: str
    html: str


class MailParts(Struct, frozen=True):
    """What a message says, before it has a form."""

    language: str
    subject: str
    lead: str
    story: str
    steps: Rows
    facts: Rows
    attached: str
    link: str
    link_text: str
    seller: str


def document_mail(view: InvoiceView | ReceiptView, link: str, *, is_attached: bool) -> MailText:
    """The message that goes with a document of whichever kind."""
    if isinstance(view, ReceiptView):
        return receipt_mail(view, link, is_attached=is_attached)
    return invoice_mail(view, link, is_attached=is_attached)


def invoice_mail(view: InvoiceView, link: str, *, is_attached: bool) -> MailText:
    """The message that goes with an invoice or a credit note; without a link it has none."""
    tongue = Tongue(check_language(view.language), view.currency)
    own = TEXTS[view.language]
    is_invoice = view.kind == "invoice"
    kind = view.kind if not is_invoice or view.open_minor > 0 else "invoice_settled"
    facts = {
        "seller": view.seller.name,
        "number": view.number,
        "amount": tongue.minor(view.open_minor if is_invoice else -view.total_minor),
        "day": tongue.day(view.due_on),
    }
    named = facts if is_invoice else {**facts, "number": view.credits}
    story = bridge(view, tongue)
    return formed(
        MailParts(
            language=view.language,
            subject=own[f"{kind}_subject"].format(**facts),
            lead=own[f"{kind}_lead"].format(**named),
            story=story.title if story else "",
            steps=_steps(story),
            facts=_payment(view, tongue) if kind == "invoice" else _total(view, tongue),
            attached=own[f"attached_{view.kind}"] if is_attached else "",
            link=link,
            link_text=own[f"open_{view.kind}"],
            seller=view.seller.name,
        )
    )


def receipt_mail(view: ReceiptView, link: str, *, is_attached: bool) -> MailText:
    """The message that goes with a receipt."""
    tongue = Tongue(check_language(view.language), view.currency)
    own = TEXTS[view.language]
    facts = {
        "seller": view.seller.name,
        "amount": tongue.minor(view.amount_minor),
        "day": tongue.day(view.received_on),
    }
    paid = tuple(
        (f"{tongue.say('invoice')} {one.number}", tongue.minor(one.paid_minor)) for one in view.paid
    )
    return formed(
        MailParts(
            language=view.language,
            subject=own["receipt_subject"].format(**facts),
            lead=own["receipt_lead"].format(**facts),
            story="",
            steps=(),
            facts=paid,
            attached=own["attached_receipt"] if is_attached else "",
            link=link,
            link_text=own["open_receipt"],
            seller=view.seller.name,
        )
    )


def link_mail(language: str, seller: str, link: str) -> MailText:
    """The message that brings a new link, for one that was spent or too old."""
    own = TEXTS[check_language(language)]
    return formed(
        MailParts(
            language=language,
            subject=own["link_subject"].format(seller=seller),
            lead=own["link_lead"],
            story="",
            steps=(),
            facts=(),
            attached="",
            link=link,
            link_text=own["open_pages"],
            seller=seller,
        )
    )


def _steps(story: Bridge | None) -> Rows:
    if story is None:
        return ()
    return tuple((fact.label, fact.value) for fact in (story.before, *story.steps, story.after))


def _payment(view: InvoiceView, tongue: Tongue) -> Rows:
    facts = {
        "to_pay": tongue.minor(view.open_minor),
        "due_on": tongue.day(view.due_on),
        "payee": view.seller.name,
        "iban": iban(view.iban),
        "reference": view.reference,
    }
    return tuple((tongue.say(key), value) for key, value in facts.items() if value)


def _total(view: InvoiceView, tongue: Tongue) -> Rows:
    key = "total" if view.kind == "invoice" else "total_credit"
    return ((tongue.say(key), tongue.minor(sign_of(view) * view.total_minor)),)


def formed(told: MailParts) -> MailText:
    """A message in its form: plain text and HTML that say the same."""
    return MailText(told.subject, _text(told), _html(told))


def _text(told: MailParts) -> str:
    own = TEXTS[told.language]
    blocks = [
        f"{own['greeting']}\n\n{told.lead}",
        "\n".join(f"{label}: {value}" for label, value in told.facts),
        _block(told.story, told.steps),
        told.attached,
        f"{told.link_text}:\n{told.link}\n{own['link_is_yours']}" if told.link else "",
        f"{own['ask']}\n\n{told.seller}",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _block(title: str, rows: Rows) -> str:
    lines = [f"  {label}: {value}" for label, value in rows]
    return "\n".join([title, *lines]) if title else ""


def _html(told: MailParts) -> str:
    own = TEXTS[told.language]
    link = escape(told.link)
    button = f'<p><a href="{link}" style="{_BUTTON}">{escape(told.link_text)}</a></p>'
    parts = [
        f"<p>{escape(own['greeting'])}</p>",
        f"<p>{escape(told.lead)}</p>",
        _table(told.facts),
        f'<h2 style="font-size:18px">{escape(told.story)}</h2>' if told.story else "",
        _table(told.steps),
        f"<p>{escape(told.attached)}</p>" if told.attached else "",
        button if told.link else "",
        f"<p>{escape(own['link_is_yours'])}</p>" if told.link else "",
        f"<p>{escape(own['ask'])}</p>",
        f"<p>{escape(told.seller)}</p>",
    ]
    body = "\n".join(part for part in parts if part)
    return (
        f'<!doctype html>\n<html lang="{told.language}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(told.subject)}</title></head>\n"
        f'<body style="{_BODY}"><div style="max-width:560px;margin:0 auto">\n{body}\n'
        "</div></body>\n</html>\n"
    )


def _table(rows: Rows) -> str:
    if not rows:
        return ""
    cells = "\n".join(
        f'<tr><th scope="row" style="{_CELL};text-align:left;font-weight:400">{escape(label)}</th>'
        f'<td style="{_FIGURE}">{escape(value)}</td></tr>'
        for label, value in rows
    )
    return f'<table style="width:100%;border-collapse:collapse">\n{cells}\n</table>'
