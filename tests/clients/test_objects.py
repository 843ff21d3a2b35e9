"""One behaviour over a folder, an S3 server and memory."""

import hashlib
import io
import tracemalloc
from pathlib import Path
from uuid import UUID

import pytest

from app.clients.objects import ObjectStore
from app.errors import NotFound, Unavailable

OWNER, OTHER = UUID(int=1), UUID(int=2)
# Over the size from which the library sends a file in parts.
CONTENT = b"evidence" * 900_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_what_is_put_is_there_whole_until_it_is_removed(store: ObjectStore) -> None:
    assert store.size(OWNER, SHA256) is None
    assert not store.intact(OWNER, SHA256)
    with pytest.raises(NotFound):
        next(store.read(OWNER, SHA256))
    store.put(OWNER, SHA256, io.BytesIO(CONTENT))
    store.put(OWNER, SHA256, io.BytesIO(CONTENT))
    pieces = list(store.read(OWNER, SHA256))
    assert b"".join(pieces) == CONTENT
    assert store.size(OWNER, SHA256) == len(CONTENT)
    assert store.intact(OWNER, SHA256)
    assert store.size(OTHER, SHA256) is None, "what one organisation holds, no other is told"
    store.put(OWNER, SHA256, io.BytesIO(b"something else"))
    assert not store.intact(OWNER, SHA256)
    store.remove(OWNER, SHA256)
    store.remove(OWNER, SHA256)
    assert store.size(OWNER, SHA256) is None


class Broken(io.BytesIO):
    """A file that cannot be read to its end."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 0:
            raise OSError("the disk is gone")
        return super().read(size)


def test_a_file_that_breaks_off_leaves_nothing_in_the_folder(tmp_path: Path) -> None:
    store = ObjectStore.in_folder(tmp_path / "documents")
    with pytest.raises(Unavailable, match="The store of documents cannot be reached"):
        store.put(OWNER, SHA256, Broken(CONTENT))
    assert [path for path in (tmp_path / "documents").rglob("*") if path.is_file()] == []
    assert (tmp_path / "documents").stat().st_mode & 0o777 == 0o700


def test_a_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    store = ObjectStore.in_folder(tmp_path / "documents")
    with (tmp_path / "large").open("w+b") as large:
        for _ in range(24):
            large.write(bytes(1024 * 1024))
        tracemalloc.start()
        store.put(OWNER, SHA256, large)
        assert not store.intact(OWNER, SHA256)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 16 * 1024 * 1024


def test_a_store_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Unavailable, match="cannot be made"):
        ObjectStore.in_folder(tmp_path / "file" / "documents")
    with pytest.raises(Unavailable, match="SAFONAU_OBJECT_STORE_URL"):
        ObjectStore.in_bucket("ftp://somewhere/else")
    (tmp_path / "documents").mkdir()
    store = ObjectStore.in_folder(tmp_path / "documents")
    (tmp_path / "documents" / str(OWNER)).write_text("no folder")
    for work in (
        lambda: store.put(OWNER, SHA256, io.BytesIO(CONTENT)),
        lambda: list(store.read(OWNER, SHA256)),
        lambda: store.size(OWNER, SHA256),
        lambda: store.remove(OWNER, SHA256),
    ):
        with pytest.raises(Unavailable, match="cannot be reached"):
            work()
