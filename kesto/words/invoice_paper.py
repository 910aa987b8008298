"""An invoice or a credit note as a document in words."""

from kesto.words import paper_head, paper_lines, paper_story
from kesto.words.forms import iban
from kesto.words.messages import check_language
from kesto.words.paper import Box, Fact, Notice, Paper, Pay
from kesto.words.tongue import Tongue
from kesto.words.views import InvoiceView


def invoice_paper(view: InvoiceView, *, has_room: bool = False) -> Paper:
    """Return the document that an invoice or a credit note is.

    A screen has room for all that changed since the last one, a sheet of paper for most of it.
    """
    tongue = Tongue(check_language(view.language), view.currency)
    given = _facts(view, tongue)
    title = tongue.say(view.kind)
    lines_title = "lines_title" if view.kind == "invoice" else "credited_lines"
    return Paper(
        language=view.language,
        kind=view.kind,
        title=title,
        number=view.number,
        dated=view.issued_on,
        dated_on=tongue.day(view.issued_on),
        summary=_summary(view, f"{title} {view.number}", tongue),
        currency=view.currency,
        seller=paper_head.seller_paper(view.seller, tongue),
        recipient=paper_head.recipient(view.buyer),
        facts=tuple(given[: paper_head.MOST_FACTS]),
        details=paper_head.details(given[paper_head.MOST_FACTS :]),
        box=_box(view, tongue),
        bridge=paper_story.bridge(view, tongue, has_room=has_room),
        chart=paper_story.chart(view, tongue),
        to_do=paper_story.to_do(view, tongue),
        lines_title=tongue.say(lines_title),
        services=paper_lines.services(view, tongue),
        tax=paper_lines.tax_table(view, tongue),
        totals=paper_lines.totals(view, tongue),
        notices=_notices(view, tongue),
        words=paper_head.labels(tongue),
        pay=_pay(view, tongue),
    )


def _facts(view: InvoiceView, tongue: Tongue) -> list[Fact]:
    given = {
        "credits": view.credits,
        "customer_number": view.customer_number,
        "order_number": view.order_number,
        "buyer_reference": view.buyer_reference,
        "customer_vat_id": view.buyer.vat_id,
        "customer_business_id": "" if view.buyer.vat_id else view.buyer.business_id,
    }
    return paper_head.facts(tongue, view.issued_on, "issued_on", given)


def _summary(view: InvoiceView, name: str, tongue: Tongue) -> str:
    sum_minor = view.open_minor if view.kind == "invoice" else -view.total_minor
    return tongue.say(
        f"summary_{view.kind}",
        name=name,
        amount=tongue.minor(sum_minor),
        day=tongue.day(view.due_on),
        number=view.credits,
    )


def _box(view: InvoiceView, tongue: Tongue) -> Box:
    if view.kind == "invoice":
        facts = {"due_on": tongue.day(view.due_on), "reference": view.reference}
        printed = tuple(Fact(tongue.say(key), value) for key, value in facts.items() if value)
        return Box(tongue.say("to_pay"), tongue.minor(view.open_minor), printed)
    left_minor = view.credited.left_minor if view.credited else 0
    left = Fact(tongue.say("left_of_invoice", number=view.credits), tongue.minor(left_minor))
    kept_minor = view.total_minor - view.credited.taken_minor if view.credited else 0
    kept = (Fact(tongue.say("kept_as_credit"), tongue.minor(kept_minor)),) if kept_minor else ()
    return Box(tongue.say("credit"), tongue.minor(-view.total_minor), (left, *kept))


def _notices(view: InvoiceView, tongue: Tongue) -> tuple[Notice, ...]:
    email = view.seller.email
    ask, leave = (paper_head.notice(key, tongue, email) for key in ("ask", "leave"))
    if view.kind == "credit_note" or view.open_minor <= 0:
        return (ask, leave)
    return (ask, paper_head.notice("late", tongue), leave)


def _pay(view: InvoiceView, tongue: Tongue) -> Pay | None:
    """Return how to pay, where something is to be paid into an account."""
    if view.kind == "credit_note" or view.open_minor <= 0 or not view.iban:
        return None
    printed = tongue.minor(view.open_minor)
    return Pay(
        title=tongue.say("how_to_pay"),
        payee=view.seller.name,
        iban=iban(view.iban),
        bic=view.bic,
        reference=view.reference,
        amount=printed,
        due_on=tongue.day(view.due_on),
        barcode_alt=tongue.say("bank_barcode_alt"),
        code_alt=tongue.say("scan_alt", amount=printed),
        amount_minor=view.open_minor,
        currency=view.currency,
        due=view.due_on,
    )
