"""The folder of blobs: by their hash, whole or not at all, for each merchant apart."""

import hashlib
import os
import stat
from pathlib import Path
from uuid import UUID

import pytest

from kesto.adapters.blobs.folder import FolderBlobs
from kesto.adapters.blobs.port import BlobStore
from kesto.core.refusals import Conflict, NotFound

ONE, TWO = UUID(int=1), UUID(int=2)
DATA = b"%PDF-1.7 an invoice"
DIGEST = hashlib.sha256(DATA).digest()


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return FolderBlobs(tmp_path / "not there yet" / "blobs")


def files(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


def test_bytes_come_back_by_their_hash(blobs: BlobStore) -> None:
    assert not blobs.exists(ONE, DIGEST)
    assert blobs.put(ONE, DATA) == DIGEST
    assert blobs.exists(ONE, DIGEST)
    assert blobs.get(ONE, DIGEST) == DATA


def test_equal_bytes_are_one_file_two_levels_down(blobs: BlobStore, tmp_path: Path) -> None:
    blobs.put(ONE, DATA)
    blobs.put(ONE, DATA)
    (path,) = files(tmp_path)
    name = DIGEST.hex()
    assert path.parts[-4:] == (ONE.hex, name[:2], name[2:3], name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_each_merchant_has_its_own(blobs: BlobStore) -> None:
    blobs.put(ONE, DATA)
    assert not blobs.exists(TWO, DIGEST)
    with pytest.raises(NotFound) as refused:
        blobs.get(TWO, DIGEST)
    assert refused.value.code == "unknown_blob"


def test_damage_is_seen(blobs: BlobStore, tmp_path: Path) -> None:
    blobs.put(ONE, DATA)
    (path,) = files(tmp_path)
    path.chmod(0o600)
    path.write_bytes(DATA[:-1])
    with pytest.raises(Conflict) as refused:
        blobs.get(ONE, DIGEST)
    assert refused.value.code == "damaged_blob"


def test_a_full_disk_leaves_nothing_half(
    blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    blobs.put(TWO, DATA)
    name = DIGEST.hex()
    folder = tmp_path / "not there yet" / "blobs" / ONE.hex / name[:2] / name[2:3]
    folder.mkdir(parents=True)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        blobs.put(ONE, DATA)
    assert not blobs.exists(ONE, DIGEST)
    assert len(files(tmp_path)) == 1


def test_bytes_and_names_are_on_the_disk_before_they_count(
    blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[bool] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        flushed.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    blobs.put(ONE, DATA)
    made = flushed.index(False)
    assert made >= 4  # each new folder's name
    assert flushed[made + 1 :] == [True]  # the file's name
