"""The worked catalogue of docs/catalogue.md as one file."""

import re
from pathlib import Path

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.catalog import Catalogue
from kesto.store.ids import new_id

TEXT = (Path(__file__).parents[1] / "docs" / "catalogue.md").read_text(encoding="utf-8")
FILE = "\n".join(re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL))


def offered(text: str = FILE) -> Catalogue:
    """The catalogue of a file, everything in it with an id of its own."""
    return read_catalogue(text.encode(), "prices.toml", new_id)
