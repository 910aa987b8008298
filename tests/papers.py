"""What lays out documents in tests: the product's own renderer and fonts."""

import tempfile
from pathlib import Path

from kesto.adapters.documents.fonts import font_folder
from kesto.adapters.documents.renderer import Renderer
from kesto.web.ui import made


def fonts() -> Path:
    """The fonts of documents, beside the clone where it may be written to."""
    return font_folder(made.folder(Path(tempfile.gettempdir())))


def new_renderer() -> Renderer:
    """A renderer with an engine of its own."""
    return Renderer(fonts())
