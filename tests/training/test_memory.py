"""What is kept is seen from outside: pages that the system has to give again."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import resource
import numpy as np
from micromask.training.memory import keep_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        several = [np.ones(2_000_000) for _ in range(4)]
        several.clear()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
usual = faults()
print(keep_memory())
faults()
print(usual, faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library can be asked")
def test_a_process_that_keeps_its_memory_is_not_given_the_same_pages_again():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    asked, counts = done.stdout.splitlines()
    usual, kept = map(int, counts.split())
    # 20 rounds of 64 MB are 312,500 pages of 4 kB, or 610 of 2 MB
    assert asked == "True"
    assert usual > 200
    assert kept < usual / 10


def test_where_there_is_no_such_library_nothing_is_asked_for(monkeypatch):
    from micromask.training.memory import keep_memory

    monkeypatch.setattr(sys, "platform", "darwin")
    assert keep_memory() is False
