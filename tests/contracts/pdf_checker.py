"""Our own reading of a PDF: what PDF/A-3a and PDF/UA-1 ask for and a machine can see.

It looks at claims, output intent, fonts, language, title, structure tree, alternative texts, heads
of tables, and that nothing is painted without being tagged or marked as decoration. It is no
substitute for veraPDF, which needs a Java machine.
"""

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pikepdf

PAINTING = {"Tj", "TJ", "'", '"', "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "Do", "sh", "EI"}
HEADINGS = {f"/H{level}": level for level in range(1, 7)}


def faults(pdf: bytes, language: str, title: str) -> list[str]:
    """Everything that is wrong with a document in a language with a title."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [
            *_claims(document),
            *_catalogue(document, language, title),
            *_fonts(document),
            *_structure(document),
            *_untagged(document),
        ]


def _claims(document: pikepdf.Pdf) -> Iterator[str]:
    with document.open_metadata() as metadata:
        claimed = {
            key: metadata.get(key) for key in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")
        }
    if claimed != {"pdfaid:part": "3", "pdfaid:conformance": "A", "pdfuaid:part": "1"}:
        yield f"claims {claimed}"


def _catalogue(document: pikepdf.Pdf, language: str, title: str) -> Iterator[str]:
    root = document.Root
    intents = list(root.get("/OutputIntents", []))
    if not any(one.S == "/GTS_PDFA1" and "/DestOutputProfile" in one for one in intents):
        yield "no output intent with a profile"
    if not _within(root, "/MarkInfo", "/Marked"):
        yield "not marked as tagged"
    if str(root.get("/Lang", "")) != language:
        yield f"language {root.get('/Lang', '')}"
    if not _within(root, "/ViewerPreferences", "/DisplayDocTitle"):
        yield "the title is not shown"
    with document.open_metadata() as metadata:
        if metadata.get("dc:title") != title:
            yield f"title {metadata.get('dc:title')}"
    for forbidden in ("/OpenAction", "/AA", "/AcroForm"):
        if forbidden in root:
            yield f"has {forbidden}"
    if document.is_encrypted:
        yield "is encrypted"


def _fonts(document: pikepdf.Pdf) -> Iterator[str]:
    found = {
        str(font.BaseFont): font
        for page in document.pages
        for font in page.Resources.get("/Font", {}).values()
    }
    if not found:
        yield "no font"
    for name, font in found.items():
        for part in font.get("/DescendantFonts", [font]):
            if not any(_within(part, "/FontDescriptor", f"/FontFile{n}") for n in ("", 2, 3)):
                yield f"font {name} is not embedded"
        if "/ToUnicode" not in font:
            yield f"font {name} does not say which letters it has"


def _structure(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root.get("/StructTreeRoot")
    if root is None:
        yield "no structure tree"
        return
    elements = list(_elements(root))
    tags = [str(element.S) for element in elements]
    for element in elements:
        if element.S == "/Figure" and not str(element.get("/Alt", "")).strip():
            yield "a figure without alternative text"
        if element.S == "/Table" and "/TH" not in {str(one.S) for one in _elements(element)}:
            yield "a table without heads"
    levels = [HEADINGS[tag] for tag in tags if tag in HEADINGS]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield f"headings {levels}"
    if any(below > above + 1 for above, below in pairwise(levels)):
        yield f"a heading's level is skipped: {levels}"


def _within(thing: Any, name: str, key: str) -> Any:
    """What a dictionary inside another one has under a key, None where either is missing."""
    inner = thing.get(name)
    return None if inner is None else inner.get(key)


def _elements(element: Any) -> Iterator[Any]:
    """The structure elements below one, in the order in which they are spoken."""
    children = element.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from _elements(child)


def _untagged(document: pikepdf.Pdf) -> Iterator[str]:
    """What is painted outside of every tag and mark."""
    for number, page in enumerate(document.pages, start=1):
        depth = 0
        for instruction in pikepdf.parse_content_stream(page):
            operator = str(instruction.operator)
            depth += (operator in {"BDC", "BMC"}) - (operator == "EMC")
            if operator in PAINTING and depth == 0:
                yield f"page {number}: {operator} is neither tagged nor decoration"
