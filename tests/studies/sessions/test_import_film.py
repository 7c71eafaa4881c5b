"""Films that were made elsewhere come in with a log of what was shown."""

from __future__ import annotations

import stat

import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.studies import import_film as importing
from micromask.studies.import_film import PaperConsent, import_film
from micromask.studies.people import participants, withdraw_consent
from micromask.studies.sessions import recordings_of, recover, shown_at
from micromask.studies.shown import Shown, shown_spans
from micromask.studies.store import read_store

FIELDS = {"age": "34", "gender": "male"}
SIGNED = PaperConsent(None, "2026-03-31")


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("time_s,item\n0.5,q1\n1.75,q2\n", encoding="utf-8")
    return path


def untouched(study):
    return participants(study) == () and not [path for path in (study / "films").rglob("*") if path.is_file()]


def test_a_film_becomes_the_recording_of_a_new_participant(study, design, webm, log):
    done = import_film(study, design, webm, log, "questions", fields=FIELDS, consent=SIGNED)
    assert (done.participant, done.path, done.stimuli, done.damage) == ("P01", "films/P01/1-questions.webm", 2, "")
    assert done.seconds == pytest.approx(3.0, abs=0.002)
    copy = study / done.path
    assert copy.read_bytes() == webm.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    (one,) = recordings_of(study)
    assert (one.state, one.session_state, one.bytes) == ("closed", "imported", copy.stat().st_size)
    assert one.items == ("q1", "q2")
    assert recover(study) == ()
    with read_store(study) as store:
        row = store.execute("SELECT text, given FROM consent").fetchone()
        assert tuple(row) == (design.consent, "2026-03-31")


def test_an_item_stays_until_the_next_one_and_the_last_until_the_film_ends(study, design, webm, log):
    done = import_film(study, design, webm, log, "questions", fields=FIELDS, consent=SIGNED)
    times = (0.499, 0.5, 1.749, 1.75, 2.99, 3.01)
    assert [shown_at(study, done.recording, time) for time in times] == [None, "q1", "q1", "q2", "q2", None]


def test_ends_that_the_log_gives_are_kept(study, design, webm, log):
    log.write_text("time_s,item,end_s\n0.5,q1,1.5\n1.75,q2,\n2.5,q1,3.0\n", encoding="utf-8")
    done = import_film(study, design, webm, log, "questions", fields=FIELDS, consent=SIGNED)
    spans = shown_spans(study, done.recording)
    assert spans[:2] == (Shown("q1", 0.5, 1.5), Shown("q2", 1.75, 2.5))
    assert spans[2].end_s == pytest.approx(3.0, abs=0.002)
    assert recordings_of(study)[0].items == ("q1", "q2")


def test_a_second_film_goes_to_a_participant_who_is_there(study, design, webm, log):
    import_film(study, design, webm, log, "questions", fields=FIELDS, consent=SIGNED)
    log.write_text("time_s,item\n1,i1\n", encoding="utf-8")
    done = import_film(study, design, webm, log, "images", participant="P01")
    assert (done.session, done.path) == (2, "films/P01/2-images.webm")
    with pytest.raises(BadInputError, match="P01 has answered already"):
        import_film(study, design, webm, log, "images", participant="P01", fields=FIELDS)
    with pytest.raises(BadInputError, match="no participant 'P02'"):
        import_film(study, design, webm, log, "images", participant="P02")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time_s,item\n0.5,q1\n1.0,q9\n", "row 3: no item 'q9' in this part; it has: q1, q2"),
        ("time_s,item\n0.5,q1\n1.0,i1\n", "row 3: no item 'i1'"),
        ("time_s,item\n0.5,q1\n9.0,q2\n", r"row 3: time_s 9 lies beyond the film, which is 3\.00\d s long"),
        ("time_s,item,end_s\n0.5,q1,3.2\n", "row 2: end_s 3.2 lies beyond the film"),
        ("time_s,item,end_s\n0.5,q1,0.5\n", "row 2: end_s 0.5 does not come after time_s 0.5"),
        ("time_s,item,end_s\n0.5,q1,1.5\n\n1.2,q2,\n", "row 2: ends at 1.5 s, when row 4 has begun"),
        ("time_s,item\n1.5,q1\n1.5,q2\n", "row 3: time_s 1.5 does not come after"),
        ("time_s,item\n-1,q1\n", "row 2: time_s is a number of seconds from 0, such as 12.5, got '-1'"),
        ('time_s,item\n"1,5",q1\n', "row 2: .* got '1,5'"),
        ("time_s,item\nnan,q1\n", "row 2: .* got 'nan'"),
        ("time_s,item\n0.5\n", "row 2: wanted 2 cells, got 1"),
        ("time,item\n0.5,q1\n", "row 1: wanted the columns time_s,item and perhaps end_s, got time,item"),
        ("time_s,item,end\n0.5,q1,2\n", "row 1: .* got time_s,item,end"),
        ("time_s,item\n", "holds no row"),
        ("", "row 1: wanted the columns"),
    ],
)
def test_a_log_that_is_wrong_is_refused_with_its_row_and_nothing_is_taken_in(study, design, webm, log, text, told):
    log.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=told):
        import_film(study, design, webm, log, "questions", fields=FIELDS, consent=SIGNED)
    assert untouched(study)


