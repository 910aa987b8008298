"""PDF by typst: one engine a process, which keeps the template and the fonts it has read.

The engine is used by one thread at a time: each process that makes documents has its own.
"""

import hashlib
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kesto.adapters.documents.codes import Codes, codes
from kesto.adapters.documents.fit import Fitted, Group, fitted, specified
from kesto.adapters.documents.letters import address_lines, printable
from kesto.words.paper import Paper

FORM = "1"
"""The version of the form; behind it stands a hash of template, engine and font."""

TEMPLATE = Path(__file__).with_name("invoice.typ")

_PARTS = (TEMPLATE, TEMPLATE.with_name("form.typ"))
_PAGE = b"/Type/Page"
_WINDOW_LETTERS, _WINDOW_LINES = 44, 8


class _Data(Struct, frozen=True):
    """What the template reads."""

    paper: Paper
    recipient: list[str]
    groups: tuple[Group, ...]
    specification: tuple[Group, ...]
    barcode: str


class Renderer:
    """Makes the PDF of any document, in the fonts of a folder (`font_folder`)."""

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts

    @cached_property
    def _engine(self) -> Any:
        # Loaded for the first document: web and worker hold no engine until one is made.
        compiler = import_module("typst").Compiler
        return compiler(str(TEMPLATE), font_paths=[str(self._fonts)], ignore_system_fonts=True)

    @cached_property
    def template_version(self) -> str:
        """The form's version and what it is made of."""
        parts = [path.read_bytes() for path in (*_PARTS, *sorted(self._fonts.iterdir()))]
        parts.append(version("typst").encode())
        return f"{FORM}-{hashlib.sha256(b''.join(parts)).hexdigest()[:12]}"

    def pdf(self, paper: Paper) -> bytes:
        """Return the document as PDF/A-3a and PDF/UA-1; the same paper gives the same bytes."""
        return self.laid_out(paper, codes(paper.pay))

    def laid_out(self, paper: Paper, drawn: Codes) -> bytes:
        """Return the document with the codes given, which may be none."""
        page = fitted(paper)
        made = self._compiled(paper, page, drawn)
        if not page.specification and _pages(made) > 1:
            made = self._compiled(paper, specified(paper), drawn)
        return made

    def _compiled(self, paper: Paper, page: Fitted, drawn: Codes) -> bytes:
        data = _Data(
            paper=replace(paper, services=()),
            recipient=address_lines(paper.recipient, _WINDOW_LETTERS, _WINDOW_LINES),
            groups=page.groups,
            specification=page.specification,
            barcode=drawn.digits,
        )
        inputs = {
            "data": printable(msgspec.json.encode(data).decode()),
            "barcode": drawn.barcode,
            "code": drawn.qr,
        }
        made, warnings = self._engine.compile_with_warnings(
            format="pdf", sys_inputs=inputs, pdf_standards=["a-3a", "ua-1"]
        )
        if warnings:
            raise RuntimeError(f"the form has a flaw: {'; '.join(map(str, warnings))}")
        return cast("bytes", made)


def _pages(made: bytes) -> int:
    return made.count(_PAGE) - made.count(_PAGE + b"s")
