"""What the things of a price list have in common: codes, names, numbers, and no repeats."""

from collections.abc import Callable, Collection, Hashable, Sequence
from decimal import Decimal

from kesto.adapters.files import checks
from kesto.adapters.files.toml_table import TomlTable, path_of
from kesto.core.exact import ZERO
from kesto.core.fields import Fields
from kesto.core.refusals import Invalid

LARGEST_BITS = 64


def code(table: TomlTable) -> str:
    """The code of a thing."""
    return table.text("code", checks.code, "", required=True)


def names(table: TomlTable) -> dict[str, str]:
    """The names by language, at least one."""
    given = table.table("name")
    if given is None:
        return {}
    found = {
        language: given.text(language, checks.words, "")
        for language in checks.LANGUAGES
        if language in given.content
    }
    if not found:
        languages = ", ".join(checks.LANGUAGES)
        table.error(("name",), f"needs the name in at least one of these languages: {languages}")
    given.finish()
    return found


def known(codes: Collection[str], what: str) -> Callable[[str], str]:
    """A check that a code is one of those defined in the file."""

    def check(text: str) -> str:
        if text not in codes:
            raise Invalid(f"{checks.shown(text)} is no {what} that is known")
        return text

    return check


def decimal(table: TomlTable, key: str, fallback: Decimal = ZERO) -> Decimal:
    """The decimal at a key, zero or more; the fallback when it is missing or wrong."""
    value = plain(table.value(key))
    try:
        return Fields({key: value}).decimal(key, fallback)
    except Invalid as invalid:
        refuse(table, invalid)
        return fallback


def refuse(table: TomlTable, invalid: Invalid) -> None:
    """Note a refusal of the core at the field that it names."""
    table.error(path_of(invalid.field), invalid.detail.removeprefix(invalid.field).strip())


def plain(value: object) -> object:
    """A TOML value as the core takes it.

    Decimal numbers become text as they were written, and so do numbers that are far too large:
    writing 1e999999999 out in digits would take a gigabyte.
    """
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, int) and value.bit_length() > LARGEST_BITS:
        return hex(value)
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    return value


def refuse_repeats(tables: Sequence[TomlTable], keys: Sequence[Hashable], field: str = "") -> None:
    """Note what is there a second time; `keys` tell the things apart, the first part is shown."""
    first_lines: dict[Hashable, int] = {}
    for table, key in zip(tables, keys, strict=True):
        shown = key[0] if isinstance(key, tuple) else key
        if shown and key in first_lines:
            detail = f"{checks.shown(shown)} is there already, in line {first_lines[key]}"
            table.error((field or "code",), detail)
        first_lines.setdefault(key, table.line)
