import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.evaluation.megc_csv import read_found_csv, write_spotting_csv, write_str_csv
from micromask.evaluation.megc_log import (
    LoggedInterval,
    LoggedPrediction,
    count_spotting_log,
    read_recognition_log,
    read_spotting_log,
    write_recognition_log,
    write_spotting_log,
)
from micromask.evaluation.spotting import Spotted, SpottedVideo, SpottingCounts, score_spotting

PREDICTIONS = (
    LoggedPrediction("casme2", "sub91", "EP91_01f", 1, 1),
    LoggedPrediction("casme2", "sub91", "EP91_05f", 0, 2),
    LoggedPrediction("smic", "92", "s92_ne_01", 0, 0),
    LoggedPrediction("samm", "93", "093_1_2", 2, 1),
)


def _file(tmp_path, text, name="log.txt"):
    place = tmp_path / name
    place.write_text(text, encoding="utf-8", newline="")
    return place


def test_a_recognition_log_reads_back_and_looks_as_the_challenge_has_it(tmp_path):
    place = tmp_path / "log.txt"
    write_recognition_log(place, PREDICTIONS)
    assert place.read_bytes() == (
        b"casme2 sub91\nEP91_01f 1 1\nEP91_05f 0 2\nsmic 92\ns92_ne_01 0 0\nsamm 93\n093_1_2 2 1\n"
    )
    assert read_recognition_log(place) == PREDICTIONS


def test_other_separators_blank_rows_windows_ends_and_the_other_order_are_read(tmp_path):
    casme2 = "\ufeffcasme2,sub91\r\nEP91_01f  \t1\t1\r\n\r\nEP91_05f,2,0,,\r\n"
    text = casme2 + "smic 92\r\ns92_ne_01 0 0\r\nsamm 93\r\n093_1_2 1 2"
    assert read_recognition_log(_file(tmp_path, text), prediction_first=True) == PREDICTIONS


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("EP01 1 1\n", "log.txt, row 1: EP01 comes before any line of DATASET SUBJECT"),
        ("casme2 sub01\nEP01 1 3\n", "log.txt, row 2: classes are 0 to 2, got 1 and 3"),
        ("casme2 sub01\nEP01 1 +1\n", "row 2: classes are 0 to 2"),
        ("casme2 sub01\n\nEP01 1 1 0.9\n", "log.txt, row 3: wanted DATASET SUBJECT or FILE CLASS CLASS, got 'EP01 1 1"),
        ("casme2 sub01\nEP01 1 1\nEP01 1 0\n", "log.txt, row 3: EP01 of casme2 sub01 stands in row 2 already"),
        ("casme2 sub01\n", "no clip in it"),
        ("", "no clip in it"),
    ],
)
def test_a_recognition_log_that_cannot_be_is_refused_by_row(tmp_path, text, told):
    with pytest.raises(BadInputError, match=told):
        read_recognition_log(_file(tmp_path, text))


def test_a_name_that_the_format_cannot_hold_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="'EP 01' cannot stand in it"):
        write_recognition_log(tmp_path / "log.txt", [LoggedPrediction("casme2", "sub01", "EP 01", 0, 0)])
    assert not list(tmp_path.iterdir())


VIDEOS = (
    SpottedVideo(
        "093_1",
        (Spotted(299, 349), Spotted(99, 149), Spotted(500, 700, "macro")),
        (Spotted(89, 149), Spotted(400, 440), Spotted(520, 720, "macro")),
    ),
    SpottedVideo("093_2", (), ()),
)


