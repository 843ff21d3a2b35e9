"""Private keys on disk."""

import threading
from pathlib import Path

import pytest

from app.errors import Unavailable
from app.security.keys import FIRST_KEY, keys_in, keys_on_disk, new_key, secret_for


def test_the_first_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "keys"
    assert keys_on_disk(folder) == ()
    assert not folder.exists(), "a running service makes none"
    first = keys_in(folder)
    assert keys_on_disk(folder) == first

    assert keys_in(folder) == first
    assert (folder / FIRST_KEY).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == [FIRST_KEY], "no draft is left behind"


def test_many_processes_starting_at_once_agree_on_one_key(tmp_path: Path) -> None:
    found: list[tuple[str, ...]] = []
    starters = [threading.Thread(target=lambda: found.append(keys_in(tmp_path))) for _ in range(8)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_last_by_name_comes_last(tmp_path: Path) -> None:
    (first,) = keys_in(tmp_path)
    second = tmp_path / "0002.pem"
    second.write_text(new_key())
    second.chmod(0o600)

    assert keys_in(tmp_path) == (first, second.read_text())


def test_a_key_that_others_can_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    keys_in(tmp_path)
    (tmp_path / FIRST_KEY).chmod(0o644)
    with pytest.raises(Unavailable, match="can be read by other accounts") as caught:
        keys_in(tmp_path)
    assert "chmod 600" in caught.value.hint


def test_a_folder_that_cannot_be_used_is_refused_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be used"):
        keys_in(tmp_path / "file" / "keys")


def test_secrets_differ_by_purpose_and_by_key() -> None:
    one, other = new_key(), new_key()
    assert secret_for("cursor", one) == secret_for("cursor", one)
    assert len({secret_for("cursor", one), secret_for("page", one), secret_for("cursor", other)}) == 3
