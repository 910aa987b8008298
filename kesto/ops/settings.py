"""Django's settings. They name no server and no secret: `boot` adds those a process may have."""

from pathlib import Path

import kesto.web
from kesto.ops import clock

DEBUG = False
SECRET_KEY = "set-by-boot"  # noqa: S105 - replaced by the home's own before anything is signed
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = LOCAL_HOSTS

TAGS = ("frame", "values", "parts", "tables", "forms", "charts")

INSTALLED_APPS = ["kesto.store"]
MIDDLEWARE = [
    "kesto.api.entry.ApiAnswers",
    "django.middleware.security.SecurityMiddleware",
    "kesto.web.middleware.Headers",
    "kesto.web.middleware.Sessions",
    "kesto.web.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "kesto.web.middleware.Refusals",
]
# What answers of the API pass in place of all that comes after its own: programs have no session,
# no form and no language.
API_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kesto.web.middleware.Headers",
]
ROOT_URLCONF = "kesto.ops.urls"
WEB = Path(kesto.web.__file__).parent
TEMPLATES: list[dict[str, object]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / room / "templates" for room in ("ui", "office", "portal")],
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                *(f"kesto.web.ui.tags.{name}" for name in TAGS),
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "kesto.web.ui.context.surroundings",
            ],
        },
    }
]

DATABASES: dict[str, dict[str, object]] = {
    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "kesto"}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fi", "suomi"), ("sv", "svenska")]
KESTO_CLOCK = clock.now
# How browsers reach this installation, and whether by https; `kesto.ops.web` sets it.
KESTO_PUBLIC_URL = ""
SECURE_REDIRECT_EXEMPT = ["^(livez|readyz|startupz)$"]
# What is made at set-up or at first start (web font, catalogues); `kesto.ops.web` says where.
KESTO_MADE = ""
LOCALE_PATHS: list[str] = []
# The ClickHouse that usage events are kept in, if any; `kesto.ops.boot` says.
KESTO_USAGE = None
KESTO_USAGE_WAITING = 0
# The memory in which web processes count what keys ask; without, each counts for itself.
KESTO_COUNTS = None
# Where delivered documents are kept.
KESTO_DOCUMENTS = ""

PASSWORD_HASHERS = ["kesto.adapters.passwords.Argon2"]
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_keys": {"()": "kesto.ops.log_filter.WithoutKeys"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["without_keys"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
