"""Compare the texts of the pages with their translations: `python scripts/messages.py [--add]`.

Says what is not translated, what is translated and no longer used, what stands in the wrong file
or says other placeholders than its source. `--add` writes what is missing into its room's file,
for a person to translate. Each room of `kesto/web` has its own file; a text that two rooms use
stands in `ui.po`.
"""

import ast
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

from kesto.web.ui.catalogues import TRANSLATED, Entry, read_catalogue

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "kesto" / "web"
LOCALE = ROOT / "kesto" / "locale"
SHARED = "ui"
# What a call of each name takes, in order.
CALLS = {
    "_": ("text",),
    "gettext": ("text",),
    "ngettext": ("text", "plural"),
    "pgettext": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
}
# The developers' own page is in English.
UNTRANSLATED = ("ui/style.html", "ui/style/")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
CALL = re.compile(r"\b(_|n?p?gettext)\(")
LITERAL = re.compile(r"""\s*,?\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)

Found = dict[tuple[str, str], Entry]


def main() -> None:
    """Say what is wrong, and fail when anything is."""
    faults = find_faults()
    if "--add" in sys.argv:
        add_missing()
        faults = find_faults()
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


def find_faults() -> list[str]:
    """Everything that stands between the texts and complete catalogues, a line each."""
    wanted = texts_by_room()
    return [fault for language in TRANSLATED for fault in _faults(language, wanted)]


def texts_by_room() -> dict[str, Found]:
    """The texts of each room; those of several rooms are the shared room's."""
    rooms: dict[tuple[str, str], set[str]] = defaultdict(set)
    entries: Found = {}
    for path in sorted(WEB.rglob("*")):
        room = path.relative_to(WEB).parts[0]
        for entry in texts_of(path):
            rooms[entry.key].add(room)
            known = entries.get(entry.key)
            entries[entry.key] = known if known is not None and known.plural else entry
    wanted: dict[str, Found] = defaultdict(dict)
    for key, found in rooms.items():
        room = next(iter(found)) if len(found) == 1 else SHARED
        wanted[room if room in {"office", "portal"} else SHARED][key] = entries[key]
    return wanted


def texts_of(path: Path) -> Iterator[Entry]:
    """The texts that a file asks a translation for."""
    name = path.as_posix()
    if any(f"/templates/{part}" in name for part in UNTRANSLATED):
        return
    if path.suffix == ".py":
        yield from texts_of_code(path.read_text("utf-8"), name)
    elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
        yield from texts_of_template(path.read_text("utf-8"), name)


def texts_of_code(text: str, name: str) -> Iterator[Entry]:
    """The texts in Python. Raises ValueError where one is not written out."""
    for node in ast.walk(ast.parse(text, name)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        called = node.func.id if isinstance(node.func, ast.Name) else called
        takes = CALLS.get(called.removesuffix("_lazy"))
        if takes is None or not node.args:
            continue
        given = [one.value for one in node.args if isinstance(one, ast.Constant)]
        if len(given) < len(takes):
            raise ValueError(f"{name}:{node.lineno}: write the text of {called} out")
        yield _named(takes, [str(one) for one in given])


def texts_of_template(text: str, name: str) -> Iterator[Entry]:
    """The texts in a template, by Django's own reading of it."""
    source = templatize(text, origin=name)
    for found in CALL.finditer(source):
        takes = CALLS[found[1]]
        given: list[str] = []
        at = found.end()
        while len(given) < len(takes) and (literal := LITERAL.match(source, at)):
            given.append(str(ast.literal_eval(literal[1])))
            at = literal.end()
        if len(given) == len(takes):
            # `templatize` doubles the percent signs of what has no placeholder's value.
            yield _named(takes, given)


def _named(takes: Sequence[str], given: Sequence[str]) -> Entry:
    named = dict(zip(takes, given, strict=False))
    return Entry(named["text"], named.get("plural", ""), named.get("context", ""))


def _faults(language: str, wanted: Mapping[str, Found]) -> Iterator[str]:
    for room in sorted({*wanted, *(path.stem for path in (LOCALE / language).glob("*.po"))}):
        name = f"{language}/{room}.po"
        known: Found = {}
        for entry in _catalogue(language, room):
            if entry.key in known:
                yield f"{name}: twice: {entry.text!r}"
            known[entry.key] = entry
        texts = wanted.get(room, {})
        for key, entry in texts.items():
            if key not in known:
                yield f"{name}: not translated: {entry.text!r}"
            elif fault := _unlike(entry, known[key]):
                yield f"{name}: {fault}: {entry.text!r}"
        for key in known.keys() - texts.keys():
            yield f"{name}: not used (here): {key[1]!r}"


def _unlike(wanted: Entry, known: Entry) -> str:
    """What is wrong with a translation, or nothing."""
    count = 2 if wanted.plural else 1
    if len(known.translations) != count or not all(known.translations):
        return "not translated"
    if known.plural != wanted.plural:
        return "has another plural in the source"
    for text in known.translations:
        if _placeholders(text) != _placeholders(wanted.plural or wanted.text):
            return "has other placeholders in the source"
        if text != text.strip() and wanted.text == wanted.text.strip():
            return "has blanks around it"
    return ""


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _catalogue(language: str, room: str) -> list[Entry]:
    path = LOCALE / language / f"{room}.po"
    if not path.exists():
        return []
    return [*read_catalogue(path.read_text("utf-8"), f"{language}/{room}.po")]


def add_missing() -> None:
    """Write what is missing at the end of its file, to be translated."""
    wanted = texts_by_room()
    for language in TRANSLATED:
        for room, texts in wanted.items():
            known = {entry.key for entry in _catalogue(language, room)}
            path = LOCALE / language / f"{room}.po"
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text("utf-8").rstrip() if path.exists() else ""
            added = [_as_po(entry) for key, entry in texts.items() if key not in known]
            path.write_text("\n\n".join([before, *added]).lstrip() + "\n", "utf-8")


def _as_po(entry: Entry) -> str:
    lines = [f"msgctxt {_quoted(entry.context)}"] if entry.context else []
    lines.append(f"msgid {_quoted(entry.text)}")
    if entry.plural:
        lines += [f"msgid_plural {_quoted(entry.plural)}", 'msgstr[0] ""', 'msgstr[1] ""']
    else:
        lines.append('msgstr ""')
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    if not settings.configured:
        settings.configure(USE_I18N=False)
    main()
