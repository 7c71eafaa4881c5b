from __future__ import annotations

import itertools
import json

import pytest

from micromask.studies.labels import CANNOT_TELL
from micromask.studies.store import open_store


def test_a_film_comes_with_its_true_times_its_kept_frames_and_the_coders_labels(site):
    ann = site.browser("ann")
    film = ann.get("/studies/study/api/coding/ann/films/1")
    assert film["times"] == [round(index / 25, 6) for index in range(100)]
    assert [(frame["number"], frame["frame"], frame["time"]) for frame in film["frames"]][:2] == [
        (1, 12, 0.48),
        (2, 25, 1.0),
    ]
    first = film["frames"][0]
    assert first["size"] == 256
    assert set(first["regions"]) == {"eyes", "mouth"}
    assert (first["item"], first["intended"]) == ("sun", "happiness")
    assert film["candidates"] == [[30, 35, 44]]
    assert film["emotions"] == ["anger", "sadness", "happiness"]
    assert film["masked"] == ["happy_but_sad", "happy_but_angry"]
    assert (film["labels"], film["undo"], film["redo"]) == ([], 0, 0)


def test_a_label_is_saved_found_again_undone_and_redone(site):
    ann = site.browser("ann")
    saved = ann.label(1, 2, "sadness", action_units="L15b, 1", confidence=4, covered=["eyes"], note="brief")
    label = saved["label"]
    assert (label["emotion"], label["action_units"], label["confidence"]) == ("sadness", "1+L15B", 4)
    assert (label["covered"], label["note"], saved["undo"], saved["redo"]) == (["eyes"], "brief", 1, 0)
    assert ann.get("/studies/study/api/coding/ann/films/1")["labels"] == [label]
    gone = ann.post("/studies/study/api/coding/ann/films/1/undo")
    assert (gone["id"], gone["label"], gone["undo"], gone["redo"]) == (label["id"], None, 0, 1)
    assert ann.post("/studies/study/api/coding/ann/films/1/redo")["label"] == label
    removed = ann.post(f"/studies/study/api/coding/ann/films/1/labels/{label['id']}/remove")
    assert (removed["label"], removed["undo"]) == (None, 2)
    assert ann.get("/studies/study/api/coding/ann/films")["films"][0]["coded"] == {"micro": 0, "masked": 0}


def test_an_interval_is_saved_and_changed_by_its_id(site):
    ann = site.browser("ann")
    saved = ann.label(1, None, "happiness", onset=30, apex=35, offset=44)
    changed = ann.label(1, None, "happiness", onset=29, apex=35, offset=44, id=saved["id"])
    assert changed["id"] == saved["id"]
    assert [label["onset"] for label in ann.get("/studies/study/api/coding/ann/films/1")["labels"]] == [29]


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"emotion": "joy"}, "'joy' is no micro label of this study"),
        ({"number": 99}, "recording 1 has no kept frame 99"),
        ({"action_units": "smiles"}, "such as 4, L12B"),
        ({"confidence": 9}, "confidence is 1 to 5"),
        ({"number": None, "onset": 30, "offset": 200}, "offset 200 lies behind the film"),
        ({"kind": "macro"}, "this request is not in order: kind"),
        ({"emotion": 5}, "this request is not in order: emotion"),
    ],
)
def test_what_cannot_be_saved_is_one_line_and_changes_nothing(site, told, line):
    ann = site.browser("ann")
    value = {"kind": "micro", "emotion": "sadness", "number": 2} | told
    answer = ann.post("/studies/study/api/coding/ann/films/1/labels", value, status=422)
    assert line in answer["error"]
    assert "\n" not in answer["error"]
    assert ann.get("/studies/study/api/coding/ann/films/1")["labels"] == []


