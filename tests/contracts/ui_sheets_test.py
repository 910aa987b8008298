"""The style sheets: tokens are the one place of colours, and nothing is styled that no page has."""

import re
from pathlib import Path

import pytest

from kesto.web.ui.assets import SHEETS

WEB = Path(__file__).resolve().parents[2] / "kesto" / "web"
STATIC = WEB / "ui" / "static"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CLASS = re.compile(r"\.([a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?=[^{}]*\{)")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
INLINE = re.compile(r"\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)|<style")
# Begun in a template and finished by what a view gives, or by the browser's own state.
COMPOSED = re.compile(r"(badge|card|event|alert|table|facts|is)-\w+|(keyh?|h|b|c|l)[\dqdg]")


def sheet(name: str) -> str:
    return COMMENT.sub("", (STATIC / f"{name}.css").read_text("utf-8"))


def pages() -> str:
    """Every template and every line of code that writes HTML."""
    files = [*WEB.rglob("*.html"), *WEB.rglob("*.py")]
    return "\n".join(path.read_text("utf-8") for path in files)


def test_every_sheet_is_served() -> None:
    assert {path.stem for path in STATIC.glob("*.css")} == set(SHEETS)


@pytest.mark.parametrize("name", [name for name in SHEETS if name != "tokens"])
def test_colours_are_tokens(name: str) -> None:
    assert COLOUR.findall(sheet(name)) == []


def test_every_token_is_used() -> None:
    whole = "\n".join(map(sheet, SHEETS))
    names = set(re.findall(r"^\s*(--[a-z0-9-]+):", sheet("tokens"), re.MULTILINE))
    assert {name for name in names if f"var({name})" not in whole} == set()


def test_every_class_stands_on_a_page() -> None:
    written = set(re.findall(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", pages()))
    styled = {found for name in SHEETS for found in CLASS.findall(sheet(name))}
    idle = {one for one in styled - written if not COMPOSED.fullmatch(one)}
    assert idle == set(), "take them out, or show them on the style page"


def test_no_page_carries_style_or_script_of_its_own() -> None:
    found = [
        f"{path.relative_to(WEB)}: {match}"
        for path in WEB.rglob("*.html")
        for match in INLINE.findall(path.read_text("utf-8"))
    ]
    assert found == []
