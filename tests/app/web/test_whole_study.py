"""A whole study: two participants before a camera, two coders, agreement, export, a paper's test, and one forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from micromask.app.cli import run
from micromask.studies.store import create_store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STUDY = """\
title: Masks and small talk
emotions: [happiness, sadness, anger]
kinds: [micro, masked]
masked: [happy but sad, happy but angry]
consent: We film your face and record your voice. You can stop at any time.
fields:
  - {name: gender, title: Your gender, kind: choice, choices: [female, male]}
  - {name: remarks, title: Anything we should know, needed: false}
parts:
  - name: questionnaire
    instructions: Two short questions.
    items:
      - {id: q1, intended_emotion: happiness, seconds: 2.6, text: "What made you laugh last week?"}
      - {id: q2, intended_emotion: sadness, seconds: 2.6, text: "What do you miss?"}
  - name: images
    instructions: Two pictures.
    items:
      - {id: sun, intended_emotion: happiness, seconds: 2.6, image: images/sun.svg}
      - {id: rain, intended_emotion: anger, seconds: 2.6, image: images/rain.svg}
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><circle cx="2" cy="1.5" r="1" fill="#ffcf33"/></svg>'
REMARK = "left-handed zebra keeper"
SCREEN = {"viewport": {"width": 1280, "height": 720}}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "masks"
    (folder / "images").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    for name in ("sun", "rain"):
        (folder / "images" / f"{name}.svg").write_text(SVG, encoding="utf-8")
    create_store(folder)
    return folder


@pytest.fixture
def take_part(participant: Any, until_in: Callable[..., Any]) -> Callable[..., None]:
    """take_part(page, address, gender, remark): from consent to the first stimulus of the second part."""

    def go(page: Any, address: str, gender: str, remark: str) -> None:
        page.goto(f"{address}/studies/masks/participants/new")
        participant.consents(page)
        page.get_by_label(gender, exact=True).check()
        page.get_by_label("Anything we should know").fill(remark)
        page.keyboard.press("Enter")
        participant.begins(page)
        until_in(page, "logged.some(({ kind }) => kind === 'stimulus-on')")
        participant.goes_on(page)
        until_in(page, "logged.some(({ item }) => item === 'sun')")

    return go


def leave(asked: Any) -> None:
    """Yes, the page is left; it may be gone before the answer comes."""
    from playwright.sync_api import Error

    with suppress(Error):
        asked.accept()


def code(page: Any, address: str, coder: str, recording: int, says: Callable[[int], tuple[str, str]]) -> None:
    """Label each kept frame of a film by keyboard: a micro emotion, then a masked pair."""
    page.goto(f"{address}/studies/masks/coding/{coder}/{recording}")
    page.locator("#coding[data-ready=yes]").wait_for()
    frames = page.locator("#strip li").count()
    for kind in (0, 1):
        if kind:
            page.keyboard.press("k")
        for _ in range(frames):
            page.keyboard.press("ArrowUp")
        for frame in range(frames):
            page.keyboard.press(says(frame)[kind])
            page.locator("#state.saved").wait_for()
            page.keyboard.press("Enter")
            page.locator("#state.saved").wait_for()


