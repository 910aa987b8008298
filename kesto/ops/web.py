"""What the pages need to know of this installation: its public address, where made things lie."""

from urllib.parse import urlsplit

from django.conf import settings

from kesto.ops import shared
from kesto.ops.config import public_url
from kesto.ops.home import Home
from kesto.web.ui import made

HSTS_SECONDS = 31_536_000


def set_up_web(place: Home) -> None:
    """Tell Django how this installation is reached; https makes every cookie a secure one."""
    folder = made.folder(place.cache)
    settings.KESTO_MADE = str(folder)
    settings.LOCALE_PATHS = [str(made.locale(folder))]
    settings.KESTO_DOCUMENTS = str(place.documents)
    settings.KESTO_COUNTS = shared.handed(shared.COUNTS)
    address = urlsplit(public_url())
    is_secure = address.scheme == "https"
    settings.KESTO_PUBLIC_URL = address.geturl()
    settings.ALLOWED_HOSTS = [*settings.LOCAL_HOSTS, address.hostname or ""]
    settings.CSRF_COOKIE_SECURE = is_secure
    settings.CSRF_COOKIE_NAME = "__Host-kesto_csrf" if is_secure else "kesto_csrf"
    settings.SECURE_SSL_REDIRECT = is_secure
    settings.SECURE_HSTS_SECONDS = HSTS_SECONDS if is_secure else 0
    # Only the proxy before us reaches our port; it says how the browser reached it.
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if is_secure else None
