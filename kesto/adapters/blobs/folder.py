"""Blobs as files in a folder: merchant / first two digits / the next digit / the whole hash.

A file appears under its name only when all of it is on the disk, and so does its name: what was
put survives a loss of power. Files are read-only and never written again. Ten million documents are
2,400 files a folder; more folders would cost a flush for nearly every document of a small merchant.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from uuid import UUID

from kesto.core.refusals import Conflict, NotFound


class FolderBlobs:
    """Keeps blobs below a folder, which is made at the first need."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, merchant_id: UUID, data: bytes) -> bytes:
        """Keep bytes for good and return their SHA-256; keeping them again changes nothing."""
        digest = hashlib.sha256(data)
        path = self._path(merchant_id, digest.hexdigest())
        if path.exists():
            _flush_folder(path.parent)  # another process may have put it this very moment
        else:
            _make_folder(path.parent)
            _write_whole(path, data)
        return digest.digest()

    def get(self, merchant_id: UUID, sha256: bytes) -> bytes:
        """Return the bytes of a hash; NotFound when there are none, Conflict when damaged."""
        path = self._path(merchant_id, sha256.hex())
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise NotFound(
                f"no document {sha256.hex()} is kept in {self.root}",
                code="unknown_blob",
                field="sha256",
            ) from None
        if hashlib.sha256(data).digest() != sha256:
            raise Conflict(f"{path} is damaged: bring it back from a backup", code="damaged_blob")
        return data

    def exists(self, merchant_id: UUID, sha256: bytes) -> bool:
        """Whether bytes of a hash are kept."""
        return self._path(merchant_id, sha256.hex()).exists()

    def _path(self, merchant_id: UUID, name: str) -> Path:
        return self.root / merchant_id.hex / name[:2] / name[2:3] / name


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it; a new name is on the disk before anything is put in."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _flush_folder(folder.parent)


def _write_whole(path: Path, data: bytes) -> None:
    """Write beside the place, flush, then take the name: nobody ever sees a part."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o400)
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
