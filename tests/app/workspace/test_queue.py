import time
from pathlib import Path

import pytest

from micromask.app.workspace.claims import LOST, Teller, claim, finish, recover, unwanted
from micromask.app.workspace.jobs import (
    MOST_TRIES,
    MOST_WAITING,
    Cancelled,
    FullError,
    Job,
    again,
    cancel,
    job,
    jobs,
    queue,
    waiting,
)
from micromask.app.workspace.recordings import add_and_queue, add_recording, remove
from micromask.app.workspace.work.kinds import keep, scratch
from micromask.core.errors import BadInputError


def taken(workspace: Path, slot: int = 1) -> Job:
    found = claim(workspace, slot)
    assert found is not None
    return found


def test_jobs_are_taken_in_the_order_in_which_they_were_queued_and_urgent_ones_first(workspace: Path) -> None:
    for kind in "abc":
        queue(workspace, kind, {})
    queue(workspace, "urgent", {"face": 0}, urgent=True)
    order = [taken(workspace, slot) for slot in range(1, 5)]
    assert [one.kind for one in order] == ["urgent", "a", "b", "c"]
    assert order[0].payload == {"face": 0}
    assert all(one.state == "running" and one.begun for one in order)
    assert claim(workspace, 5) is None


def test_a_job_is_given_to_one_worker_only(workspace: Path) -> None:
    queue(workspace, "a", {})
    assert claim(workspace, 1) is not None
    assert claim(workspace, 2) is None


def test_two_jobs_of_one_recording_never_run_at_the_same_time(workspace: Path, film: Path) -> None:
    number = add_recording(workspace, "1.mp4", film)
    queue(workspace, "a", {}, recording=number)
    queue(workspace, "b", {}, recording=number)
    queue(workspace, "c", {})
    first = taken(workspace, 1)
    assert taken(workspace, 2).kind == "c"
    assert claim(workspace, 3) is None
    finish(workspace, 1, first.id, "done", (1, 1, ""))
    assert taken(workspace, 1).kind == "b"


def test_no_more_than_two_hundred_jobs_wait(workspace: Path) -> None:
    for _ in range(MOST_WAITING):
        number = queue(workspace, "a", {})
    with pytest.raises(FullError, match="200 jobs are waiting already: come back when some are done"):
        queue(workspace, "a", {})
    assert waiting(workspace) == 200
    first = taken(workspace)
    queue(workspace, "a", {})
    finish(workspace, 1, first.id, "failed", (0, 0, "no"))
    with pytest.raises(FullError):
        again(workspace, first.id)
    cancel(workspace, number)
    again(workspace, first.id)


def test_a_job_that_waits_is_cancelled_at_once_and_can_be_queued_again(workspace: Path) -> None:
    number = queue(workspace, "a", {"x": 1})
    cancel(workspace, number)
    assert job(workspace, number).state == "cancelled"
    assert job(workspace, number).ended
    assert claim(workspace, 1) is None
    again(workspace, number)
    assert (job(workspace, number).state, job(workspace, number).ended) == ("queued", None)
    assert taken(workspace).payload == {"x": 1}


def test_a_job_queued_again_goes_to_the_end(workspace: Path) -> None:
    first = queue(workspace, "a", {})
    cancel(workspace, first)
    queue(workspace, "b", {})
    time.sleep(0.002)  # the queue's clock has milliseconds
    again(workspace, first)
    assert [taken(workspace, slot).kind for slot in (1, 2)] == ["b", "a"]


def test_a_running_job_hears_of_its_cancelling_when_it_tells_how_far_it_is(workspace: Path) -> None:
    number = queue(workspace, "a", {})
    tell = Teller(workspace, taken(workspace))
    tell(3, 10, "following the face")
    now = job(workspace, number)
    assert (now.state, now.done, now.total, now.line) == ("running", 3, 10, "following the face")
    assert not unwanted(workspace, 1)
    cancel(workspace, number)
    assert job(workspace, number).state == "running"
    assert unwanted(workspace, 1)
    with pytest.raises(Cancelled):
        tell(4, 10, "recognising")


