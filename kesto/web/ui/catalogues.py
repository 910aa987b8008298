"""Translations: one small `.po` file a room and language, compiled into what gettext reads.

English is the text in the source. `kesto/locale/fi/office.po` holds the Finnish of the office; all
files of a language are one catalogue in the end. No gettext program is needed.
"""

import ast
import hashlib
import os
import struct
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

LOCALE = files("kesto") / "locale"
TRANSLATED = ("fi", "sv")
PLURALS = "nplurals=2; plural=(n != 1);"
MAGIC = 0x950412DE
CONTEXT_END = "\x04"
FORM = 1  # raised when the same texts are compiled to something else


class Entry(Struct, frozen=True):
    """A text and its translations: one, or one for singular and plural each."""

    text: str
    plural: str = ""
    context: str = ""
    translations: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What makes an entry one: the text within its context."""
        return self.context, self.text


class BadCatalogueError(ValueError):
    """A catalogue that cannot be read; names the line."""


def read_language(language: str) -> list[Entry]:
    """All entries of a language, room by room."""
    return [
        entry
        for name, text in _texts(language)
        for entry in read_catalogue(text.decode("utf-8"), f"{language}/{name}")
    ]


def read_catalogue(text: str, name: str = "catalogue") -> Iterator[Entry]:
    """The entries of a `.po` text. Raises BadCatalogueError."""
    found: dict[str, str] = {}
    keyword = ""
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        if not stripped:
            if found.get("msgid"):
                yield _entry(found)
            found, keyword = {}, ""
            continue
        try:
            if not stripped.startswith('"'):
                keyword, _, stripped = stripped.partition(" ")
            found[keyword] = found.get(keyword, "") + str(ast.literal_eval(stripped.strip()))
        except (SyntaxError, ValueError) as error:
            raise BadCatalogueError(f"{name}, line {number}: cannot be read: {line}") from error


def compile_into(folder: Path) -> None:
    """Write each language's `django.mo` below a folder, where its texts are not those it is of.

    Beside it stands the hash of those texts: every process that starts asks, few have to compile.
    """
    for language in TRANSLATED:
        path = folder / language / "LC_MESSAGES" / "django.mo"
        source = path.with_suffix(".source")
        wanted = _source_hash(language)
        if not path.exists() or not source.exists() or source.read_text("ascii") != wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, compiled(language, read_language(language)))
            _replace(source, wanted.encode("ascii"))


def compiled(language: str, entries: list[Entry]) -> bytes:
    """The entries in the form that gettext reads (GNU .mo, little-endian, sorted by key)."""
    head = (
        f"Language: {language}\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=UTF-8\nPlural-Forms: {PLURALS}\n"
    )
    pairs = {"": head} | dict(map(_pair, entries))
    encoded = sorted((key.encode(), value.encode()) for key, value in pairs.items())
    return _binary(encoded)


def _texts(language: str) -> Iterator[tuple[str, bytes]]:
    """The catalogues of a language, each with its name."""
    folder = LOCALE / language
    for name in sorted(file.name for file in folder.iterdir() if file.name.endswith(".po")):
        yield name, (folder / name).read_bytes()


def _source_hash(language: str) -> str:
    """What a compiled catalogue depends on: all texts, and the form that they are compiled to."""
    found = hashlib.sha256(f"{FORM} {PLURALS}".encode())
    for name, text in _texts(language):
        found.update(f"{name} {len(text)} ".encode())
        found.update(text)
    return found.hexdigest()


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that who reads it meanwhile finds the old one or the new one."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)


def _entry(found: Mapping[str, str]) -> Entry:
    forms = sorted(key for key in found if key.startswith("msgstr"))
    return Entry(
        found["msgid"],
        found.get("msgid_plural", ""),
        found.get("msgctxt", ""),
        tuple(found[form] for form in forms),
    )


def _pair(entry: Entry) -> tuple[str, str]:
    key = f"{entry.context}{CONTEXT_END}{entry.text}" if entry.context else entry.text
    if entry.plural:
        key += f"\0{entry.plural}"
    return key, "\0".join(entry.translations)


def _binary(pairs: list[tuple[bytes, bytes]]) -> bytes:
    count = len(pairs)
    table, data = bytearray(), bytearray()
    start = 28 + 16 * count
    for which in (0, 1):
        for pair in pairs:
            table += struct.pack("<II", len(pair[which]), start + len(data))
            data += pair[which] + b"\0"
    header = struct.pack("<IIIIIII", MAGIC, 0, count, 28, 28 + 8 * count, 0, 0)
    return header + bytes(table) + bytes(data)
