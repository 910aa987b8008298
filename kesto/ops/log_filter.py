"""Keys are left out of the log: who reads it gets no way in."""

import logging
import re

LINK = re.compile(r"(/p/|/welcome/)[\w-]{20,}")
API_KEY = re.compile(r"(kesto_(?:test|live)_)[0-9a-f]{9,}", re.IGNORECASE)


class WithoutKeys(logging.Filter):
    """Puts `…` in the place of a link's token or an API key's secret, in whatever is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without keys in it or in its trace."""
        record.msg = without_keys(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = without_keys(record.exc_text)
        return True


def without_keys(text: str) -> str:
    """A text with every key cut off after its beginning."""
    return API_KEY.sub(r"\1…", LINK.sub(r"\1…", text))
