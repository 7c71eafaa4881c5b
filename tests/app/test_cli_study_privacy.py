"""`micromask study import`, `withdraw` and `forget`, as the pages of the documentation show them."""

from __future__ import annotations

import io
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import typer

from micromask.app.cli.study.forget import forget_command
from micromask.app.cli.study.import_ import import_command
from micromask.app.cli.study.withdraw import withdraw_command
from micromask.recordings import write_film
from micromask.studies.new import new_study

PAGES = Path(__file__).parents[2] / "docs" / "how-to"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    frames = [np.full((48, 64), 20 + number, np.uint8) for number in range(60)]
    return write_film(tmp_path_factory.mktemp("films") / "talk.mp4", frames, 10)


@pytest.fixture
def lab(here, film, monkeypatch):
    """A folder with the study smiles of the template mmed-fst, talk.mp4 of 6 s, and the log that the page shows."""
    monkeypatch.setenv("MICROMASK_CACHE", str(here / "cache"))
    new_study(here / "smiles", "mmed-fst")
    shutil.copy(film, here / "talk.mp4")
    log = re.search(r"^```csv\n(.*?)^```$", page("studies-import"), re.MULTILINE | re.DOTALL)
    assert log
    (here / "talk.csv").write_text(log[1], encoding="utf-8")
    (here / "keys.csv").write_text("participant,name\nP01,Ottokar Winterfeldt\nP02,Zoe Maer\n", encoding="utf-8")
    group = typer.Typer()
    group.command("import")(import_command)
    group.command("withdraw")(withdraw_command)
    group.command("forget")(forget_command)
    app = typer.Typer()
    app.add_typer(group, name="study")
    monkeypatch.setattr("micromask.app.cli.app", app)
    return here


def page(name):
    return (PAGES / f"{name}.md").read_text("utf-8")


def shown(name, verb):
    """The command of a page that has a verb, and the block after it."""
    blocks = re.findall(r"^```text\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)
    at = next(number for number, block in enumerate(blocks) if block.startswith(f"micromask study {verb} "))
    return shlex.split(blocks[at])[1:], (blocks[at + 1] if at + 1 < len(blocks) else "")


def test_a_film_is_imported_as_the_page_shows_it(lab, micromask):
    command, printed = shown("studies-import", "import")
    done = micromask(*command)
    assert (done.code, done.err) == (0, "")
    assert done.out == printed
    assert (lab / "smiles" / "films" / "P01" / "1-questionnaire.mp4").read_bytes() == (lab / "talk.mp4").read_bytes()


def test_a_wrong_row_a_wrong_field_and_a_missing_consent_are_one_line_each(lab, micromask):
    command, _ = shown("studies-import", "import")
    (lab / "talk.csv").write_text("time_s,item\n1,Q01\n99,Q02\n", encoding="utf-8")
    done = micromask(*command)
    assert done.code == 2
    assert done.error == "error: talk.csv, row 3: time_s 99 lies beyond the film, which is 6.000 s long"
    done = micromask(*command, "--field", "age")
    assert done.error == "error: --field wants NAME=VALUE, such as age=21, got 'age'"
    done = micromask(*command[:-2])
    assert "a new participant needs a consent: name its text (--consent-text) or day (--consented-on)" in done.error


def test_a_film_that_breaks_off_is_taken_in_with_a_note(lab, micromask, film):
    frames = [np.random.default_rng(number).integers(0, 255, (48, 64), np.uint8) for number in range(60)]
    whole = write_film(lab / "whole.mkv", frames, 10)
    (lab / "part.mkv").write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    command, _ = shown("studies-import", "import")
    done = micromask(*["part.mkv" if word == "talk.mp4" else word for word in command])
    assert done.code == 0
    assert re.fullmatch(r"note: part\.mkv: it breaks off: \d+ of \d+ frames are there", done.error)


def test_consent_on_a_paper_with_another_text_is_kept(lab, micromask):
    (lab / "paper.txt").write_text("Signed on paper.", encoding="utf-8")
    command, _ = shown("studies-import", "import")
    assert micromask(*command[:-2], "--consent-text", "paper.txt").code == 0
    assert b"Signed on paper." in (lab / "smiles" / "study.sqlite").read_bytes()
    (lab / "paper.txt").write_text("", encoding="utf-8")
    done = micromask(*command[:-2], "--consent-text", "paper.txt")
    assert done.error == "error: a consent is to a text, and this one is empty"


def test_withdrawn_consent_lets_no_further_film_in(lab, micromask):
    command, _ = shown("studies-import", "import")
    micromask(*command)
    withdraw, _ = shown("studies-privacy", "withdraw")
    done = micromask(*withdraw)
    assert done.out.splitlines()[0] == "consent  P01  withdrawn"
    again = [word for word in command if not word.startswith(("age=", "gender=")) and word != "--field"]
    done = micromask(*again[:-2], "--participant", "P01")
    assert done.code == 2
    assert "P01 has given no consent, or has withdrawn it" in done.error


def test_a_participant_is_forgotten_as_the_page_shows_it(lab, micromask, monkeypatch):
    command, _ = shown("studies-import", "import")
    micromask(*command)
    forget, _ = shown("studies-privacy", "forget")
    forget[-1] = "keys.csv"
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    done = micromask(*forget)
    assert done.code == 2
    assert done.err.splitlines()[-1] == "error: nothing was removed: add --yes to forget P01 without being asked"
    assert (lab / "smiles" / "films" / "P01").exists()
    done = micromask(*forget, "--yes")
    assert done.code == 0
    assert "P01: 1 film file, and all rows in the study's database" in done.err
    assert "found     nothing" in done.out
    assert not (lab / "smiles" / "films" / "P01").exists()
    assert (lab / "keys.csv").read_text("utf-8") == "participant,name\nP02,Zoe Maer\n"
    receipt = re.search(r"^receipt   (.+)$", done.out, re.MULTILINE)
    assert receipt
    assert Path(receipt[1]).is_file()
    done = micromask(*forget, "--yes")
    assert done.error == "error: no participant 'P01' in this study; known: none"


class _Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("y\n", 0)])
def test_whoever_is_asked_may_say_no(lab, micromask, monkeypatch, answer, code):
    command, _ = shown("studies-import", "import")
    micromask(*command)
    monkeypatch.setattr("sys.stdin", _Terminal(answer))
    done = micromask("study", "forget", "smiles", "P01")
    assert done.code == code
    assert (lab / "smiles" / "films" / "P01").exists() == bool(code)
    assert ("nothing was removed" in done.err) == bool(code)


def test_what_is_left_is_named_and_the_exit_code_says_so(lab, micromask):
    command, _ = shown("studies-import", "import")
    micromask(*command)
    (lab / "smiles" / "notes.txt").write_text("P01 was nervous", encoding="utf-8")
    done = micromask("study", "forget", "smiles", "P01", "--yes")
    assert done.code == 1
    assert "left: notes.txt names the participant" in done.err
    assert "error: P01 is not forgotten yet: 1 thing left; mend it and run again" in done.err
    assert "receipt" not in done.out
    (lab / "smiles" / "notes.txt").unlink()
    assert micromask("study", "forget", "smiles", "P01", "--yes").code == 0
