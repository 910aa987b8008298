"""A document as HTML: headings, tables with heads, lists of facts; it needs no style to be read.

`fragment` goes into a page or a mail that brings its own look; `page` stands alone.
"""

from functools import cache
from pathlib import Path

from kesto.adapters.documents.codes import Codes, codes
from kesto.adapters.documents.elements import Html, element, joined
from kesto.words.paper import (
    Bridge,
    Fact,
    Notice,
    Paper,
    PaperLine,
    Pay,
    ServicePaper,
    TaxPaper,
    TaxTable,
)

STYLE = Path(__file__).with_name("page.css")


def page(paper: Paper) -> str:
    """Return a document as a page of its own, with the codes to pay it by."""
    head = element(
        "head",
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", f"{paper.seller.name}: {paper.name}"),
        element("style", _style()),
    )
    main = element("main", element("h1", paper.name), Html(fragment(paper, codes(paper.pay))))
    foot = element("footer", element("p", paper.seller.legal))
    body = element("body", main, foot)
    return f"<!doctype html>\n{element('html', head, body, lang=paper.language)}\n"


def fragment(paper: Paper, drawn: Codes | None = None) -> str:
    """Return what stands on a document, below a heading of the first level that the page has.

    With the codes given, they are drawn; a mail leaves them out.
    """
    return joined(
        *(_box(paper), _parties(paper)),
        *([_bridge(paper.bridge)] if paper.bridge else []),
        *([_notice(paper.to_do)] if paper.to_do else []),
        *_lines(paper),
        *([_tax(paper.tax, paper)] if paper.tax else []),
        *([_pay(paper.pay, drawn, paper)] if paper.pay else []),
        *(_notice(notice) for notice in paper.notices),
    )


def _box(paper: Paper) -> Html:
    return element(
        "section",
        element("h2", paper.box.label),
        element("p", paper.box.amount, class_="sum"),
        _facts(paper.box.facts),
    )


def _parties(paper: Paper) -> Html:
    lines = [joined(line, Html("<br>")) for line in paper.recipient]
    details = [element("p", paper.details)] if paper.details else []
    return element(
        "section",
        *(element("h2", paper.words["customer"]), element("address", *lines)),
        *(_facts(paper.facts), *details),
        element("h2", paper.words["seller"]),
        element("p", joined(paper.seller.name, Html("<br>"), paper.seller.address)),
        element("p", paper.seller.ids),
    )


def _bridge(bridge: Bridge) -> Html:
    steps = _facts((bridge.before, *bridge.steps), bridge.after)
    return element("section", element("h2", bridge.title), steps)


def _lines(paper: Paper) -> list[Html]:
    return [
        element("h2", paper.lines_title),
        *(_service(service, paper) for service in paper.services),
        *([_paid(paper)] if paper.paid else []),
        _facts(paper.totals[:-1], paper.totals[-1]),
    ]


def _service(service: ServicePaper, paper: Paper) -> Html:
    word, title = paper.words, f"{service.title} {service.note}".strip()
    heads = [word["product"], word["quantity"], word["price"], word["vat_percent"]]
    return element(
        "table",
        *([element("caption", title)] if title else []),
        _table_head([*heads, word["line_total"]], wide={2, 3}),
        element("tbody", *(_row(line, paper) for line in service.lines)),
        aria_label=title or paper.lines_title,
    )


def _row(line: PaperLine, paper: Paper) -> Html:
    why = [element("p", sentence) for sentence in line.why]
    opened = [element("details", element("summary", paper.words["why"]), *why)] if why else []
    return element(
        "tr",
        element("th", line.name, element("small", line.note), *opened, scope="row"),
        element("td", line.quantity),
        element("td", line.price, class_="wide"),
        element("td", line.rate, class_="wide"),
        element("td", line.amount),
    )


def _paid(paper: Paper) -> Html:
    word = paper.words
    heads = [word["invoice"], word["issued_on"], word["invoice_total"], word["paid_now"]]
    rows = [
        element(
            "tr",
            element("th", one.number, scope="row"),
            *(element("td", text) for text in (one.issued_on, one.total, one.amount)),
        )
        for one in paper.paid
    ]
    body = element("tbody", *rows)
    return element("table", _table_head(heads), body, aria_label=paper.lines_title)


def _tax(tax: TaxTable, paper: Paper) -> Html:
    word = paper.words
    rows = [*tax.rows, *([tax.total] if tax.total else [])]
    return element(
        "section",
        element("h2", word["vat"]),
        element(
            "table",
            element("caption", tax.hint),
            _table_head([word["rate"], word["net"], word["tax"], word["gross"]]),
            element("tbody", *map(_tax_row, rows)),
        ),
    )


def _tax_row(row: TaxPaper) -> Html:
    cells = [element("td", text) for text in (row.net, row.tax, row.gross)]
    return element("tr", element("th", row.rate, scope="row"), *cells)


def _pay(pay: Pay, drawn: Codes | None, paper: Paper) -> Html:
    given = {
        "payee": pay.payee,
        "iban": pay.iban,
        "bic": pay.bic,
        "reference": pay.reference,
        "due_on": pay.due_on,
        "amount": pay.amount,
    }
    facts = tuple(Fact(paper.words[key], value) for key, value in given.items() if value)
    pictures = [_codes(pay, drawn, paper)] if drawn and (drawn.qr or drawn.digits) else []
    return element("section", element("h2", pay.title), _facts(facts), *pictures)


def _codes(pay: Pay, drawn: Codes, paper: Paper) -> Html:
    pictures = []
    if drawn.digits:
        pictures = [_picture(drawn.barcode, pay.barcode_alt, "bars"), element("p", drawn.digits)]
    if drawn.qr:
        scan = element("p", paper.words["scan"])
        pictures += [_picture(drawn.qr, pay.code_alt, "square"), scan]
    return element("div", *pictures, class_="codes")


def _picture(svg: str, alt: str, kind: str) -> Html:
    drawn = svg.replace("<svg ", '<svg aria-hidden="true" preserveAspectRatio="none" ', 1)
    return element("span", Html(drawn), class_=kind, role="img", aria_label=alt)


def _notice(notice: Notice) -> Html:
    link = [element("p", element("a", notice.link, href=f"mailto:{notice.link}"))]
    return element(
        "section",
        element("h2", notice.title),
        element("p", notice.text),
        *(link if notice.link else []),
    )


def _facts(facts: tuple[Fact, ...], last: Fact | None = None) -> Html:
    rows = [_fact(fact) for fact in facts]
    return element("dl", *rows, *([_fact(last, class_="last")] if last else []))


def _fact(fact: Fact, **attributes: str) -> Html:
    return element("div", element("dt", fact.label), element("dd", fact.value), **attributes)


def _table_head(labels: list[str], wide: frozenset[int] | set[int] = frozenset()) -> Html:
    cells = [
        element("th", label, scope="col", **({"class_": "wide"} if place in wide else {}))
        for place, label in enumerate(labels)
    ]
    return element("thead", element("tr", *cells))


@cache
def _style() -> Html:
    return Html(STYLE.read_text("utf-8"))
