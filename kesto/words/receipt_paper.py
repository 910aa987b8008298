"""A receipt as a document in words: that a payment arrived, and what it settled."""

from kesto.words import paper_head
from kesto.words.messages import check_language
from kesto.words.paper import Box, Fact, Paid, Paper
from kesto.words.tongue import Tongue
from kesto.words.views import ReceiptView


def receipt_paper(view: ReceiptView) -> Paper:
    """Return the document that a receipt is."""
    tongue = Tongue(check_language(view.language), view.currency)
    title = tongue.say("receipt")
    day, printed = tongue.day(view.received_on), tongue.minor(view.amount_minor)
    return Paper(
        language=view.language,
        kind="receipt",
        title=title,
        number=view.number,
        dated=view.received_on,
        dated_on=day,
        summary=tongue.say(
            "summary_receipt", name=f"{title} {view.number}", amount=printed, day=day
        ),
        currency=view.currency,
        seller=paper_head.seller_paper(view.seller, tongue),
        recipient=paper_head.recipient(view.buyer),
        facts=tuple(
            paper_head.facts(
                *(tongue, view.received_on, "paid_on", {"customer_number": view.customer_number})
            )
        ),
        details="",
        box=_box(view, tongue),
        lines_title=tongue.say("paid_lines"),
        services=(),
        totals=_totals(view, tongue),
        notices=(
            paper_head.notice("ask_receipt", tongue, view.seller.email),
            paper_head.notice("receipt_is_no_invoice", tongue),
        ),
        words=paper_head.labels(tongue),
        paid=tuple(
            Paid(
                paid.number,
                tongue.day(paid.issued_on),
                tongue.figure(paid.total_minor),
                tongue.figure(paid.paid_minor),
            )
            for paid in view.paid
        ),
    )


def _box(view: ReceiptView, tongue: Tongue) -> Box:
    facts = [Fact(tongue.say("paid_on"), tongue.day(view.received_on))]
    if len(view.paid) == 1:
        facts.append(Fact(tongue.say("invoice"), view.paid[0].number))
    return Box(tongue.say("paid"), tongue.minor(view.amount_minor), tuple(facts))


def _totals(view: ReceiptView, tongue: Tongue) -> tuple[Fact, ...]:
    last = Fact(tongue.say("total_paid"), tongue.minor(view.amount_minor))
    if not view.kept_minor:
        return (last,)
    used_minor = view.amount_minor - view.kept_minor
    return (
        Fact(tongue.say("paid_to_invoices"), tongue.minor(used_minor)),
        Fact(tongue.say("kept_as_credit"), tongue.minor(view.kept_minor)),
        last,
    )
