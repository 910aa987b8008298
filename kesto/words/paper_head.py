"""What every document has: who sends it and to whom, the fixed labels, and how to reach us."""

from datetime import date

from kesto.words.paper import Fact, Notice, SellerPaper
from kesto.words.tongue import Tongue
from kesto.words.views import PartyView

MOST_FACTS = 3

_LABELS = {
    "page": "page",
    "of": "of_pages",
    "specification": "specification",
    "product": "product",
    "explanation": "explanation",
    "quantity": "quantity",
    "vat_percent": "vat_percent",
    "vat": "total_vat",
    "rate": "rate",
    "payee": "payee",
    "iban": "iban",
    "bic": "bic",
    "due_on": "due_on",
    "reference": "reference",
    "amount": "amount",
    "barcode": "bank_barcode",
    "scan": "scan",
    "invoice": "invoice",
    "issued_on": "issued_on",
    "customer": "customer",
    "seller": "seller",
    "why": "why_this",
}
_COLUMNS = {
    "price": "price",
    "line_total": "line_total",
    "net": "net",
    "tax": "vat",
    "gross": "gross",
    "invoice_total": "invoice_total",
    "paid_now": "paid_now",
}


def labels(tongue: Tongue) -> dict[str, str]:
    """Return the fixed words of the form; a column of sums names its currency."""
    fixed = {name: tongue.say(key) for name, key in _LABELS.items()}
    return fixed | {name: tongue.head(key) for name, key in _COLUMNS.items()}


def seller_paper(party: PartyView, tongue: Tongue) -> SellerPaper:
    """Return the sender; what stands at the foot names it once more, with how to reach it."""
    ids = [
        f"{tongue.say(key)}\u00a0{value}"
        for key, value in (("business_id", party.business_id), ("vat_id", party.vat_id))
        if value
    ]
    return SellerPaper(
        name=party.name,
        initial=party.name[:1].upper(),
        address=" · ".join(party.lines),
        ids="   ".join(ids),
        legal=" · ".join(filter(None, (party.name, *ids[:1], party.email))),
    )


def recipient(party: PartyView) -> tuple[str, ...]:
    """Return the lines of the address."""
    return (party.name, *party.lines)


def facts(tongue: Tongue, dated: date, dated_key: str, given: dict[str, str]) -> list[Fact]:
    """Return the day of the document, and those facts that are given, by their message."""
    first = Fact(tongue.say(dated_key), tongue.day(dated))
    return [first, *(Fact(tongue.say(key), value) for key, value in given.items() if value)]


def details(rest: list[Fact]) -> str:
    """Return the facts that found no room at the top, as a line."""
    return " · ".join(f"{fact.label}\u00a0{fact.value}" for fact in rest)


def notice(key: str, tongue: Tongue, link: str = "") -> Notice:
    """Return a notice by its message."""
    return Notice(tongue.say(key), tongue.say(f"{key}_text"), link)
