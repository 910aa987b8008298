import random
import string

import pytest
from msgspec.structs import replace

from kesto.words.mail import TEXTS, invoice_mail, receipt_mail
from tests.contracts.documents_made import invoice, receipt

LINK = "https://bills.example/p/abc?x=1&y=2"


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - what is drawn is shown, not guarded


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_says_the_same(language: str) -> None:
    assert list(TEXTS[language]) == list(TEXTS["en"])
    for key, text in TEXTS[language].items():
        # A language may leave out the seller's name, which the message ends with.
        assert fields(text) | {"seller"} == fields(TEXTS["en"][key]) | {"seller"}, key


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
@pytest.mark.parametrize("seed", range(12))
def test_any_document_makes_a_message(seed: int, kind: str) -> None:
    view = invoice(chance(seed), kind)
    mail = invoice_mail(view, LINK, is_attached=True)
    assert view.number in mail.subject
    assert "\n" not in mail.subject
    assert LINK in mail.text
    assert 'href="https://bills.example/p/abc?x=1&amp;y=2"' in mail.html
    assert "{" not in mail.subject + mail.text
    assert TEXTS[view.language][f"attached_{kind}"] in mail.text


def test_without_a_link_or_attachment_nothing_speaks_of_them() -> None:
    view = invoice(chance(1))
    own = TEXTS[view.language]
    mail = invoice_mail(view, "", is_attached=False)
    assert "href" not in mail.html
    assert own["link_is_yours"] not in mail.text
    assert own["attached_invoice"] not in mail.text


def test_an_invoice_with_nothing_to_pay_asks_for_nothing() -> None:
    view = replace(invoice(chance(2)), open_minor=0, language="fi")
    mail = invoice_mail(view, LINK, is_attached=False)
    assert mail.subject.endswith("ei maksettavaa")
    assert "Viite" not in mail.text


def test_names_cannot_write_into_the_page() -> None:
    view = invoice(chance(3))
    view = replace(view, seller=replace(view.seller, name="<script>alert(1)</script> Oy"))
    assert "<script>" not in invoice_mail(view, LINK, is_attached=False).html


@pytest.mark.parametrize("language", TEXTS)
def test_a_receipt_says_what_was_paid(language: str) -> None:
    view = replace(receipt(chance(4)), language=language)
    mail = receipt_mail(view, LINK, is_attached=True)
    assert all(paid.number in mail.text for paid in view.paid)