def test_a_film_is_refused_without_consent_or_where_it_was_withdrawn(study, design, webm, log):
    with pytest.raises(BadInputError, match="a new participant needs a consent"):
        import_film(study, design, webm, log, "questions", fields=FIELDS)
    assert untouched(study)
    import_film(study, design, webm, log, "questions", fields=FIELDS, consent=SIGNED)
    withdraw_consent(study, "P01")
    with pytest.raises(BadInputError, match="P01 has given no consent, or has withdrawn it"):
        import_film(study, design, webm, log, "questions", participant="P01")
    assert len(recordings_of(study)) == 1


def test_a_file_that_is_no_film_and_answers_that_are_not_are_refused(study, design, webm, log, tmp_path):
    text = tmp_path / "film.webm"
    text.write_text("no film")
    for film, told in ((text, "is not a film"), (tmp_path / "none.webm", "no such file"), (tmp_path, "is a folder")):
        with pytest.raises(BadInputError, match=told):
            import_film(study, design, film, log, "questions", fields=FIELDS, consent=SIGNED)
    with pytest.raises(BadInputError, match="no part 'talk' in this study; it has: questions, images"):
        import_film(study, design, webm, log, "talk", fields=FIELDS, consent=SIGNED)
    with pytest.raises(BadInputError, match="age: wanted a whole number"):
        import_film(study, design, webm, log, "questions", fields=FIELDS | {"age": "?"}, consent=SIGNED)
    assert untouched(study)


def test_a_film_that_breaks_off_is_taken_in_and_its_damage_is_told(study, design, webm, log, tmp_path):
    broken = tmp_path / "broken.webm"
    broken.write_bytes(webm.read_bytes()[: webm.stat().st_size * 3 // 4])
    log.write_text("time_s,item\n0.1,q1\n", encoding="utf-8")
    done = import_film(study, design, broken, log, "questions", fields=FIELDS, consent=SIGNED)
    assert done.damage.startswith("it breaks off: ")
    assert done.seconds < 2.9


def test_without_room_nothing_is_taken_in(study, design, webm, log, monkeypatch):
    def full(source, path):
        raise BadOutputError(f"{path} cannot be written: No space left on device; make room")

    monkeypatch.setattr(importing, "copy_private", full)
    with pytest.raises(BadOutputError, match="make room"):
        import_film(study, design, webm, log, "questions", fields=FIELDS, consent=SIGNED)
    assert untouched(study)


def test_a_consent_that_has_not_come_yet_leaves_no_copy_behind(study, design, webm, log):
    with pytest.raises(BadInputError, match="has not come yet"):
        import_film(study, design, webm, log, "questions", fields=FIELDS, consent=PaperConsent(None, "2999-01-01"))
    assert untouched(study)
