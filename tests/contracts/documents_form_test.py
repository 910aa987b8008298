"""The form around the facts: letters, breaks, HTML, and the versions of the template."""

import random
import re
from html.parser import HTMLParser

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
from msgspec.structs import replace

from kesto.adapters.documents.codes import codes
from kesto.adapters.documents.elements import Html, element, joined
from kesto.adapters.documents.html import fragment, page
from kesto.adapters.documents.letters import address_lines, breakable, printable
from kesto.adapters.documents.port import DocumentMaker
from kesto.words.invoice_paper import invoice_paper
from kesto.words.paper import Paper
from kesto.words.receipt_paper import receipt_paper
from kesto.words.views import PartyView
from tests.contracts import documents_made as made
from tests.papers import new_renderer

VOID = {"meta", "br"}


def papers() -> list[Paper]:
    chance = random.Random("pages")  # noqa: S311 - the same documents on every run
    views = [made.invoice(chance, kind) for kind in ("invoice", "credit_note") * 6]
    return [*map(invoice_paper, views), receipt_paper(made.receipt(chance))]


class Outline(HTMLParser):
    """The tags of a page; what is not closed in order is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_letters_that_the_font_lacks_never_stop_a_document() -> None:
    assert printable("Zoë 😀 王 Жук Ωmega") == "Zoë □ □ Жук Ωmega"
    assert printable("a\u0308iti") == "äiti"
    assert printable('{"json": "− × → € 1\u00a0234,50"}') == '{"json": "− × → € 1\u00a0234,50"}'


def test_an_overlong_word_may_break() -> None:
    word = "lentokonesuihkuturbiinimoottoriapumekaanikko"
    assert breakable(word).replace("\u200b", "") == word
    assert max(map(len, breakable(f"{word} {word}").replace("\u200b", " ").split())) <= 24
    assert breakable("Valokuitu 1000 Mbit/s") == "Valokuitu 1000 Mbit/s"


def test_an_address_fits_its_window() -> None:
    lines = address_lines(("Oy " + "Pitkä " * 20, "Kuja 2", "00100 Helsinki"), 44, 8)
    assert lines[-1] == "00100 Helsinki"
    assert max(map(len, lines)) <= 44
    assert len(address_lines(("sana " * 200,), 44, 8)) == 8


def test_texts_are_escaped_and_elements_are_not() -> None:
    found = element("p", '<b> & "', element("b", "x"), class_="a<b", aria_label='"')
    assert found == ('<p class="a&lt;b" aria-label="&quot;">&lt;b&gt; &amp; &quot;<b>x</b></p>')
    assert joined("<", Html("<br>")) == "&lt;<br>"


def test_a_page_is_whole_and_says_everything() -> None:
    for paper in papers():
        outline = Outline(page(paper))
        text = "".join(outline.text)
        sums = [paper.box.amount, *(fact.value for fact in paper.totals)]
        lines = [line for service in paper.services for line in service.lines]
        for wanted in (*sums, *(line.amount for line in lines), *(line.name for line in lines)):
            assert wanted in text
        tags = [tag for tag, _ in outline.tags]
        assert tags.count("h1") == 1
        assert dict(outline.tags)["html"] == {"lang": paper.language}
        assert all("scope" in given for tag, given in outline.tags if tag == "th")
        pictures = [given for _, given in outline.tags if given.get("role") == "img"]
        drawn = codes(paper.pay)
        assert len(pictures) == bool(drawn.qr) + bool(drawn.digits)
        assert all(given["aria-label"] for given in pictures)


def test_a_fragment_brings_no_look_of_its_own() -> None:
    for paper in papers():
        outline = Outline(fragment(paper))
        assert {"style", "script", "svg", "h1"} & {tag for tag, _ in outline.tags} == set()
        assert not any("style" in given for _, given in outline.tags)


def test_a_name_cannot_bring_markup_in() -> None:
    chance = random.Random(1)  # noqa: S311 - the same document on every run
    view = made.invoice(chance)
    evil = PartyView("<script>alert(1)</script>", ('" onload="x',))
    html = page(invoice_paper(replace(view, buyer=evil)))
    assert "<script" not in html
    assert not any("onload" in given for _, given in Outline(html).tags)


def test_the_template_has_a_version_that_follows_what_it_is_made_of() -> None:
    maker: DocumentMaker = new_renderer()
    assert re.fullmatch(r"\d+-[0-9a-f]{12}", maker.template_version)
    assert maker.template_version == new_renderer().template_version


def test_a_name_that_looks_like_the_templates_language_is_printed_as_it_is() -> None:
    chance = random.Random(2)  # noqa: S311 - the same document on every run
    view = made.invoice(chance)
    buyer = PartyView('#panic("x") $ @label *bold*', ("#import", "\\"))
    document = pypdfium2.PdfDocument(new_renderer().pdf(invoice_paper(replace(view, buyer=buyer))))
    assert '#panic("x") $ @label *bold*' in document[0].get_textpage().get_text_range()
