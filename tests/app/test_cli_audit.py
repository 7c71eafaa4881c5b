"""`micromask audit` as a person and a program use it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from micromask.evaluation.audit import Facts, make_case, write_case

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "audit.md"


def block(kind: str) -> str:
    found = re.search(rf"^```{kind}\n(.*?)^```$", HOW_TO.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def honest() -> pd.DataFrame:
    rows = [(f"c{who}-{at}", f"s{who:02d}", "test" if who % 2 else "train") for who in range(24) for at in range(3)]
    return pd.DataFrame(rows, columns=["clip", "subject", "split"])


def test_the_example_of_the_page_prints_what_the_page_says(micromask, here):
    (here / "split.csv").write_text(block("csv"), encoding="utf-8")
    command, wanted = block("text").split("\n", 1)
    assert command == "$ micromask audit split.csv"
    done = micromask("audit", "split.csv")
    assert done.code == 1
    assert done.out == wanted


def test_an_honest_split_ends_with_0_and_says_what_was_not_looked_for(micromask, here):
    honest().to_csv(here / "split.csv", index=False)
    done = micromask("audit", "split.csv")
    assert done.code == 0
    assert done.out.splitlines() == [
        "split.csv  72 rows, 36 test samples, 24 subjects, 1 fold",
        "0 leaks, 0 cautions",
    ]
    assert done.error.startswith("not looked for, and what it takes: EV001 (column 'truth'); ")
    assert "LK003 (column 'image')" in done.error


def test_json_holds_the_findings_and_nothing_else(micromask, here):
    (here / "split.csv").write_text(block("csv"), encoding="utf-8")
    done = micromask("audit", "split.csv", "--json")
    assert done.code == 1
    document = json.loads(done.out)
    assert list(document) == ["findings"]
    assert [list(each) for each in document["findings"]] == [["code", "title", "severity", "evidence"]] * 2
    assert document["findings"][0] == {
        "code": "LK001",
        "title": "the same subject is on both sides",
        "severity": "leak",
        "evidence": [
            "1 subject of 2 tested, in 1 of 1 fold; 1 test sample is theirs",
            "sub01: 1 to train on, 1 to test on",
        ],
    }
    honest().to_csv(here / "honest.csv", index=False)
    done = micromask("audit", "honest.csv", "--json")
    assert (done.code, json.loads(done.out)) == (0, {"findings": []})


def test_cautions_alone_end_with_0(micromask, here):
    honest().query("subject < 's12'").to_csv(here / "few.csv", index=False)
    done = micromask("audit", "few.csv", "--json")
    assert done.code == 0
    assert [each["code"] for each in json.loads(done.out)["findings"]] == ["EV003"]


def test_the_facts_of_the_page_are_read_and_judged(micromask, here):
    honest().to_csv(here / "split.csv", index=False)
    (here / "facts.toml").write_text(block("toml"), encoding="utf-8")
    done = micromask("audit", "split.csv", "--facts", "facts.toml", "--json")
    assert done.code == 1
    codes = [each["code"] for each in json.loads(done.out)["findings"]]
    assert codes == ["LK004", "LK005", "LK006", "EV005", "EV007", "EV008"]


def test_people_under_two_names_are_given_as_a_table(micromask, here):
    honest().to_csv(here / "split.csv", index=False)
    (here / "people.csv").write_text("subject,person\ns00,ann\ns01,ann\n", encoding="utf-8")
    done = micromask("audit", "split.csv", "--people", "people.csv")
    assert done.code == 1
    assert "LK007 leak: one person under two names is on both sides" in done.out
    assert "  ann is s00 to train on, s01 to test on" in done.out


def test_a_runs_folder_is_audited_with_its_facts(micromask, here):
    write_case(make_case("run", honest(), Facts(selection="as-published")), here)
    done = micromask("audit", ".", "--json")
    assert done.code == 1
    assert [each["code"] for each in json.loads(done.out)["findings"]] == ["LK004"]


def test_pictures_are_read_with_a_line_of_talk(micromask, here):
    import numpy as np
    from PIL import Image

    table = honest().assign(image=lambda t: t["clip"] + ".png")
    rng = np.random.default_rng(0)
    for name in table["image"]:
        Image.fromarray(rng.integers(0, 256, (32, 32), dtype=np.uint8)).save(here / name)
    (here / "c1-0.png").write_bytes((here / "c0-0.png").read_bytes())
    table.to_csv(here / "split.csv", index=False)
    done = micromask("audit", "split.csv")
    assert done.code == 1
    assert "LK003 leak: near-duplicate pictures are on both sides" in done.out
    assert "  c1-0.png is c0-0.png (s01 and s00), correlation 1.000" in done.out
    assert done.err.startswith("split.csv: 72 frames in ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clip,subject\na,ann\n", "split.csv: no column 'split'; there is: clip, subject"),
        ("clip,subject,split\na,ann,tset\n", "split.csv, row 2: split is train, validation or test, got 'tset'"),
    ],
)
def test_a_table_that_cannot_be_ends_with_2_and_one_line(micromask, here, text, message):
    (here / "split.csv").write_text(text, encoding="utf-8")
    done = micromask("audit", "split.csv", "--json")
    assert (done.code, done.out) == (2, "")
    assert done.error == f"error: {message}"


def test_a_table_that_is_not_there_ends_with_2(micromask, here):
    assert micromask("audit", "nowhere.csv").error == "error: nowhere.csv: no such file or folder"
    assert micromask("audit").code == 2


def test_orders_to_the_terminal_in_a_name_are_shown_and_not_obeyed(micromask, here):
    (here / "split.csv").write_text("clip,subject,split\na,\x1b[2Jann,train\nb,\x1b[2Jann,test\n", encoding="utf-8")
    done = micromask("audit", "split.csv")
    assert "\x1b" not in done.out
    assert "\\x1b[2Jann" in done.out
