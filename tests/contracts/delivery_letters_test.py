"""A batch of letters shows every page as its own document shows it."""

import csv
import random
from pathlib import Path

import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest

from kesto.adapters.channels.joined import UnknownFormError, join
from kesto.adapters.channels.letter import LetterFolder, address_list, cover_sheet
from kesto.adapters.channels.port import PrintedLetter
from kesto.words.invoice_paper import invoice_paper
from tests.contracts.delivery_office import plain_pdf
from tests.contracts.documents_made import invoice
from tests.papers import new_renderer

FEW = 5


@pytest.fixture(scope="module")
def documents() -> list[bytes]:
    """Documents of all sorts, of one page and of several, behind a cover sheet."""
    renderer = new_renderer()
    chance = random.Random(7)  # noqa: S311 - what is drawn is shown, not guarded
    made = [renderer.pdf(invoice_paper(invoice(chance))) for _ in range(FEW)]
    return [cover_sheet("Letters 2026-12-01", [("Letters", str(FEW))]), *made]


def pages(pdf: bytes | Path) -> list[tuple[str, bytes]]:
    """Text and picture of each page."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        picture = bytes(page.render(scale=1).buffer)
        found.append((page.get_textpage().get_text_range(), picture))
    document.close()
    return found


def test_every_page_looks_as_in_its_own_document(documents: list[bytes], tmp_path: Path) -> None:
    count, _ = join(tmp_path / "all.pdf", documents)
    single = [page for document in documents for page in pages(document)]
    assert count == len(single) > FEW
    assert pages(tmp_path / "all.pdf") == single


def test_the_joined_file_is_sound(documents: list[bytes], tmp_path: Path) -> None:
    join(tmp_path / "all.pdf", documents)
    with pikepdf.open(tmp_path / "all.pdf") as pdf:
        assert pdf.check_pdf_syntax() == []
        assert all("/Annots" not in page and "/StructParents" not in page for page in pdf.pages)


def test_made_again_it_has_the_same_bytes(documents: list[bytes], tmp_path: Path) -> None:
    first = join(tmp_path / "one.pdf", documents)
    assert join(tmp_path / "two.pdf", documents) == first
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


@pytest.mark.parametrize("bad", [b"", b"%PDF-1.7\n", b"hello", plain_pdf("x")[:-40]])
def test_a_file_of_another_form_is_refused(bad: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormError):
        join(tmp_path / "all.pdf", [bad])


def test_a_batch_that_fails_leaves_no_file(tmp_path: Path) -> None:
    folder = LetterFolder(tmp_path)
    with pytest.raises(UnknownFormError):
        folder.print_batch("a", "2026-12-01", [], [PrintedLetter("1", ("A",), "fi", lambda: b"?")])
    assert [*(tmp_path / "a").glob("*.pdf")] == []


def test_a_merchants_code_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    letter = PrintedLetter("1", ("A",), "fi", lambda: plain_pdf("1"))
    LetterFolder(tmp_path / "letters").print_batch("../x/..", "2026-12-01", [], [letter])
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]


def test_the_list_holds_addresses_as_they_are_and_no_formulas() -> None:
    letters = [
        PrintedLetter("2026-1", ('Aino "A"; Ltd', "Kuja 2", "00200 Helsinki"), "fi", bytes),
        PrintedLetter("2026-2", ("=cmd()", "Gatan 1", "111 36 Stockholm", "SWEDEN"), "sv", bytes),
    ]
    text = address_list(letters).decode("utf-8-sig")
    first, second = csv.DictReader(text.splitlines(), delimiter=";")
    assert first["line_1"] == 'Aino "A"; Ltd'
    assert second["line_1"] == "'=cmd()"
    assert (second["line_4"], second["line_5"]) == ("SWEDEN", "")
