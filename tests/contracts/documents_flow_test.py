"""Documents of a living town: what stands on them, and that they stay what they were."""

from pathlib import Path
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.adapters.blobs.folder import FolderBlobs
from kesto.adapters.documents.port import DocumentMaker
from kesto.adapters.documents.renderer import Renderer
from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.changes import ChangePlan, GiveCoupon
from kesto.core.invoice import Buyer
from kesto.core.refusals import NotFound
from kesto.flows.archive_documents import archive_views
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.show_invoice import invoice_views, party_view, show_invoice
from kesto.flows.show_receipt import show_receipt
from kesto.store import archive
from kesto.store.archive import Archived
from kesto.store.ids import new_id
from kesto.store.invoices import Stored
from kesto.store.session import reading
from kesto.words.explanations import sentences
from kesto.words.invoice_paper import invoice_paper
from kesto.words.views import InvoiceView, LineView
from tests.papers import new_renderer
from tests.town import PRICES, Town, day


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return new_renderer()


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


def view(town: Town, stored: Stored | str, language: str = "") -> InvoiceView:
    number = stored if isinstance(stored, str) else stored.number
    return show_invoice(town.merchant_id, number, language)


def archived(
    town: Town, own: UUID, maker: DocumentMaker, blobs: FolderBlobs, language: str = ""
) -> dict[UUID, Archived]:
    """Archive an invoice as deliveries do; one of somebody else is left out."""
    with reading(town.merchant_id) as session:
        views = invoice_views(session, [own], language, as_issued=True)
    return archive_views(town.merchant_id, views, maker, blobs, town.now)


def changes(view: InvoiceView) -> list[tuple[str, int]]:
    assert view.previous is not None
    total_minor = sum(reason.amount_minor for reason in view.previous.reasons)
    assert view.previous.total_minor + total_minor == view.total_minor
    return [(reason.what, reason.amount_minor) for reason in view.previous.reasons]


def payments(town: Town) -> list[UUID]:
    with reading(town.merchant_id) as session:
        rows = session.rows("select id from payment where merchant_id = %s", town.merchant_id)
    return [row[0] for row in rows]


def test_the_second_invoice_says_why_it_differs_from_the_first(town: Town) -> None:
    aino = town.customer("Aino", language="sv")
    aino.subscribes("plus", on="2026-10-15", add_ons=["safety"])
    (first,) = town.bill(on="2026-10-15")
    (second,) = town.bill(on="2026-11-15")
    assert view(town, first).previous is None
    found = view(town, second)
    assert found.language == "sv"
    assert found.previous is not None
    assert found.previous.number == first.number
    assert changes(found) == [("one_time_before", -1500), ("new", 499)]
    assert set(found.previous.names.values()) == {"Abonnemang"}
    assert [past.total_minor for past in found.history] == [4490, 3489]


def test_vat_on_top_is_part_of_the_difference(booted: object) -> None:
    assert booted
    town = Town.founded(includes_tax=False)
    town.customer("Aino").subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    (second,) = town.bill(on="2026-11-01")
    assert changes(view(town, second)) == [("one_time_before", -1500), ("tax", -383)]


def test_lines_are_shown_by_subscription_and_user(town: Town) -> None:
    aino, eino = town.customer("Aino"), town.customer("Eino")
    aino.subscribes("plus", on="2026-10-01")
    eino.subscribes("basic", on="2026-09-01", payer="aino", user="eino")
    (invoice,) = town.bill(on="2026-10-01")
    found = {line.service.title: line.service for line in view(town, invoice).lines if line.service}
    assert {title: service.note for title, service in found.items()} == {
        "Plus": "",
        "Basic": "Eino",
    }


def test_two_subscriptions_of_one_plan_are_told_apart(town: Town) -> None:
    aino = town.customer("Aino")
    ids = [aino.subscribes("plus", on="2026-10-01") for _ in range(2)]
    (invoice,) = town.bill(on="2026-10-01")
    notes = {line.service.note for line in view(town, invoice).lines if line.service}
    assert notes == {own.hex for own in ids}


def test_a_credit_note_says_what_it_did_to_the_invoice(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice, amount_minor=300)
    note = view(town, town.credits(invoice))
    assert note.credits == invoice.number
    assert note.credited is not None
    assert (note.credited.total_minor, note.credited.taken_minor) == (1000, 700)
    assert (note.previous, note.history) == (None, ())


def test_a_receipt_says_what_a_payment_settled(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice, amount_minor=1250)
    (payment,) = payments(town)
    receipt = show_receipt(town.merchant_id, payment)
    assert (receipt.amount_minor, receipt.kept_minor, receipt.language) == (1250, 250, "fi")
    assert [(paid.number, paid.paid_minor) for paid in receipt.paid] == [(invoice.number, 1000)]
    with pytest.raises(NotFound):
        show_receipt(town.merchant_id, invoice.invoice.id)


def test_an_archived_document_stays_what_it_was(
    town: Town, renderer: Renderer, blobs: FolderBlobs
) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    own = invoice.invoice.id
    (kept,) = archived(town, own, renderer, blobs).values()
    pdf = blobs.get(town.merchant_id, kept.sha256)
    assert (kept.kind, kept.language, kept.size) == ("invoice", "fi", len(pdf))
    assert kept.template_version == renderer.template_version

    # A payment, a later invoice and another process change nothing.
    town.pays(invoice)
    town.bill(on="2026-12-01")
    issued = show_invoice(town.merchant_id, invoice.number, as_issued=True)
    assert issued.open_minor == invoice.invoice.total_minor
    assert new_renderer().pdf(invoice_paper(issued)) == pdf
    assert show_invoice(town.merchant_id, invoice.number).open_minor == 0
    again = archived(town, own, renderer, blobs)
    assert blobs.get(town.merchant_id, again[own].sha256) == pdf


