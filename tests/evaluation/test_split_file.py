import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.results import Sample, Split
from micromask.core.types import SubjectId
from micromask.evaluation.protocols import SplitOptions, make_splits, protocols, with_validation
from micromask.evaluation.split_file import read_splits, write_splits

SAMPLES = [
    Sample(f"{who}, {clip}", f"{who}, {clip}", SubjectId("lab", who), who, "sad", attributes={"gender": gender})
    for who, gender in (("Ánn", "f"), ("bo", "m"), ("cy", "f"), ("di", "m"), ("ed", "m"))
    for clip in (1, 2)
] + [Sample("zoë", "zoë", SubjectId("other", "zoë"), "zoë", "glad", attributes={"gender": "f"})]


@pytest.mark.parametrize("name", sorted(protocols))
def test_what_was_written_is_read_again_for_every_protocol(name, tmp_path):
    options = SplitOptions(by="gender") if name == "by-attribute" else SplitOptions()
    splits = make_splits(name, SAMPLES, options)
    if all(len({each.rpartition(",")[0] for each in split.train}) > 1 for split in splits):
        splits = tuple(with_validation(split, SAMPLES, options) for split in splits)
    write_splits(tmp_path / "splits.csv", SAMPLES, splits)
    assert read_splits(tmp_path / "splits.csv", SAMPLES) == splits


@settings(max_examples=50, deadline=None)
@given(names=st.lists(st.text("ab,;\"'\n #é", min_size=1, max_size=6), min_size=2, max_size=6, unique=True))
def test_any_name_of_a_sample_survives(names, tmp_path_factory):
    samples = [Sample(name, "c", SubjectId("x", "1"), "r", "sad") for name in names if name.strip()]
    if len({name.strip() for name in names}) < len(names) or len(samples) < 2:
        return
    path = tmp_path_factory.mktemp("names") / "splits.csv"
    splits = (Split("1", frozenset([samples[0].id]), frozenset(each.id for each in samples[1:])),)
    write_splits(path, samples, splits)
    assert read_splits(path, samples) == splits


def test_the_table_is_plain_and_the_same_each_time(tmp_path):
    split = Split("fold 1", frozenset({"bo, 1"}), frozenset({"zoë"}), frozenset({"Ánn, 2"}))
    write_splits(tmp_path / "one.csv", SAMPLES, [split])
    assert (tmp_path / "one.csv").read_text(encoding="utf-8") == (
        "sample,clip,subject,fold,split\n"
        '"Ánn, 2","Ánn, 2",lab/Ánn,fold 1,validation\n'
        '"bo, 1","bo, 1",lab/bo,fold 1,train\n'
        "zoë,zoë,other/zoë,fold 1,test\n"
    )


def test_nothing_is_overwritten_unless_asked_and_nothing_half_written_stays(tmp_path):
    path = tmp_path / "splits.csv"
    splits = make_splits("loso", SAMPLES)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(BadOutputError, match=r"splits\.csv exists; choose another name or ask to overwrite it"):
        write_splits(path, SAMPLES, splits)
    with pytest.raises(ValueError, match="names Ánn, 1, which is no sample"):
        write_splits(path, SAMPLES[1:], splits, overwrite=True)
    assert path.read_text(encoding="utf-8") == "mine"
    write_splits(path, SAMPLES, splits, overwrite=True)
    assert len(read_splits(path, SAMPLES)) == 6
    assert [each.name for each in tmp_path.iterdir()] == ["splits.csv"]
    with pytest.raises(BadOutputError, match=r"cannot write the splits .*: No such file or directory"):
        write_splits(tmp_path / "nowhere" / "splits.csv", SAMPLES, splits)


def test_two_folds_of_one_name_are_not_written(tmp_path):
    split = make_splits("loso", SAMPLES)[0]
    with pytest.raises(ValueError, match="fold 'lab/bo' stands twice"):
        write_splits(tmp_path / "splits.csv", SAMPLES, [split, split])
    assert not (tmp_path / "splits.csv").exists()


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "theirs.csv"
    path.write_bytes(text.encode(encoding))
    return read_splits(path, SAMPLES)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ('Split,Fold,Sample\nTRAIN,1,zoë\ntest,1,"bo, 1"\n', "utf-8"),
        ("split;fold;sample;note\r\ntrain;1;zoë;\r\n\r\n ;;;\r\ntest;1;bo, 1;mine\r\n", "utf-8-sig"),
        ("split\tfold\tsample\tclip\tsubject\ntrain\t1\tzoë\tzoë\t\ntest\t1\tbo, 1\t\tlab/bo\n", "utf-8"),
    ],
    ids=["other order and case", "a spreadsheet's semicolons", "tabs"],
)
def test_a_table_of_somebody_elses_is_read(tmp_path, text, encoding):
    assert read(tmp_path, text, encoding) == (Split("1", frozenset({"zoë"}), frozenset({"bo, 1"})),)


HEAD = "sample,clip,subject,fold,split\n"
GOOD = "zoë,zoë,other/zoë,1,train\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + GOOD + "zoe,,,1,test\n", "row 3: no sample 'zoe' among the 11 of this data set, such as Ánn, 1"),
        (HEAD + GOOD + ",,,1,test\n", "row 3: sample is empty"),
        (HEAD + GOOD + '"bo, 1",,,1,dev\n', "row 3: split is train, validation, test, got 'dev'"),
        (HEAD + GOOD + '"bo, 1",,,1,\n', "row 3: split is train, validation, test, got ''"),
        (HEAD + GOOD + "zoë,,,1,test\n", "row 3: zoë stands in fold 1 already, in row 2"),
        (HEAD + GOOD + "zoë,,,1,train\n", "row 3: zoë stands in fold 1 already, in row 2"),
        (HEAD + GOOD + '"bo, 1",,,,test\n', "row 3: bo, 1 has no fold; call it 1"),
        (HEAD + GOOD + '"bo, 1",,lab/cy,1,test\n', "row 3: bo, 1 is of subject lab/bo, not lab/cy"),
        (HEAD + GOOD + '"bo, 1","bo, 2",,1,test\n', "row 3: bo, 1 is of clip bo, 1, not bo, 2"),
        (HEAD + GOOD + '"bo, 1",,1,test\n', "row 3: 4 cells under 5 columns"),
        (HEAD + GOOD, "rows 2 to 2: fold 1 has 1 samples to train on and 0 to test on; it needs both"),
        (HEAD + GOOD + '"bo, 1",,,1,test\n"bo, 1",,,2,test\n', "rows 4 to 4: fold 2 has 0 samples to train on and 1"),
        (HEAD, "has a header and no rows"),
        ("", "row 1: no column sample, fold, split; wanted sample, clip, subject, fold, split, got nothing"),
        ("sample,fold\nzoë,1\n", "row 1: no column split; wanted .*, got sample, fold"),
    ],
)
def test_every_mistake_is_refused_with_file_and_row(tmp_path, text, message):
    with pytest.raises(BadInputError, match=message) as refused:
        read(tmp_path, text)
    assert str(refused.value).startswith("theirs.csv")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(BadInputError, match=r"cannot read the splits .*nowhere\.csv: No such file or directory"):
        read_splits(tmp_path / "nowhere.csv", SAMPLES)
    with pytest.raises(BadInputError, match="it is not UTF-8 text"):
        read(tmp_path, HEAD + GOOD, "utf-16")
