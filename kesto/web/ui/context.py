"""What every template knows beside what its view gives it."""

from django.http import HttpRequest
from django.utils import translation

from kesto.web.ui.language import LANGUAGES
from kesto.web.ui.views import THEME_COOKIE, THEMES


def surroundings(request: HttpRequest) -> dict[str, object]:
    """The page's language and the others, the colours chosen, and where the person is."""
    language = translation.get_language() or "en"
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "language": language,
        "languages": LANGUAGES,
        "other_languages": {key: name for key, name in LANGUAGES.items() if key != language},
        "theme": theme if theme in THEMES else "",
        "this_page": request.get_full_path(),
    }