def test_a_new_form_leaves_archived_documents_alone(
    town: Town, renderer: Renderer, blobs: FolderBlobs
) -> None:
    class OtherForm:
        template_version = "other"

        def pdf(self, _paper: object) -> bytes:
            return b"%PDF other"

    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    own = invoice.invoice.id
    first = archived(town, own, renderer, blobs)
    assert archived(town, own, OtherForm(), blobs) == first
    english = archived(town, own, OtherForm(), blobs, "en")
    assert english[own].template_version == "other"


def test_whoever_records_first_has_made_the_document(
    town: Town, renderer: Renderer, blobs: FolderBlobs
) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    own = invoice.invoice.id

    class Slow:
        """Another process archives the same invoice while this one is still drawing."""

        template_version = "slow"

        def pdf(self, _paper: object) -> bytes:
            archived(town, own, renderer, blobs)
            return b"%PDF slow"

    found = archived(town, own, Slow(), blobs)
    assert found[own].template_version == renderer.template_version


def test_nothing_is_recorded_when_drawing_fails(town: Town, blobs: FolderBlobs) -> None:
    class Broken:
        template_version = "broken"

        def pdf(self, _paper: object) -> bytes:
            raise RuntimeError("the form has a flaw")

    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    with pytest.raises(RuntimeError):
        archived(town, invoice.invoice.id, Broken(), blobs)
    with reading(town.merchant_id) as session:
        assert archive.archived(session, [invoice.invoice.id]) == {}


def test_credit_notes_and_receipts_are_archived_too(
    town: Town, renderer: Renderer, blobs: FolderBlobs
) -> None:
    town.customer("Aino", language="en").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice)
    (payment,) = payments(town)
    shown = {payment: show_receipt(town.merchant_id, payment)}
    (receipt,) = archive_views(town.merchant_id, shown, renderer, blobs, town.now).values()
    assert (receipt.kind, receipt.language) == ("receipt", "en")
    number = town.credits(invoice)
    (note,) = [one for one in town.invoices() if one.number == number]
    kept = archived(town, note.invoice.id, renderer, blobs)
    assert kept[note.invoice.id].kind == "credit_note"


def test_another_merchants_documents_are_out_of_reach(
    town: Town, renderer: Renderer, blobs: FolderBlobs
) -> None:
    other = Town.founded()
    other.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = other.bill(on="2026-11-01")
    own = invoice.invoice.id
    kept = archived(other, own, renderer, blobs)
    assert archived(town, own, renderer, blobs) == {}
    with pytest.raises(NotFound):
        blobs.get(town.merchant_id, kept[own].sha256)


def test_abroad_the_country_is_the_last_line_of_the_address() -> None:
    buyer = Buyer("1", "company", "Norr AB", "Gatan 7", "111 36", "Stockholm", "SE", *("",) * 6)
    assert party_view(buyer, "SE").lines == ("Gatan 7", "111 36 Stockholm")
    assert party_view(buyer, "FI").lines == ("Gatan 7", "111 36 Stockholm", "SWEDEN")
    elsewhere = replace(buyer, country="JP")
    assert party_view(elsewhere, "FI").lines[-1] == "JP"


COUPON = """
[[coupons]]
code = "SPRING-26"
name.en = "Spring offer"
name.fi = "Kevättarjous"
percent = 10
duration = "once"
"""


def test_a_change_of_plan_and_an_ended_coupon_are_called_by_their_names(town: Town) -> None:
    offered = read_catalogue((PRICES + COUPON).encode(), "coupons.toml", new_id)
    publish_catalogue(town.merchant_id, offered, town.now)
    aino = town.customer("Aino", language="fi")
    own = aino.subscribes("basic", on="2026-10-01")
    aino.changes(own, GiveCoupon("SPRING-26"))
    town.clock("2026-11-01")
    town.bill(on="2026-11-01")
    aino.changes(own, ChangePlan("plus", when="now"))
    (second,) = town.bill(on="2026-12-01")[-1:]
    found = view(town, second)
    assert found.previous is not None
    assert {"plan", "discount_ended"} <= {reason.what for reason in found.previous.reasons}
    paper = invoice_paper(found)
    assert paper.bridge is not None
    labels = [step.label for step in paper.bridge.steps]
    assert "Paketti: Basic → Plus" in labels
    assert "Alennus päättyi: Kevättarjous" in labels
    (first, *_) = [one for one in town.invoices() if one.invoice.invoice_on == day("2026-11-01")]
    told = [sentence for line in view(town, first).lines for sentence in explained(line)]
    assert any("Alennus Kevättarjous: 10" in sentence for sentence in told)
    assert not any("SPRING" in sentence for sentence in told)


def explained(line: LineView) -> list[str]:
    if line.explanation is None:
        return []
    facts = (line.explanation, line.amount_minor, "EUR", "fi", line.kind, line.usage)
    return sentences(*facts, line.coupon)
