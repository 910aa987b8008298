"""The pseudo-locale: every marked text stands in ⟦brackets⟧, so that an unmarked one is seen.

    with pseudo_locale(tmp_path):
        html = client.get("/office/").content.decode()
    assert unmarked(html, allowed=["Aino Virtanen", "Koti 300"]) == []

Sums, dates and the sentences of `kesto.words` are English there; allow those that a page shows.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver
from django.utils import translation

from kesto.web.ui import language
from kesto.web.ui.catalogues import Entry, compiled
from scripts.messages import texts_by_room

PSEUDO = "qps"
SPOKEN = ("alt", "aria-label", "placeholder", "title")
SILENT = {"script", "style", "svg"}
VOID = {"br", "hr", "img", "input", "link", "meta", "path", "rect", "circle", "col"}
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[^\W\d_]{2,}")


@contextmanager
def pseudo_locale(folder: Path) -> Iterator[None]:
    """Let every page speak in brackets, whatever its reader wants."""
    path = folder / PSEUDO / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(compiled(PSEUDO, bracketed()))
    get_resolver().url_patterns  # noqa: B018 - pages loaded later would keep what is patched here
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "LOCALE_PATHS", [str(folder)])
        patch.setattr(language, "wanted_language", lambda _request: PSEUDO)
        patch.setattr("kesto.web.middleware.wanted_language", lambda _request: PSEUDO)
        patch.setattr(language, "LANGUAGES", {PSEUDO: "Pseudo"})
        with translation.override(PSEUDO):
            yield


def bracketed() -> list[Entry]:
    """Every text of the pages, in brackets."""
    return [
        Entry(
            entry.text,
            entry.plural,
            entry.context,
            tuple(f"⟦{text}⟧" for text in (entry.text, entry.plural) if text),
        )
        for texts in texts_by_room().values()
        for entry in texts.values()
    ]


def unmarked(html: str, allowed: Iterable[str] = ()) -> list[str]:
    """What a page says outside of brackets, but for the names and figures that are allowed."""
    reader = _Reader()
    reader.feed(html)
    known = sorted(allowed, key=len, reverse=True)
    return [said for said in reader.said if WORD.search(_rest(said, known))]


def _rest(said: str, known: list[str]) -> str:
    while MARKED.search(said):
        said = MARKED.sub(" ", said)
    for one in known:
        said = said.replace(one, " ")
    return said


class _Reader(HTMLParser):
    """Gathers what a page says, but for parts in a language of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._hidden: list[str] = []  # the open elements that are not for translating

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        is_own = named.get("translate") == "no" or (tag != "html" and "lang" in named)
        if tag not in VOID and (self._hidden or is_own or tag in SILENT):
            self._hidden.append(tag)
        elif not self._hidden:
            self.said += [named[name] or "" for name in SPOKEN if name in named]

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and self._hidden[-1] == tag:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not self._hidden:
            self.said.append(text)
