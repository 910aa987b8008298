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
    begins = Fact(_capital(own["from_day"]), tongue.day(view.on))
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
        details=_capital(said.lead),
        box=Box(own["subscription"], view.plan, (begins,)),
        lines_title=_capital(said.subject.removeprefix(f"{view.seller.name}: ")),
        services=(),
        totals=tuple(Fact(label, value) for label, value in said.facts) or (begins,),
        notices=(Notice(view.seller.name, "", view.seller.email),),
        words=paper_head.labels(tongue),
    )


def _capital(text: str) -> str:
    """A text that begins a letter; in an e-mail it goes on after the greeting."""
    return text[:1].upper() + text[1:]
