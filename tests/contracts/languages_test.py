"""Every text of the pages exists in Finnish and Swedish; none is left unmarked."""

import gettext
from pathlib import Path

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from kesto.ops.home import Home
from kesto.web.ui.catalogues import (
    TRANSLATED,
    BadCatalogueError,
    Entry,
    compile_into,
    compiled,
    read_catalogue,
)
from kesto.web.ui.language import words_language
from scripts.messages import find_faults, texts_of_code, texts_of_template
from tests.pseudo import pseudo_locale, unmarked

PAGE = """{% extends "office/layout.html" %}{% block page %}{% translate "Today" %}{% endblock %}
{% block content %}<h1>{% translate "Today" %}</h1><p>{{ name }}</p>{% endblock %}"""


def test_every_text_is_translated_and_every_translation_used() -> None:
    assert find_faults() == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_gettext_reads(language: str, tmp_path: Path) -> None:
    compile_into(tmp_path)
    found = gettext.translation("django", str(tmp_path), [language])
    assert (
        found.gettext("Why this amount?")
        == {
            "fi": "Miksi tämä summa?",
            "sv": "Varför detta belopp?",
        }[language]
    )
    assert found.pgettext("colours", "Dark") == {"fi": "Tumma", "sv": "Mörkt"}[language]
    assert found.info()["language"] == language


def test_plurals_and_escapes_are_kept() -> None:
    text = (
        "# a remark\n"
        'msgctxt "bank"\nmsgid "%(count)s payment\\n"\nmsgid_plural "%(count)s payments"\n'
        'msgstr[0] "%(count)s "\n"maksu"\nmsgstr[1] "%(count)s maksua"\n'
    )
    (entry,) = read_catalogue(text)
    assert entry == Entry(
        *("%(count)s payment\n", "%(count)s payments", "bank"),
        translations=("%(count)s maksu", "%(count)s maksua"),
    )
    assert b"bank\x04%(count)s payment\n\0%(count)s payments\0" in compiled("fi", [entry])


def test_a_broken_catalogue_names_its_line() -> None:
    with pytest.raises(BadCatalogueError, match=r"fi/ui\.po, line 2"):
        list(read_catalogue('msgid "a"\nmsgstr "b\n', "fi/ui.po"))


def test_texts_are_found_in_code_and_templates() -> None:
    code = 'x = gettext_lazy("One"), ngettext("%(n)s day", "%(n)s days", n), pgettext("a", "Two")'
    assert [*texts_of_code(code, "a.py")] == [
        Entry("One"),
        Entry("%(n)s day", "%(n)s days"),
        Entry("Two", context="a"),
    ]
    template = (
        '{% translate "One" %}{% card _("Two") %}{% translate "Three" context "b" %}'
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"
    )
    assert [*texts_of_template(template, "a.html")] == [
        Entry("One"),
        Entry("Two"),
        Entry("Three", context="b"),
        Entry("%(n)s day", "%(n)s days"),
    ]


def test_a_text_that_is_not_written_out_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a\.py:1: write the text of gettext out"):
        list(texts_of_code("x = gettext(words)", "a.py"))


def test_the_layout_speaks_in_brackets_and_an_unmarked_text_is_seen(
    booted: Home, tmp_path: Path
) -> None:
    assert booted
    with pseudo_locale(tmp_path):
        assert words_language() == "en"
        request = RequestFactory().get("/office/")
        html = engines["django"].from_string(PAGE).render({"name": "Aino Virtanen"}, request)
        assert unmarked(html) == ["Aino Virtanen"]
        assert unmarked(html, allowed=["Aino Virtanen"]) == []
    with translation.override("fi"):
        assert "Tänään" in engines["django"].from_string(PAGE).render({}, request)


def test_parts_in_another_language_and_pictures_are_left_out() -> None:
    html = '<p>⟦A ⟦b⟧ c⟧</p><p lang="en">Why</p><svg><text>Why</text></svg><p title="Why">1</p>'
    assert unmarked(html) == ["Why"]
