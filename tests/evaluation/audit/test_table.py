"""Tables as anybody writes them, and a case written and read again."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from micromask.core.errors import BadInputError
from micromask.evaluation.audit import Claims, Facts, audit, make_case, not_looked_at, read_case, write_case

PLAIN = "clip,subject,split\na,ann,train\nb,bo,test\n"


def write(folder, text, name="table.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN, id="plain"),
        pytest.param("\ufeff" + PLAIN, id="with a byte-order mark"),
        pytest.param(PLAIN.replace(",", ";"), id="with semicolons"),
        pytest.param(PLAIN.replace(",", "\t"), id="with tabs"),
        pytest.param(PLAIN.replace("\n", "\r\n"), id="from Windows"),
        pytest.param(" Clip , SUBJECT,Split\n a , ann , Training \n b ,bo, TEST\n", id="with blanks and capitals"),
        pytest.param("split,note,subject,clip\ntrain,x,ann,a\ntest,,bo,b\n", id="other columns and order"),
        pytest.param(PLAIN + "\n , ,\n\n", id="with empty lines"),
        pytest.param("clip,subject,split,fold,truth\na,ann,train,,\nb,bo,test,,\n", id="with empty columns"),
        pytest.param('"clip","subject","split"\n"a","ann","train"\n"b","bo","test"\n', id="quoted"),
    ],
)
def test_a_table_is_read_however_it_is_written(tmp_path, text):
    case = read_case(write(tmp_path, text))
    rows = [tuple(map(str, row)) for row in case.rows[["clip", "subject", "split"]].itertuples(index=False)]
    assert rows == [("a", "ann", "train"), ("b", "bo", "test")]
    assert case.known == {"clip", "subject", "who", "train", "test"}


def test_every_column_is_kept_and_other_names_are_understood(tmp_path):
    header = "clip,subject,split,fold,label,pred,video,frame,path,corpus,seed,apex_from\n"
    case = read_case(write(tmp_path, header + "a,01,test,2,joy,fear,film,7,x/a.png,samm,3,coder\n"))
    row = case.rows.astype(object).drop(columns="person").iloc[0].to_dict()
    assert row == {
        "clip": "a",
        "subject": "01",
        "split": "test",
        "fold": "2",
        "truth": "joy",
        "prediction": "fear",
        "recording": "film",
        "frame": "7",
        "image": "x/a.png",
        "dataset": "samm",
        "seed": "3",
        "apex_from": "coder",
        "who": "samm/01",
    }
    assert case.root == tmp_path


def test_words_that_pandas_takes_for_nothing_are_names(tmp_path):
    case = read_case(write(tmp_path, "clip,subject,split,truth\nNA,None,train,null\nb,nan,test,NA\n"))
    assert list(case.rows["clip"]) == ["NA", "b"]
    assert list(case.rows["subject"]) == ["None", "nan"]
    assert list(case.rows["truth"]) == ["null", "NA"]


REFUSED = {
    "": "no header; wanted columns clip, subject, split",
    "clip,subject,split\n": "no rows below the header",
    "clip,person,split\na,ann,test\n": "no column 'subject'; there is: clip, person, split",
    "clip,subjects,split\na,ann,test\n": "is 'subjects' meant?",
    "clip,clip,subject,split\na,a,ann,test\n": "column 'clip' is there twice",
    "clip,subject,split\na,ann,train\nb,,test\n": "row 3: no subject; every row needs clip, subject and split",
    "clip,subject,split\n\na,ann,tset\n": "row 3: split is train, validation or test, got 'tset'",
    "clip,subject,split\na,ann,train\n": "no row has the split 'test'",
    "clip,subject,split,fold\na,ann,train,1\nb,bo,test,\n": "row 3: no fold, but other rows have one",
    "clip,subject,split\na,ann,train\nb,bo,test,1,2\n": "cannot be read as a CSV table: ",
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items())
def test_a_table_that_cannot_be_is_refused_with_the_place(tmp_path, text, message):
    path = write(tmp_path, text)
    with pytest.raises(BadInputError) as caught:
        read_case(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_no_file_a_folder_without_a_table_and_bytes_are_refused(tmp_path):
    with pytest.raises(BadInputError, match="no such file or folder"):
        read_case(tmp_path / "nowhere.csv")
    with pytest.raises(BadInputError, match=r"no audit\.csv in this folder"):
        read_case(tmp_path)
    (tmp_path / "film.mp4").write_bytes(bytes(range(256)))
    with pytest.raises(BadInputError, match="cannot be read as a CSV table"):
        read_case(tmp_path / "film.mp4")


def test_a_case_that_was_written_is_read_again(tmp_path, tables):
    facts = replace(
        tables.honest,
        people={"s01": "ann"},
        gain=1.5,
        gain_interval=(-0.5, 3.5),
        labels=("negative", "positive", "surprise"),
        claims=Claims({"accuracy": "97.50"}, average="macro", classes=3, samples=60, supports=(20, 20, 20)),
    )
    case = make_case("before", tables.loso().assign(seed="1"), facts)
    write_case(case, tmp_path)
    again = read_case(tmp_path)
    assert again.facts == facts
    pd.testing.assert_frame_equal(again.rows.astype(object), case.rows.astype(object))
    assert audit(again) == audit(case)
    assert read_case(tmp_path, Facts()).facts == Facts(), "facts that are given stand in for those of the folder"


def test_what_could_not_be_looked_for_is_told_with_what_it_takes(tables):
    lacking = not_looked_at(make_case("bare", tables.hold_out()[["clip", "subject", "split"]]))
    assert lacking["LK003"] == "column 'image'"
    assert lacking["LK007"] == "table of people or column 'person'"
    assert lacking["EV006"] == "column 'truth' and column 'prediction' or claimed figures and column 'truth'"
    assert not {"LK001", "LK002", "LK004", "EV003"} & set(lacking)
    assert not_looked_at(make_case("full", tables.loso(), tables.honest)).keys() == {
        "LK003", "LK007", "EV002", "EV004", "EV007", "EV008",
    }  # fmt: skip


@pytest.mark.slow
def test_half_a_million_rows_are_audited_in_seconds(tmp_path):
    rng = np.random.default_rng(0)
    who = rng.integers(0, 70, 7143)
    frames = pd.DataFrame(
        {
            "clip": [f"s{person}-{clip}" for person, clip in zip(who, rng.integers(0, 8, len(who)), strict=True)],
            "subject": [f"s{person}" for person in who],
            "frame": np.arange(len(who)).astype(str),
            "truth": rng.choice(["a", "b", "c"], len(who)),
        }
    )
    loso = [frames.assign(fold=str(f), split=np.where(who == f, "test", "train")) for f in range(70)]
    pd.concat(loso, ignore_index=True).to_csv(tmp_path / "loso.csv", index=False)
    started = time.perf_counter()
    assert audit(read_case(tmp_path / "loso.csv")) == ()
    assert time.perf_counter() - started < 60
