"""Price series in the office: made, looked at, and given the prices of a file."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from kesto.adapters.files.errors import InvalidFile
from kesto.adapters.files.price_values import LARGEST_BYTES, place_of, read_price_values
from kesto.core.calendar import local_date, midnight
from kesto.core.price_series import PriceSeries
from kesto.core.refusals import Invalid, Refused
from kesto.flows.give_prices import Given, give_prices
from kesto.flows.make_price_series import make_price_series
from kesto.store import price_series as store
from kesto.store.ids import new_id
from kesto.store.session import reading
from kesto.web.office.catalogue_forms import PriceFileForm, PriceSeriesForm
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.refusals import refusal_text
from kesto.web.ui import charts
from kesto.web.ui.language import words_language
from kesto.web.ui.said import say
from kesto.words import forms

BOTH = ("GET", "HEAD", "POST")
MOST_GAPS = 10
LATEST = 24
DAYS = timedelta(days=14)


@office("publish", methods=BOTH)
def new_series(request: OfficeRequest) -> HttpResponse:
    """Make a price series."""
    staff = request.staff
    form = PriceSeriesForm(request.POST or None, initial={"currency": staff.currency})
    if form.is_valid():
        given = form.cleaned_data
        series = PriceSeries(
            *(new_id(), given["code"], given["name"], given["currency"].upper()),
            *(given["unit"], given["resolution"]),
        )
        try:
            make_price_series(staff.desk.merchant_id, series, staff.now, staff.actor)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            title = gettext("%(name)s is there. Now give it its prices.") % {"name": series.name}
            say(request, "ok", title)
            return HttpResponseRedirect(reverse("office:price_series", args=[series.code]))
    title = gettext("New price series")
    return page(request, "catalogue_form", "catalogue", form=form, title=title)


@office("catalogue")
def shown(request: OfficeRequest, code: str) -> HttpResponse:
    """Show what a series knows and lacks."""
    return _page(request, code, PriceFileForm() if "publish" in request.staff.rights else None)


@office("publish", methods=BOTH)
def give(request: OfficeRequest, code: str) -> HttpResponse:
    """Take in a file of prices, whole or not at all."""
    staff = request.staff
    form = PriceFileForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            done = _taken(staff, code, sent.name, sent.size, sent.read(LARGEST_BYTES + 1))
        except Refused as refusal:
            form.add_error("file", _file_text(refusal))
        else:
            say(request, "ok", *_told(done))
            return HttpResponseRedirect(reverse("office:price_series", args=[code]))
    return _page(request, code, form)


def _page(request: OfficeRequest, code: str, form: PriceFileForm | None) -> HttpResponse:
    staff = request.staff
    zone = staff.desk.zone
    with reading(staff.desk.merchant_id) as session:
        series = store.one_series(session, code)
        extent = store.extents(session).get(series.id, store.Extent())
        gaps = store.gaps(session, series, MOST_GAPS)
        latest = store.latest(session, series, LATEST)
        since = _since(extent.known_until, zone)
        days = store.by_day(session, series, since, zone) if since else []
    return page(
        request,
        "price_series",
        "catalogue",
        form=form,
        series=series,
        extent=extent,
        gaps=gaps,
        latest=[(one.starts_at, _price(one.amount, series)) for one in latest],
        chart=_chart(days, series),
    )


def _taken(staff: Staff, code: str, name: str, size: int, data: bytes) -> Given:
    if size > LARGEST_BYTES:
        raise Invalid("the file is too large", code="file_too_large", field="file")
    read = read_price_values(data, name)
    try:
        return give_prices(staff.desk.merchant_id, code, read.values, staff.now, staff.actor)
    except Refused as refusal:
        raise place_of(read, refusal) from refusal


def _told(done: Given) -> tuple[str, str]:
    """What came of a file."""
    title = ngettext("%(n)d new price.", "%(n)d new prices.", done.accepted)
    text = ""
    if done.released:
        text = ngettext(
            "%(n)d invoice had waited for them; the next run makes it.",
            "%(n)d invoices had waited for them; the next run makes them.",
            done.released,
        ) % {"n": done.released}
    return title % {"n": done.accepted}, text


def _file_text(refusal: Refused) -> str:
    """What is wrong with a file: its first fault, and in which line."""
    if refusal.code == "file_too_large":
        return gettext("This file is too large. Give it in parts of up to 5 MB.")
    if isinstance(refusal, InvalidFile):
        facts = {"line": refusal.errors[0].line, "why": refusal_text(refusal)}
        return gettext("Nothing was taken in. Line %(line)d: %(why)s") % facts
    return refusal_text(refusal)


def _since(known_until: datetime | None, zone: str) -> datetime | None:
    """The beginning of the first day that the chart shows."""
    if known_until is None:
        return None
    return midnight(local_date(known_until - DAYS, zone), zone)


def _price(amount: Decimal, series: PriceSeries) -> str:
    return forms.exact_amount(amount, series.currency, words_language())


def _chart(days: list[tuple[date, Decimal]], series: PriceSeries) -> charts.Chart | None:
    if not days:
        return None
    points = [
        charts.Point(f"{on.day}.{on.month}.", mean, _price(mean, series)) for on, mean in days
    ]
    low, high = min(days, key=lambda pair: pair[1]), max(days, key=lambda pair: pair[1])
    sentence = gettext("The average price of each day, from %(low)s to %(high)s.") % {
        "low": _price(low[1], series),
        "high": _price(high[1], series),
    }
    heads = (gettext("Day"), series.currency)
    words = charts.Words(sentence, gettext("Average price by day"), heads)
    return charts.lines([charts.Series(series.name, points)], words)
