"""A notice as a letter: what changes, from when, and what it costs then."""

from kesto.words import paper_head
from kesto.words.messages import check_language
from kesto.words.notice_words import TEXTS, notice_words
from kesto.words.paper import Box, Fact, Notice, Paper
from kesto.words.tongue import Tongue
from kesto.words.views import NoticeView


def notice_paper(view: NoticeView) -> Paper:
    """Return the document that a notice is."""
    tongue = Tongue(check_language(view.language), view.currency)
    own, said = TEXTS[view.language], notice_words(view)
    day = tongue.day(view.on)
    return Paper(
        language=view.language,
        kind="notice",
        title=said.title,
        number=view.number,
        dated=view.written_on,
        dated_on=tongue.day(view.written_on),
        summary=said.subject,
        currency=view.currency,
        seller=paper_head.seller_paper(view.seller, tongue),
        recipient=paper_head.recipient(view.buyer),
        facts=(Fact(own["written_on"], tongue.day(view.written_on)),),
        details="",
        box=Box(own["subscription"], view.plan, (Fact(own["from_day"].capitalize(), day),)),
        lines_title="",
        services=(),
        totals=tuple(Fact(label, value) for label, value in said.facts),
        notices=(
            Notice(said.title, said.lead),
            paper_head.notice("ask_receipt", tongue, view.seller.email),
        ),
        words=paper_head.labels(tongue),
    )
