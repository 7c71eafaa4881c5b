from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from micromask.core.errors import BadInputError
from micromask.studies.coding import add_coder, labels_of, remove_label, save_label
from micromask.studies.labels import Decision, label_document
from micromask.studies.store import open_store
from micromask.studies.undo import Steps, redo, steps, undo


def test_undo_takes_back_and_redo_brings_back_one_change_at_a_time(case):
    add_coder(case.folder, "ann")
    first = case.code("ann", 1, 0, "sad")
    second = case.code("ann", 1, 0, "anger")
    assert undo(case.folder, "ann", 1).label == first
    assert undo(case.folder, "ann", 1).label is None
    assert labels_of(case.folder, "ann", 1) == ()
    assert redo(case.folder, "ann", 1).label == first
    assert redo(case.folder, "ann", 1).label == second
    with pytest.raises(BadInputError, match="nothing to redo for ann"):
        redo(case.folder, "ann", 1)


def test_undo_reaches_neither_other_coders_nor_other_films(case):
    for name in ("ann", "ben"):
        add_coder(case.folder, name)
    hers = case.code("ann", 1, 0, "sad")
    his = case.code("ben", 1, 0, "anger")
    there = case.code("ann", 2, 0, "anger")
    undo(case.folder, "ben", 1)
    with pytest.raises(BadInputError, match="nothing to undo for ben"):
        undo(case.folder, "ben", 1)
    assert labels_of(case.folder, "ann", 1) == (hers,)
    assert labels_of(case.folder, "ann", 2) == (there,)
    assert redo(case.folder, "ben", 1).label == his


def test_whoever_goes_on_after_an_undo_cannot_redo(case):
    add_coder(case.folder, "ann")
    case.code("ann", 1, 0, "sad")
    case.code("ann", 1, 1, "sad")
    undo(case.folder, "ann", 1)
    case.code("ann", 1, 2, "sad")
    assert steps(case.folder, "ann", 1) == Steps(undo=2, redo=0)
    with pytest.raises(BadInputError, match="nothing to redo"):
        redo(case.folder, "ann", 1)


def test_undo_can_go_back_over_a_restart(case):
    add_coder(case.folder, "ann")
    for number in range(4):
        case.code("ann", 1, number, "sad")
    with open_store(case.folder) as store:
        assert store.execute("SELECT count(*) FROM change").fetchone()[0] == 4
    for _ in range(4):
        undo(case.folder, "ann", 1)
    assert labels_of(case.folder, "ann", 1) == ()


def test_any_sequence_of_changes_undos_and_redos_is_a_walk_along_the_states_that_were(case):
    """The model is a plain list of states with a position in it."""
    runs = iter(range(1000))

    class Walk(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.coder = add_coder(case.folder, f"coder {next(runs)}")
            self.states: list[dict] = [{}]
            self.at = 0

        def now(self) -> dict:
            made = labels_of(case.folder, self.coder, 1)
            return {label.id: {k: v for k, v in label_document(label).items() if k != "made"} for label in made}

        def moved(self) -> None:
            self.states = [*self.states[: self.at + 1], self.now()]
            self.at += 1

        @rule(number=st.integers(0, 3), emotion=st.sampled_from(["sad", "anger", ""]), sure=st.integers(1, 5))
        def code(self, number: int, emotion: str, sure: int) -> None:
            case.code(self.coder, 1, number, emotion, confidence=sure)
            self.moved()

        @rule(onset=st.integers(0, 20), length=st.integers(0, 20))
        def mark(self, onset: int, length: int) -> None:
            told = Decision("micro", "sad", None, onset, None, onset + length)
            save_label(case.folder, case.design, self.coder, 1, told)
            self.moved()

        @rule(which=st.integers(0, 50))
        def remove(self, which: int) -> None:
            if present := sorted(self.states[self.at]):
                remove_label(case.folder, self.coder, 1, present[which % len(present)])
                self.moved()

        @rule()
        def back(self) -> None:
            if self.at:
                undo(case.folder, self.coder, 1)
                self.at -= 1
            else:
                with pytest.raises(BadInputError):
                    undo(case.folder, self.coder, 1)

        @rule()
        def forth(self) -> None:
            if self.at + 1 < len(self.states):
                redo(case.folder, self.coder, 1)
                self.at += 1
            else:
                with pytest.raises(BadInputError):
                    redo(case.folder, self.coder, 1)

        @invariant()
        def labels_are_those_of_the_state(self) -> None:
            assert self.now() == self.states[self.at]
            assert steps(case.folder, self.coder, 1) == Steps(self.at, len(self.states) - 1 - self.at)

    quick = settings(
        max_examples=12,
        stateful_step_count=20,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Walk, settings=quick)