def test_telling_is_cheap_however_often_it_is_done(workspace: Path) -> None:
    queue(workspace, "a", {})
    tell = Teller(workspace, taken(workspace))
    began = time.monotonic()
    for step in range(20_000):
        tell(step, 20_000, "counting")
    assert time.monotonic() - began < 5  # with a transaction each it would be minutes


def test_a_job_that_has_ended_is_left_as_it_is_by_cancel(workspace: Path) -> None:
    number = queue(workspace, "a", {})
    finish(workspace, 1, taken(workspace).id, "done", (1, 1, "found"))
    cancel(workspace, number)
    assert (job(workspace, number).state, job(workspace, number).line) == ("done", "found")


def test_a_job_whose_worker_is_gone_goes_back_to_the_queue_three_times_at_most(workspace: Path) -> None:
    number = queue(workspace, "a", {})
    for turn in range(1, MOST_TRIES + 1):
        one = taken(workspace)
        (scratch(workspace, one) / "half.npz").write_bytes(b"half")
        recover(workspace, 1)
        assert not (workspace / "scratch" / str(number)).exists()
        assert job(workspace, number).state == ("queued" if turn < MOST_TRIES else "failed")
    assert job(workspace, number).line == LOST
    assert "ended 3 times before it was done" in LOST
    again(workspace, number)
    taken(workspace)
    recover(workspace, 1)
    assert job(workspace, number).state == "queued"


def test_stopping_the_server_costs_a_job_none_of_its_tries(workspace: Path) -> None:
    number = queue(workspace, "a", {})
    for _ in range(3 * MOST_TRIES):
        taken(workspace)
        recover(workspace, 1, counted=False)
        assert job(workspace, number).state == "queued"


def test_a_cancelled_job_whose_worker_is_gone_is_not_done_again(workspace: Path) -> None:
    number = queue(workspace, "a", {})
    taken(workspace)
    cancel(workspace, number)
    recover(workspace, 1)
    assert job(workspace, number).state == "cancelled"
    recover(workspace, 1)
    assert job(workspace, number).state == "cancelled"


def test_the_work_on_a_removed_recording_is_unwanted_and_leaves_nothing(
    workspace: Path, film: Path, tmp_path: Path
) -> None:
    number, _ = add_and_queue(workspace, "1.mp4", film, {})
    one = taken(workspace)
    made = scratch(workspace, one) / "results"
    made.mkdir()
    (made / "report.html").write_text("x")
    assert not unwanted(workspace, 1)
    remove(workspace, number)
    assert unwanted(workspace, 1)
    with pytest.raises(Cancelled):
        Teller(workspace, one)(1, 2, "writing")
    with pytest.raises(Cancelled):
        keep(workspace, one, {made: workspace / "results" / str(number)})
    assert not (workspace / "results" / str(number)).exists()
    recover(workspace, 1)
    assert list((workspace / "scratch").iterdir()) == []
    assert not unwanted(workspace, 1)


def test_what_is_kept_takes_the_place_of_what_was_there_for_its_owner_only(workspace: Path) -> None:
    queue(workspace, "a", {})
    one = taken(workspace)
    place, note = workspace / "results" / "7", []
    for text in ("first", "second"):
        made = scratch(workspace, one) / "results"
        made.mkdir(mode=0o755)
        (made / f"{text}.txt").write_text(text)
        keep(workspace, one, {made: place}, note=lambda store, text=text: note.append(text))
        assert [(each.name, each.stat().st_mode & 0o777) for each in place.iterdir()] == [(f"{text}.txt", 0o600)]
        assert place.stat().st_mode & 0o777 == 0o700
    assert note == ["first", "second"]
    assert list(scratch(workspace, one).iterdir()) == []


def test_a_job_needs_a_recording_that_is_there(workspace: Path) -> None:
    with pytest.raises(BadInputError, match="there is no recording 5 here"):
        queue(workspace, "a", {}, recording=5)
    assert jobs(workspace) == ()
    for use in (cancel, again, job):
        with pytest.raises(BadInputError, match="there is no job 3 here"):
            use(workspace, 3)


def test_jobs_can_be_listed_by_kind(workspace: Path) -> None:
    for kind in ("a", "b", "a"):
        queue(workspace, kind, {})
    assert [one.id for one in jobs(workspace, "a")] == [1, 3]
    assert [one.id for one in jobs(workspace)] == [1, 2, 3]