def test_a_spotting_log_reads_back_and_looks_as_the_challenge_has_it(tmp_path):
    place = tmp_path / "log.txt"
    write_spotting_log(place, {"1": VIDEOS, "2": [SpottedVideo("15_0101", (), (Spotted(0, 9),))]})
    assert place.read_text() == (
        "1\n"
        "093_1 90 150 100 150 TP\n"
        "093_1 - - 300 350 FP\n"
        "093_1 401 441 - - FN\n"
        "093_1 521 721 501 701 TP\n"
        "2\n"
        "15_0101 1 10 - - FN\n"
    )
    read = read_spotting_log(place)
    assert read[0] == LoggedInterval("1", "093_1", (90, 150), (100, 150), "TP")
    assert read[-1] == LoggedInterval("2", "15_0101", (1, 10), None, "FN")
    samm = [each for each in read if each.dataset == "1"]
    assert count_spotting_log(samm) == score_spotting(VIDEOS).overall == SpottingCounts(2, 1, 1)


def test_a_log_in_columns_with_one_true_interval_met_twice_counts_it_once(tmp_path):
    text = "1\n093_1   301       400     311     390     TP\n093_1   301       400     321     400     TP\n"
    assert count_spotting_log(read_spotting_log(_file(tmp_path, text))) == SpottingCounts(1, 1, 0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("093_1 - - 1 9 FP\n", "row 1: 093_1 comes before the line that names the corpus"),
        ("3\n", "row 1: wanted 1, 2 or VIDEO"),
        ("1\n093_1 - - 1 9 TP\n", "row 2: TP has a true and a found interval"),
        ("1\n093_1 1 9 1 9 FP\n", "row 2: TP has a true and a found interval"),
        ("1\n093_1 1 9 - - TN\n", "row 2: TP has a true and a found interval"),
        ("1\n093_1 1 9 8 20 TP\n", "row 2: called TP, but 8-20 and 1-9 share 0.10 and a TP needs 0.5"),
        ("1\n093_1 9 1 - - FN\n", "row 2: onset 9 is after offset 1"),
        ("1\n093_1 1.5 9 - - FN\n", "row 2: frames are whole numbers or - twice, got 1.5 and 9"),
        ("1\n093_1 - 9 - - FN\n", "row 2: frames are whole numbers or - twice"),
        ("1\n", "no interval in it"),
    ],
)
def test_a_spotting_log_that_contradicts_itself_is_refused_by_row(tmp_path, text, told):
    with pytest.raises(BadInputError, match=told):
        read_spotting_log(_file(tmp_path, text))


def test_a_spotting_log_has_two_corpora(tmp_path):
    with pytest.raises(ValueError, match="corpora 1 and 2, got 'samm'"):
        write_spotting_log(tmp_path / "log.txt", {"samm": VIDEOS})


FOUND = {"sub91": (Spotted(49, 119, "macro"), Spotted(1699, 1711)), "sub, 92": (Spotted(0, 9),)}


def test_a_spotting_table_reads_back_and_looks_as_the_challenge_has_it(tmp_path):
    place = tmp_path / "cas_pred.csv"
    write_spotting_csv(place, {**FOUND, "quiet": ()})
    assert place.read_text() == (
        'vid,pred_onset,pred_offset,type\nsub91,50,120,mae\nsub91,1700,1712,me\n"sub, 92",1,10,me\n'
    )
    assert read_found_csv(place) == FOUND
    write_spotting_csv(place, FOUND, first_frame=0, overwrite=True)
    assert read_found_csv(place, first_frame=0) == FOUND


def test_a_table_of_emotions_reads_back_by_subject_and_video(tmp_path):
    place = tmp_path / "samm_pred.csv"
    found = {"17/917_3": (Spotted(299, 379, emotion="positive"),), "7/907_5": (Spotted(9, 19, emotion="negative"),)}
    write_str_csv(place, {**found, "7/907_6": (Spotted(0, 300, "macro"),)})
    assert (
        place.read_text() == "subject,video,onset,offset,emotion\n17,917_3,300,380,positive\n7,907_5,10,20,negative\n"
    )
    assert read_found_csv(place) == found


