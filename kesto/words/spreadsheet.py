"""Cells of files that are opened in spreadsheets."""

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(text: str) -> str:
    """A text that a spreadsheet takes for text, whatever it begins with."""
    return f"'{text}" if text.startswith(RISKY) else text