def test_nothing_that_one_coder_said_is_in_anything_that_another_gets(site):
    """Ann's words stand nowhere in the answers to Ben, through every request that a coder can make."""
    ann, ben = site.browser("ann"), site.browser("ben")
    ann.label(1, 1, "anger", note="annsnote", action_units="4E")
    ann.label(1, 2, CANNOT_TELL)
    ann.label(1, 1, "happy_but_angry", "masked")
    interval = ann.label(1, None, "anger", onset=31, apex=33, offset=37)
    ben.seen.clear()
    ben.label(1, 1, "sadness")
    ben.get("/studies/study/api/coding/ben/films")
    document = ben.get("/studies/study/api/coding/ben/films/1")
    ben.post("/studies/study/api/coding/ben/films/1/undo")
    ben.post("/studies/study/api/coding/ben/films/1/redo")
    ben.post("/studies/study/api/coding/ben/films/1/undo")
    ben.post("/studies/study/api/coding/ben/films/1/undo", status=422)
    ben.post(f"/studies/study/api/coding/ben/films/1/labels/{interval['id']}/remove", status=422)
    for text in ben.seen:
        told = json.loads(text)
        for name in ("emotions", "masked"):
            told.pop(name, None)
        for frame in told.get("frames", ()):
            frame.pop("intended", None)
        plain = json.dumps(told)
        for word in ("anger", "angry", "annsnote", "cannot tell", "4E", '"ann"', "37"):
            assert word not in without_clock(plain), (word, plain)
    assert [label["emotion"] for label in document["labels"]] == ["sadness"]
    assert [film["coded"]["micro"] for film in ben.get("/studies/study/api/coding/ben/films")["films"]] == [0, 0]


def without_clock(text: str) -> str:
    """The answer without numbers of frames, measures and times, in which any number may stand."""
    told = json.loads(text)
    for name in ("times", "frames", "saved", "lead"):
        told.pop(name, None)
    for label in (*told.get("labels", ()), told.get("label") or {}):
        label.pop("made", None)
    return json.dumps(told)


@pytest.mark.parametrize("blind", [True, False])
def test_the_stimulus_is_told_only_where_the_study_is_not_blind_to_it(request, blind):
    site = request.getfixturevalue("blind_site" if blind else "site")
    ann = site.browser("ann")
    ann.label(1, 1, "sadness")
    film = ann.get("/studies/study/api/coding/ann/films/1")
    film.pop("emotions")
    text = json.dumps(film) + json.dumps(ann.get("/studies/study/api/coding/ann/films"))
    found = [word for word in ("sun", "rain", "happiness", "intended", "item") if f'"{word}"' in text]
    assert found == ([] if blind else ["sun", "rain", "happiness", "intended", "item"])
    if blind:
        page = ann.client.get("/studies/study/coding/ann/1").text
        assert not any(word in page for word in ("sun", "rain"))


def test_a_browser_codes_under_the_name_that_was_chosen_on_it_and_no_other(site):
    ann, ben = site.browser("ann"), site.browser("ben")
    label = {"kind": "micro", "emotion": "anger", "number": 1}
    for path in ("films", "films/1"):
        answer = ben.get(f"/studies/study/api/coding/ann/{path}", status=403)
        assert "this browser codes as 'ben': choose 'ann' on the coding page first" in answer["error"]
    for path in ("films/1/labels", "films/1/undo", "films/1/redo", "films/1/labels/1/remove"):
        ben.post(f"/studies/study/api/coding/ann/{path}", label, status=403)
    nobody = site.browser()
    assert "no coder is chosen" in nobody.get("/studies/study/api/coding/ann/films", status=403)["error"]
    assert ann.get("/studies/study/api/coding/ann/films/1")["labels"] == []
    ben.post("/studies/study/api/coding/me", {"name": "ann"})
    assert ben.get("/studies/study/api/coding/ann/films/1")["labels"] == []


def test_coders_are_added_and_chosen_by_name(site):
    ann = site.browser("ann")
    assert ann.get("/studies/study/api/coding/coders") == {"coders": ["ann"], "me": "ann"}
    assert (
        "there is a coder 'ann' already"
        in ann.post("/studies/study/api/coding/coders", {"name": "Ann"}, status=422)["error"]
    )
    assert "there is no coder 'zoe'" in ann.post("/studies/study/api/coding/me", {"name": "zoe"}, status=422)["error"]
    assert (
        site.browser("Zoë B.").get("/studies/study/api/coding/Zo%C3%AB%20B./films")["films"][0]["participant"] == "P01"
    )