@pytest.mark.parametrize(
    "text",
    [
        "vid,onset,offset,type\na,1,16,me\n\na,1,17,mae\n",
        "\ufeffType;Video ;START;End\r\nMicro;a;1;16\r\nMacro-expression;a;1;17\r\n",
        "video_name\tpred_type\tonset\toffset\tscore\na\tme\t1.0\t16\t0.9\na\tmae\t1\t17\t0.8\n",
    ],
)
def test_columns_of_other_names_order_and_separators_are_read(tmp_path, text):
    wanted = {"a": (Spotted(0, 15), Spotted(0, 16, "macro"))}
    assert read_found_csv(_file(tmp_path, text)) == wanted


def test_kind_follows_from_the_length_where_no_column_tells(tmp_path):
    place = _file(tmp_path, "vid,pred_onset,pred_offset\na,1,16\na,1,17\n")
    assert [each.kind for each in read_found_csv(place, fps=30)["a"]] == ["micro", "macro"]
    with pytest.raises(BadInputError, match=r"row 2: no column type \(me or mae\); give the frame rate"):
        read_found_csv(place)


def test_a_row_without_frames_names_a_film_with_nothing_in_it(tmp_path):
    place = _file(tmp_path, "vid,onset,offset,type\nquiet,,,\na,1,2,me\na,,,\n")
    assert read_found_csv(place) == {"quiet": (), "a": (Spotted(0, 1),)}
    with pytest.raises(BadInputError, match="row 2: offset must be a whole frame, got ''"):
        read_found_csv(_file(tmp_path, "vid,onset,offset,type\na,1,,me\n"))


def test_a_table_with_a_header_only_holds_nothing(tmp_path):
    assert read_found_csv(_file(tmp_path, "vid,pred_onset,pred_offset,type\n")) == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "row 1: wanted one column vid or video or video_name, got nothing"),
        ("vid,onset,type\n", "row 1: wanted one column pred_offset or offset or end"),
        ("vid,onset,start,offset,type\n", "row 1: wanted one column pred_onset or onset or start"),
        ("vid,onset,offset,type\na,1,2,2\n", r"row 2: type is me or mae \(micro or macro\), got '2'"),
        ("vid,onset,offset,type\na,1,2,me\na,x,2,me\n", "row 3: onset must be a whole frame, got 'x'"),
        ("vid,onset,offset,type\na,1,2.5,me\n", "row 2: offset must be a whole frame, got '2.5'"),
        ("vid,onset,offset,type\na,1,inf,me\n", "row 2: offset must be a whole frame"),
        ("vid,onset,offset,type\na,3,2,me\n", "row 2: onset 3 is after offset 2"),
        ("vid,onset,offset,type\n ,1,2,me\n", "row 2: the film has no name"),
        ("vid,onset,offset,type\na,1,2\n", "row 2: 3 cells under 4 columns"),
    ],
)
def test_a_table_that_cannot_be_is_refused_by_row(tmp_path, text, told):
    with pytest.raises(BadInputError, match=told):
        read_found_csv(_file(tmp_path, text, "pred.csv"))


def test_what_the_table_of_emotions_cannot_hold_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="SUBJECT/VIDEO here, got 'film'"):
        write_str_csv(tmp_path / "pred.csv", {"film": ()})
    with pytest.raises(ValueError, match="7/film: 0-9 has no emotion"):
        write_str_csv(tmp_path / "pred.csv", {"7/film": (Spotted(0, 9),)})


def test_nothing_is_overwritten_unasked_and_what_is_not_there_or_no_text_is_said(tmp_path):
    place = _file(tmp_path, "kept")
    for write in (lambda: write_recognition_log(place, PREDICTIONS), lambda: write_spotting_csv(place, FOUND)):
        with pytest.raises(BadOutputError, match="exists; choose another name"):
            write()
    assert place.read_text() == "kept"
    with pytest.raises(BadOutputError, match="cannot write the recognition log"):
        write_recognition_log(tmp_path / "no" / "log.txt", PREDICTIONS)
    with pytest.raises(BadInputError, match=r"cannot read the spotting log .*No such file"):
        read_spotting_log(tmp_path / "none.txt")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInputError, match="it is not UTF-8 text"):
        read_found_csv(tmp_path / "bytes")
