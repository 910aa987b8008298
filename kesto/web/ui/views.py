"""Assets, and the two switches of every page: language and colours."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from kesto.web.ui.assets import asset_at, coded
from kesto.web.ui.language import COOKIE as LANGUAGE_COOKIE
from kesto.web.ui.language import LANGUAGES

THEME_COOKIE = "kesto_theme"
THEMES = ("light", "dark")
YEAR_SECONDS = 365 * 24 * 3600


@require_safe
def asset(request: HttpRequest, name: str) -> HttpResponse:
    """A style sheet, script or font, in the smallest coding that the browser takes."""
    found = asset_at(name)
    if found is None:
        return HttpResponseNotFound("There is no such file.\n", content_type="text/plain")
    taken = request.headers.get("accept-encoding", "")
    coding = next((one for one in ("br", "gzip") if one in taken and one in found.codings), "")
    response = HttpResponse(coded(found, coding), content_type=found.media_type)
    response["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    response["Vary"] = "Accept-Encoding"
    if coding:
        response["Content-Encoding"] = coding
    return response


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Take another language or other colours on this browser, and go back to the page."""
    response = HttpResponseRedirect(_way_back(request))
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    if language in LANGUAGES:
        _keep(request, response, LANGUAGE_COOKIE, language)
    if theme in THEMES:
        _keep(request, response, THEME_COOKIE, theme)
    elif theme == "system":
        response.delete_cookie(THEME_COOKIE)
    return response


def _keep(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        *(name, value, YEAR_SECONDS),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def _way_back(request: HttpRequest) -> str:
    page = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return page if is_ours else "/"