def test_from_consent_to_a_paper_put_to_the_test_and_one_person_forgotten(
    study, tmp_path, chromium, counted, serve_process, micromask, signed_in, take_part, rows, until, until_in
):
    server = serve_process(study, 0, 3)
    address = server.address

    # Two sessions; the second participant closes the page in the middle of the images.
    with signed_in(chromium, server.links[0], script=counted.watch, **SCREEN) as page:
        take_part(page, address, "female", "nothing")
        page.locator("#end").wait_for()
        logged, taken = page.evaluate("[logged, taken]")
        take_part(page, address, "male", REMARK)
        until_in(page, "logged.some(({ item, kind }) => item === 'sun' && kind === 'stimulus-off')")
        time.sleep(1.2)
        page.context.new_page()
        page.bring_to_front()
        page.on("dialog", leave)
        page.close(run_before_unload=True)
        # A page that is torn down before it can say so is missed after half a minute.
        both = [("done",), ("interrupted",)]
        until(lambda: rows("SELECT state FROM session ORDER BY id") == both, "the second session is interrupted", 60)
    films = dict(rows("SELECT id, path FROM recording ORDER BY id"))
    assert list(films) == [1, 2, 3, 4]
    # At each event the film shows what the camera was taking then, to within a frame.
    for recording in (1, 2):
        film = counted.film(study / films[recording])
        for event in (one for one in logged if one["recording"] == recording and one["kind"] != "stop"):
            true = counted.true_time(film, taken, event)
            assert event["time_s"] == pytest.approx(true, abs=counted.frame), event

    # Frames.
    done = micromask("study", "frames", study, "--detector", "haar", "--jobs", 1)
    assert done.code == 0, done.err
    kept = {number: rows(f"SELECT number, item FROM frame WHERE recording = {number}") for number in films}
    for recording in (1, 2):
        on = {
            one["item"]: one["time_s"]
            for one in logged
            if (one["recording"], one["kind"]) == (recording, "stimulus-on")
        }
        off = {
            one["item"]: one["time_s"]
            for one in logged
            if (one["recording"], one["kind"]) == (recording, "stimulus-off")
        }
        for number, item in kept[recording]:
            near = [edge for edge in (*on.values(), *off.values()) if abs(edge - number / 2) < 0.05]
            shown = [name for name in on if on[name] <= number / 2 < off[name]]
            assert near or [item] == (shown or [None]), (recording, number)
        assert len(kept[recording]) == pytest.approx(2 * max(off.values()), abs=2)
    assert len(kept[3]) == pytest.approx(len(kept[1]), abs=2)
    assert 4 <= len(kept[4]) < len(kept[2])

    # Two coders, each in a browser of their own, who differ on every fifth frame.
    with ExitStack() as pages:
        for coder, link in (("ann", server.links[1]), ("ben", server.links[2])):
            page = pages.enter_context(signed_in(chromium, link, "/studies/masks/coding", **SCREEN))
            page.locator("#name").fill(coder)
            page.keyboard.press("Enter")
            page.get_by_role("link", name="Code P01").first.wait_for()
            for recording in films:
                code(page, address, coder, recording, lambda frame, coder=coder: says(coder, frame))
        in_all = sum(map(len, kept.values()))
        labels = rows("SELECT coder, kind, count(*) FROM label WHERE removed IS NULL GROUP BY coder, kind")
        assert sorted(labels) == sorted(
            (coder, kind, in_all) for coder in ("ann", "ben") for kind in ("micro", "masked")
        )

        # Agreement, and what all agree on is settled; the rest by talking about it would follow.
        page.goto(f"{address}/studies/masks/coding/agreement")
        page.locator("#settling").wait_for()
        assert "Cohen" in page.locator("#kinds").inner_text()
        page.get_by_role("button", name="Settle what all agree on").click()
        page.locator("#settled:not(:empty)").wait_for()
    settled = rows("SELECT count(*) FROM settled WHERE how = 'agreed'")[0][0]
    differ = sum(says("ann", frame) != says("ben", frame) for film in kept.values() for frame in range(len(film)))
    assert settled == 2 * in_all - differ

    # Export, and the paper's claims put to the test on it.
    out = tmp_path / "export"
    done = micromask("study", "export", study, "--out", out)
    assert done.code == 0, done.err
    assert (out / "CARD.md").is_file()
    done = micromask(
        "reproduce",
        "mmed-fst",
        "--quick",
        "--data",
        "mmed-fst",
        "--root",
        out,
        "--out",
        tmp_path / "tried",
        "--jobs",
        1,
    )
    assert done.code in (0, 1), done.err
    assert "Masked Expression Classification" in (tmp_path / "tried" / "report.html").read_text("utf-8")

    # One participant is forgotten: nothing of theirs is left, the other's frames stay.
    server.end()
    before = sorted(path.name for path in (study / "frames" / "P01").rglob("*.png"))
    done = micromask("study", "forget", study, "P02", "--yes")
    assert done.code == 0, done.err
    assert not out.exists()
    assert sorted(path.name for path in (study / "frames" / "P01").rglob("*.png")) == before
    assert rows("SELECT name FROM participant") == [("P01",)]
    left = [path for path in study.rglob("*") if path.is_file() and REMARK.encode() in path.read_bytes()]
    assert left == []
    assert not any("P02" in str(path.relative_to(study)) for path in study.rglob("*"))
    assert len(list((study / "receipts").iterdir())) == 1
    assert run(["study", "status", str(study)]) == 0


def says(coder: str, frame: int) -> tuple[str, str]:
    """The keys of a frame's micro emotion and masked pair; ben has another micro emotion for every fifth frame."""
    micro = frame % 3 + 1
    if coder == "ben" and frame % 5 == 4:
        micro = micro % 3 + 1
    return str(micro), str(frame % 2 + 1)
