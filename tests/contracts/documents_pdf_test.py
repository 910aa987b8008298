"""200 documents by chance: read, scanned and checked as a bank, a bookkeeper and a reader would."""

import io
import random
import re
from pathlib import Path

import pdfua
import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
import zxingcpp
from msgspec.structs import replace

from kesto.adapters.banking.barcode import bank_barcode
from kesto.adapters.documents.fit import Fitted, fitted
from kesto.adapters.documents.letters import printable
from kesto.adapters.documents.renderer import Renderer
from kesto.core.references import compact, is_finnish, rf
from kesto.core.refusals import Invalid
from kesto.words.invoice_paper import invoice_paper
from kesto.words.paper import Paper
from kesto.words.receipt_paper import receipt_paper
from kesto.words.views import InvoiceView, ServiceView
from tests.contracts import documents_made as made
from tests.contracts.pdf_checker import faults
from tests.papers import new_renderer

# Each batch is 20 invoices, three credit notes and a receipt.
BATCHES, INVOICES, NOTES = 10, 20, 3
DOTS = 200
POINTS = 72


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return new_renderer()


def papers(batch: int) -> list[tuple[InvoiceView | None, Paper]]:
    chance = random.Random(f"documents {batch}")  # noqa: S311 - the same documents on every run
    views = [made.invoice(chance) for _ in range(INVOICES)]
    views += [made.invoice(chance, "credit_note") for _ in range(NOTES)]
    return [
        *((view, invoice_paper(view)) for view in views),
        (None, receipt_paper(made.receipt(chance))),
    ]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_documents_by_chance(renderer: Renderer, batch: int, tmp_path: Path) -> None:
    for n, (view, paper) in enumerate(papers(batch)):
        pdf = renderer.pdf(paper)
        where = f"batch {batch}, document {n}, {paper.name}"
        name = printable(f"{paper.seller.name}: {paper.name}")
        assert faults(pdf, paper.language, name) == [], where
        assert scanned(pdf) == wanted_codes(paper), where
        assert_printed(pdf, paper)
        if view is not None:
            assert_adds_up(view, paper)
        if n % 4 == 0:
            (tmp_path / "document.pdf").write_bytes(pdf)
            assert pdfua.validate(str(tmp_path / "document.pdf")).findings == (), where
            assert new_renderer().pdf(paper) == pdf, where


def scanned(pdf: bytes) -> set[str]:
    """What a scanner reads off page 1 at 200 dots per inch."""
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=DOTS / POINTS).to_pil()
    return {found.text for found in zxingcpp.read_barcodes(picture)}


def wanted_codes(paper: Paper) -> set[str]:
    """What the codes must say, put together anew from the facts on the paper."""
    pay = paper.pay
    if pay is None:
        return set()
    reference = compact(pay.reference)
    structured = rf(reference) if is_finnish(reference) else reference
    amount = f"EUR{pay.amount_minor // 100}.{pay.amount_minor % 100:02}"
    name = pay.payee[:70]
    lines = ["BCD", "002", "1", "SCT", pay.bic, name, compact(pay.iban), amount, "", structured]
    wanted = {"\n".join(lines).rstrip("\n")}
    digits = bank_barcode(pay.iban, pay.amount_minor, reference, pay.due) if reference else None
    return wanted | ({digits} if digits else set())


def assert_printed(pdf: bytes, paper: Paper) -> None:
    """Every sum stands where it belongs: the totals on page 1, each line somewhere."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [squeezed(page.get_textpage().get_text_range()) for page in document]
    page_1, whole = texts[0], "".join(texts)
    rows = [*paper.tax.rows, *filter(None, [paper.tax.total])] if paper.tax else []
    story = (paper.bridge.before, *paper.bridge.steps, paper.bridge.after) if paper.bridge else ()
    sums = [
        paper.box.amount,
        *(fact.value for fact in (*paper.totals, *story)),
        *(text for row in rows for text in (row.net, row.tax, row.gross)),
        *(paid.amount for paid in paper.paid),
        paper.pay.amount if paper.pay else paper.box.amount,
    ]
    assert [one for one in sums if squeezed(one) not in page_1] == []
    lines = [line for service in paper.services for line in service.lines]
    assert [line for line in lines if squeezed(line.amount) not in whole] == []
    page = fitted(paper)
    assert (len(texts) > 1) == bool(page.specification)
    assert squeezed(paper.name) in page_1


def squeezed(text: str) -> str:
    """A text without any blank or invisible letter: breaks are the layout's own."""
    return re.sub(r"[\s\u200b\ufffe\u0002\xad]", "", text)


