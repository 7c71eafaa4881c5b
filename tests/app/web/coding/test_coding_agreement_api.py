from __future__ import annotations

import pytest


@pytest.fixture
def coded(site):
    """Frames 1 to 4: two agreed, one disagreed, one by ann alone."""
    ann, ben = site.browser("ann"), site.browser("ben")
    for number, emotions in {1: ("anger", "anger"), 2: ("", ""), 3: ("sadness", "anger"), 4: ("sadness", None)}.items():
        for who, emotion in zip((ann, ben), emotions, strict=True):
            if emotion is not None:
                who.label(1, number, emotion)
    return ann


def test_the_figures_and_the_disagreements_are_told_with_both_labels(coded):
    told = coded.get("/studies/study/api/agreement")
    (micro,) = told["kinds"]
    overall = micro["figures"][0]
    assert (overall["chance"]["measure"], overall["coders"]) == ("Cohen's kappa", ["ann", "ben"])
    assert overall["chance"]["raw"] == pytest.approx(2 / 3)
    assert overall["chance"]["why"] == "the frames are of one participant: there is no interval over participants"
    assert [(one["number"], one["labels"]) for one in micro["disagreements"]] == [
        (3, {"ann": "sadness", "ben": "anger"})
    ]
    assert told["choices"]["masked"] == ["happy_but_sad", "happy_but_angry"]
    assert (told["coders"], told["me"], told["settled"]) == (["ann", "ben"], "ann", [])


def test_frames_are_settled_by_rule_and_by_people_and_undone(coded):
    rule = coded.post("/studies/study/api/agreement/rule", {"by": "ann", "one_coder": True})
    assert (rule["agreed"], rule["one_coder"], rule["left"], rule["step"]) == (2, 1, 1, 1)
    place = {"recording": 1, "number": 3, "kind": "micro", "how": "discussion", "by": "ann, ben"}
    one = coded.post("/studies/study/api/agreement/settle", {**place, "emotion": "anger", "action_units": "4b"})
    assert (one["how"], one["by"], one["action_units"]) == ("discussion", "ann, ben", "4B")
    told = coded.get("/studies/study/api/agreement")
    assert [(row["number"], row["how"]) for row in told["settled"]] == [
        (1, "agreed"),
        (2, "agreed"),
        (3, "discussion"),
        (4, "one coder"),
    ]
    assert coded.post("/studies/study/api/agreement/undo", {"by": "ann, ben"}) == {"frames": 1}
    assert coded.post("/studies/study/api/agreement/undo", {"by": "ann"}) == {"frames": 3}
    assert (
        "ann has settled nothing" in coded.post("/studies/study/api/agreement/undo", {"by": "ann"}, status=422)["error"]
    )
    assert coded.get("/studies/study/api/agreement")["settled"] == []


def test_what_cannot_be_settled_is_one_line(coded):
    place = {"recording": 1, "number": 3, "kind": "micro", "how": "discussion", "by": "ann"}
    assert (
        "'joy' is no micro label"
        in coded.post("/studies/study/api/agreement/settle", {**place, "emotion": "joy"}, 422)["error"]
    )
    odd = {**place, "emotion": "anger", "how": "agreed"}
    assert "this request is not in order" in coded.post("/studies/study/api/agreement/settle", odd, 422)["error"]
    assert "say who settles" in coded.post("/studies/study/api/agreement/rule", {"by": " "}, 422)["error"]


def test_a_study_that_nobody_has_coded_has_no_figures(site):
    told = site.browser("ann").get("/studies/study/api/agreement")
    assert (told["kinds"], told["settled"]) == ([], [])
