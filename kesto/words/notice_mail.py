"""The e-mail that a notice goes by, with a link to the subscription."""

from kesto.words.mail import MailParts, MailText, formed
from kesto.words.notice_words import TEXTS, notice_words
from kesto.words.views import NoticeView


def notice_mail(view: NoticeView, link: str) -> MailText:
    """Return the message to a subscriber about the contract."""
    said = notice_words(view)
    return formed(
        MailParts(
            language=view.language,
            subject=said.subject,
            lead=said.lead,
            story="",
            steps=(),
            facts=said.facts,
            attached="",
            link=link,
            link_text=TEXTS[view.language]["open_subscription"],
            seller=view.seller.name,
        )
    )
