"""Tags and charts: what comes out is whole HTML with its roles, labels and escapes."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import engines
from django.utils import timezone, translation

from kesto.ops.home import Home
from kesto.web.ui import charts, icons
from kesto.web.ui.charts import Bar, End, Point, Series, Step, Words
from kesto.web.ui.charts.strokes import ticks
from kesto.web.ui.parts import Bill, BillRow, BillTotal, Event

NASTY = "<i>&\"'"
WORDS = Words(NASTY, "Caption", ("Month", "Sum"))


@pytest.fixture(autouse=True)
def _django(booted: Home) -> None:
    assert booted


def shown(template: str, **context: object) -> str:
    return str(engines["django"].from_string(template).render(context))


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fi", "1\N{NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}€ 22.11.2026\N{NO-BREAK SPACE}klo 9.05"),
        ("sv", "1\N{NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}€ 22.11.2026\N{NO-BREAK SPACE}kl. 9.05"),
        ("en", "€1,234.50 22 November 2026,\N{NO-BREAK SPACE}9:05"),
    ],
)
def test_values_follow_the_language_and_the_zone(language: str, written: str) -> None:
    at = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
    with translation.override(language), timezone.override("Europe/Helsinki"):
        assert shown('{{ 123450|money:"EUR" }} {{ at|moment }}', at=at) == written


def test_values_that_are_not_there_are_not_written() -> None:
    tags = "money", "price", "number", "percent", "day", "clock", "moment"
    template = "".join(f"{{{{ nothing|{tag} }}}}{{{{ none|{tag} }}}}" for tag in tags)
    assert shown(template, none=None) == ""


def test_a_rise_has_its_sign() -> None:
    assert shown("{{ 482|change }} {{ -76|change }} {{ 0|change }}") == "+€4.82 −€0.76 €0.00"


def test_a_period_is_shown_by_its_first_and_last_day() -> None:
    with translation.override("fi"):
        found = shown("{% period a b %}", a=date(2026, 10, 1), b=date(2026, 11, 1))
    assert found == "1.–31.10.2026"


def test_every_icon_is_in_the_installed_package() -> None:
    for name in icons.NAMES:
        assert icons.icon(name).startswith('<svg class="icon"')
    with pytest.raises(KeyError):
        icons.icon("unknown")


def test_a_table_gets_roles_and_labels_and_leaves_the_one_inside_alone() -> None:
    html = shown(
        '{% table "Bills" %}<thead><tr><th scope="col">No.</th><th scope="col">A &amp; B</th>'
        '<th scope="col"><span class="sr">Go</span></th></tr></thead><tbody><tr>'
        '<th scope="row">1</th><td class="num">2</td><td>3</td></tr><tr><td colspan="3">'
        "<table><tr><td>in</td></tr></table></td></tr></tbody>{% endtable %}"
    )
    assert '<table role="table" class="table table-rows table-stack"><caption class="sr">' in html
    assert '<th role="columnheader" scope="col">No.</th>' in html
    assert '<td role="cell" data-label="A &amp; B" class="num">2</td>' in html
    assert '<td role="cell">3</td>' in html
    assert '<td role="cell" colspan="3"><table><tr><td>in</td></tr></table></td>' in html


def test_texts_are_escaped_once() -> None:
    once = "&lt;i&gt;&amp;&quot;&#x27;"
    bill = Bill(NASTY, [BillRow(NASTY, NASTY, why=[NASTY])], [BillTotal(NASTY, NASTY)])
    for template in (
        "{% badge 'ok' nasty %}",
        "{% alert 'warn' nasty %}{{ nasty }}{% endalert %}",
        "{% card nasty 'x' note=nasty %}{{ nasty }}{% endcard %}",
        "{% facts %}{% fact nasty nasty note=nasty %}{% endfacts %}",
        "{% figure nasty nasty note=nasty %}{% empty nasty %}{{ nasty }}{% endempty %}",
        "{% bill bill %}{% timeline events %}",
        "{% kpi nasty nasty change=nasty %}{% sheet 'x' nasty %}{% endsheet %}",
    ):
        html = shown(template, nasty=NASTY, bill=bill, events=[Event(NASTY, NASTY, NASTY)])
        assert once in html
        assert "<i>&" not in html
        assert "&amp;lt;" not in html


def test_the_buttons_of_an_alert_stand_outside_its_text() -> None:
    html = shown('{% alert "warn" "Due" %}<p>x</p><div class="row"><a>y</a></div>{% endalert %}')
    assert html.endswith('<p>x</p></div><div class="row"><a>y</a></div></div>')


class Sample(forms.Form):
    name = forms.CharField(label="Name", help_text="Yours.")
    ok = forms.BooleanField(label="Agreed")
    kept = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_says_what_is_wrong_beside_itself_and_above() -> None:
    form = Sample({"name": ""})
    html = shown("{% form_errors form %}{% field form.name %}{% field form.ok %}", form=form)
    assert '<a href="#id_name">Name: This field is required.</a>' in html
    assert 'aria-describedby="id_name-error id_name-hint"' in html
    assert 'aria-invalid="true"' in html
    assert '<label for="id_name">Name</label>' in html
    assert '<p class="hint" id="id_name-hint">Yours.</p>' in html


def test_a_form_without_faults_is_quiet() -> None:
    form = Sample()
    html = shown("{% form_errors form %}{% field form.name %}{% field form.kept %}", form=form)
    assert "alert" not in html
    assert "aria-invalid" not in html
    assert html.endswith('<input type="hidden" name="kept" id="id_kept">')


@pytest.mark.parametrize(
    ("top", "marks"),
    [
        ("430", ["0", "150", "300", "450"]),
        ("31.4", ["0", "10", "20", "30", "40"]),
        ("0.9", ["0", "0.25", "0.50", "0.75", "1.00"]),
        ("0", ["0", "1"]),
    ],
)
def test_the_axis_reaches_over_the_highest_figure(top: str, marks: list[str]) -> None:
    assert ticks(Decimal(top)) == [Decimal(mark) for mark in marks]


def test_a_chart_has_two_drawings_a_sentence_and_its_numbers() -> None:
    bars = [Bar("Jun", Decimal(268), "268"), Bar("Nov", Decimal(312), "≈ 312", is_estimate=True)]
    html = shown("{% chart chart %}", chart=charts.bars(bars, WORDS))
    assert html.count('role="img" aria-label="&lt;i&gt;&amp;&quot;&#x27;"') == 2
    assert html.count('class="c1"') == 2
    assert html.count('class="guess"') == 2
    assert '<th role="rowheader" scope="row">Nov</th>' in html
    assert "≈ 312</td>" in html


def test_nothing_to_draw_is_drawn_as_nothing() -> None:
    assert charts.spark([]) == charts.spark([1]) == ""
    assert "<rect" not in charts.bars([], WORDS).wide
    assert charts.lines([], WORDS).rows == []
    assert 'width="0.0"' in charts.meter(0, 0)
    assert charts.bars([Bar("a", Decimal(0), "0")], WORDS, has_axis=False).rows == [("a", "0")]


def test_a_forecast_is_dotted_from_the_last_known_point() -> None:
    points = [
        Point("Jan", Decimal(1), "1"),
        Point("Feb", Decimal(2), "≈ 2", Decimal(1), Decimal(3)),
    ]
    chart = charts.lines([Series("Paid", points)], WORDS)
    assert 'class="b1"' in chart.wide
    assert 'class="l1 future"' in chart.wide
    assert chart.legend == []


def test_a_fall_goes_left_of_the_middle() -> None:
    steps = [Step("Ended", Decimal(-5), "−5"), Step("New", Decimal(10), "+10")]
    chart = charts.waterfall(End("a", "10"), steps, End("b", "15"), WORDS)
    assert '<rect x="160.0" y="38.0" width="60.0" height="12.0" class="cd"/>' in chart.wide
    assert '<rect x="220.0" y="67.0" width="120.0" height="12.0" class="c2"/>' in chart.wide
    assert [*chart.rows] == [("a", "10"), ("Ended", "−5"), ("New", "+10"), ("b", "15")]