def assert_adds_up(view: InvoiceView, paper: Paper) -> None:
    """Page 1 shows the whole: its rows are the lines, rolled up or not."""
    sign = -1 if view.kind == "credit_note" else 1
    lines = [line for service in paper.services for line in service.lines]
    total = view.total_minor if view.includes_tax else view.net_minor
    assert sum(line.amount_minor for line in lines) == sign * total
    if view.previous:
        steps = sum(reason.amount_minor for reason in view.previous.reasons)
        assert view.previous.total_minor + steps == view.total_minor
    rows = [minor(row.amount) for group in fitted(paper).groups for row in group.lines]
    assert sum(rows) == sign * total


def minor(printed: str) -> int:
    """A printed sum read back."""
    return int(re.sub(r"[\u00a0,.]", "", printed).replace("\u2212", "-"))


def test_page_1_is_enough_and_the_rest_specifies_it(renderer: Renderer) -> None:
    chance = random.Random("many lines")  # noqa: S311 - the same document on every run
    service = [ServiceView("a", "Sähkö")]
    lines = tuple(made.line(chance, service) for _ in range(40))
    view = made.invoice(chance)
    taxes = made.taxes(lines, includes_tax=view.includes_tax)
    paper = invoice_paper(replace(view, lines=lines, taxes=taxes))
    page = fitted(paper)
    assert len(page.groups[0].lines) <= 8
    assert sum(len(group.lines) for group in page.specification) == 40
    assert len(pikepdf.open(io.BytesIO(renderer.pdf(paper))).pages) > 1


def test_a_page_that_ran_over_is_made_anew(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Heights are reckoned; where the reckoning is wrong, the made page tells."""
    chance = random.Random("run over")  # noqa: S311 - the same document on every run
    lines = tuple(made.line(chance, [ServiceView("a", "Sähkö")]) for _ in range(30))
    view = made.invoice(chance)
    taxes = made.taxes(lines, includes_tax=view.includes_tax)
    paper = invoice_paper(replace(view, lines=lines, taxes=taxes))
    wanted = renderer.pdf(paper)
    all_on_page_1 = Fitted(fitted(paper).specification)
    monkeypatch.setattr("kesto.adapters.documents.renderer.fitted", lambda _: all_on_page_1)
    assert renderer.pdf(paper) == wanted


def test_a_wrong_account_is_refused_before_it_is_drawn(renderer: Renderer) -> None:
    view = made.invoice(random.Random(7))  # noqa: S311 - the same invoice on every run
    wrong = replace(view, iban="FI2112345600000786", reference="20417 10425")
    with pytest.raises(Invalid) as refused:
        renderer.pdf(invoice_paper(wrong))
    assert refused.value.field == "iban"


@pytest.mark.parametrize("part", ["claims", "language", "untagged", "font"])
def test_the_checker_sees_what_is_broken(renderer: Renderer, part: str) -> None:
    view = made.invoice(random.Random(3))  # noqa: S311 - the same invoice on every run
    paper = invoice_paper(view)
    broken = io.BytesIO()
    with pikepdf.open(io.BytesIO(renderer.pdf(paper))) as document:
        if part == "claims":
            with document.open_metadata() as metadata:
                metadata["pdfaid:part"] = "2"
        if part == "language":
            document.Root.Lang = pikepdf.String("de")
        if part == "untagged":
            document.pages[0].contents_add(b"0 0 9 9 re f")
        if part == "font":
            (_, font), *_ = document.pages[0].Resources.Font.items()
            described = font.DescendantFonts[0].FontDescriptor
            del described["/FontFile3" if "/FontFile3" in described else "/FontFile2"]
        document.save(broken)
    name = printable(f"{paper.seller.name}: {paper.name}")
    assert len(faults(broken.getvalue(), paper.language, name)) == 1
