"""The lab's own list of who is who: a row goes, all other bytes stay."""

from __future__ import annotations

import stat

import pytest

from micromask.core.errors import BadInputError
from micromask.studies.key_list import key_rows, remove_key


@pytest.mark.parametrize(
    ("before", "after", "cells"),
    [
        (b"P01,Ann\nP02,Bea\n", b"P02,Bea\n", ("P01", "Ann")),
        (b"P02,Bea\nP01,Ann", b"P02,Bea\n", ("P01", "Ann")),
        (b"\xef\xbb\xbfP01;Ann\r\nP02;Bea\r\n", b"P02;Bea\r\n", ("P01", "Ann")),
        (b"who\tname\n P01 \tAnn\n", b"who\tname\n", (" P01 ", "Ann")),
        (b'P01,"Ann, ""Annie""\nX"\nP010,Y\n', b"P010,Y\n", ("P01", 'Ann, "Annie"\nX')),
        (b"P02,B\xe4r\nP01,Z\xe9\n", b"P02,B\xe4r\n", ("P01", "Zé")),
        ("P02,Bär\u2028\nP01,Zé\n".encode(), "P02,Bär\u2028\n".encode(), ("P01", "Zé")),
    ],
)
def test_only_the_rows_of_the_pseudonym_go(tmp_path, before, after, cells):
    keys = tmp_path / "keys.csv"
    keys.write_bytes(before)
    keys.chmod(0o600)
    assert key_rows(keys, "P01") == (cells,)
    assert remove_key(keys, "P01") == 1
    assert keys.read_bytes() == after
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert remove_key(keys, "P01") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["keys.csv"]


def test_what_one_who_was_killed_left_of_the_list_goes_too(tmp_path):
    keys = tmp_path / "keys.csv"
    keys.write_bytes(b"P02,Bea\n")
    (tmp_path / ".keys.csv.0123456789ab.part").write_bytes(b"P02,B")
    remove_key(keys, "P01")
    assert [path.name for path in tmp_path.iterdir()] == ["keys.csv"]


def test_a_list_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadInputError, match=r"none\.csv: cannot be read \(No such file or directory\)"):
        key_rows(tmp_path / "none.csv", "P01")
