"""What Kesto needs of whoever makes its documents."""

from typing import Protocol

from kesto.words.paper import Paper


class DocumentMaker(Protocol):
    """Lays out documents; equal papers give equal bytes under one template version."""

    @property
    def template_version(self) -> str:
        """What is kept beside archived bytes, to say how they were made."""
        ...

    def pdf(self, paper: Paper) -> bytes:
        """Return the document as PDF/A-3a and PDF/UA-1."""
        ...
