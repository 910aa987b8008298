"""What time it is for a page: a test merchant's own clock, else the one that `ops` gives."""

from datetime import datetime

from django.conf import settings


def real_now() -> datetime:
    """This moment, in UTC."""
    now: datetime = settings.KESTO_CLOCK()
    return now