def test_the_film_is_served_whole_and_in_the_bytes_that_are_asked_for(site):
    ann = site.browser("ann")
    data = (site.folder / "films" / "P01" / "1-images.mp4").read_bytes()
    whole = ann.client.get("/studies/study/api/films/1")
    assert (whole.status_code, whole.content == data) == (200, True)
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["accept-ranges"] == "bytes"
    part = ann.client.get("/studies/study/api/films/1", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, data[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(data)}"
    behind = ann.client.get("/studies/study/api/films/1", headers={"Range": f"bytes={len(data)}-"})
    assert behind.status_code == 416


def test_pictures_are_served_by_number_in_full_and_small(site):
    ann = site.browser("ann")
    full = ann.client.get("/studies/study/api/films/1/frames/2")
    assert full.content == (site.folder / "frames" / "P01" / "1" / "0002.png").read_bytes()
    assert full.headers["content-type"] == "image/png"
    small = ann.client.get("/studies/study/api/films/1/frames/2/small")
    assert small.headers["content-type"] == "image/jpeg"
    assert len(small.content) < len(full.content) / 4


def test_films_and_pictures_need_a_sign_in_a_film_and_a_standing_consent(site):
    ann = site.browser("ann")
    paths = [
        "/studies/study/api/films/1",
        "/studies/study/api/films/1/frames/2",
        "/studies/study/api/films/1/frames/2/small",
    ]
    ann.client.cookies.clear()
    assert [ann.client.get(path).status_code for path in paths] == [401, 401, 401]
    ben = site.browser("ben")
    missing = [
        "/studies/study/api/films/9",
        "/studies/study/api/films/1/frames/99",
        "/studies/study/api/films/9/frames/1/small",
        "/studies/study/api/films/x",
    ]
    assert [ben.client.get(path).status_code for path in missing] == [422, 422, 422, 422]
    with open_store(site.folder) as store:
        store.execute("UPDATE consent SET withdrawn = '2026-02-02' WHERE participant = 'P01'")
    for path in [*paths, "/studies/study/api/coding/ben/films/1"]:
        assert "the consent of P01 does not stand" in ben.get(path, status=422)["error"]
    assert ben.client.get("/studies/study/coding/ben/1").status_code == 422


def test_a_picture_whose_path_leads_out_of_the_study_is_not_served(site):
    (site.folder.parent / "secret.png").write_bytes(b"secret")
    with open_store(site.folder) as store:
        store.execute("UPDATE frame SET path = '../secret.png' WHERE recording = 1 AND number = 2")
        store.execute("UPDATE recording SET path = '../secret.png' WHERE id = 1")
    ann = site.browser("ann")
    for path in (
        "/studies/study/api/films/1/frames/2",
        "/studies/study/api/films/1/frames/2/small",
        "/studies/study/api/films/1",
    ):
        assert "secret.png" in ann.get(path, status=422)["error"]
        assert ann.client.get(path).content != b"secret"


def test_two_coders_take_turns_and_each_keeps_a_history_of_their_own(site):
    ann, ben = site.browser("ann"), site.browser("ben")
    for number, (who, emotion) in itertools.product((1, 2, 3), ((ann, "anger"), (ben, "sadness"))):
        assert who.label(1, number, emotion)["undo"] == number
    ann.post("/studies/study/api/coding/ann/films/1/undo")
    assert [label["number"] for label in ann.get("/studies/study/api/coding/ann/films/1")["labels"]] == [1, 2]
    assert [label["number"] for label in ben.get("/studies/study/api/coding/ben/films/1")["labels"]] == [1, 2, 3]


def test_the_pages_are_there_and_another_coders_page_leads_back_to_the_choice(site):
    ann = site.browser("ann")
    assert "Films to code, for ann" in ann.client.get("/studies/study/coding").text
    assert 'data-recording="1"' in ann.client.get("/studies/study/coding/ann/1").text
    assert "Agreement" in ann.client.get("/studies/study/coding/agreement").text
    away = ann.client.get("/studies/study/coding/ben/1", follow_redirects=False)
    assert (away.status_code, away.headers["location"]) == (303, "/studies/study/coding")
    for path in ("/studies/study/coding", "/studies/study/coding/ann/1", "/studies/study/coding/agreement"):
        text = ann.client.get(path).text
        assert "<script>" not in text
        assert "style=" not in text
        assert "onclick" not in text
