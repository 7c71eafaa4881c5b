"""`micromask audit`: whether to believe a split or predictions, ours or anybody's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from micromask.app.cli.batch import finish
from micromask.app.cli.talk import out, plain, progress_bar, say
from micromask.core.errors import BadInputError
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.core.clips import Finding
    from micromask.evaluation.audit import Case, Facts

STYLES = {"leak": "bold red", "error": "bold red", "caution": "yellow", "note": "dim"}

LINES = 6
"""Lines of evidence of a finding that are shown: the counts and some examples; --json has more."""


def audit_command(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE.csv|RUN", help="A table with clip, subject and split, or a run's folder.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    facts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML or JSON: how it was chosen and fitted, what was claimed.")
    ] = None,
    people: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV with subject, person: who stands under two names.")
    ] = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Of a run: train its model to tell who instead of what, print both.")
    ] = False,
) -> None:
    """Look for leaks between training and test data, and for figures that are worth less than they look.

    The exit code is 1 where a leak is found, else 0.
    """
    from micromask.evaluation.audit import audit, not_looked_at, read_facts, read_people, with_looks

    case = _case(table, None if facts is None else read_facts(facts), None if people is None else read_people(people))
    probed = _probe(table) if probe else None
    if {"image", "train", "test"} <= case.known:
        with progress_bar(str(table), len(case.rows["image"].cat.categories)) as done:
            case = with_looks(case, done)
    seen, lacking = _seen_by_the_run(table, not_looked_at(case))
    findings = sorted((*audit(case), *seen), key=lambda each: (not each.code.startswith("LK"), each.code))
    if as_json:
        told: dict[str, Any] = {"findings": [_document(each) for each in findings]}
        typer.echo(json.dumps(told | ({"probe": probed} if probed else {}), indent=2, ensure_ascii=False))
    else:
        tested = case.members["split"] == "test"
        people_words = count(case.members["who"].nunique(), "subject")
        samples = f"{count(len(case.members), 'row')}, {count(int(tested.sum()), 'test sample')}"
        folds = count(max(1, len(case.rows["fold"].cat.categories)), "fold")
        out().print(Text(f"{plain(str(table))}  {samples}, {people_words}, {folds}"))
        for finding in findings:
            _show(finding)
        leaks, cautions = (sum(each.severity == kind for each in findings) for kind in ("leak", "caution"))
        out().print(Text(f"{count(leaks, 'leak')}, {count(cautions, 'caution')}", style="bold"))
        if probed is not None:
            from micromask.app.cli.evaluate import probe_line

            out().print(Text(plain(probe_line(probed))))
    if lacking:
        say("not looked for, and what it takes: " + "; ".join(f"{code} ({wanted})" for code, wanted in lacking.items()))
    finish(1 if any(each.severity in ("leak", "error") for each in findings) else 0)


def _case(table: Path, facts: Facts | None, people: Mapping[str, str] | None) -> Case:
    """The case of a table, or of a run's folder, ours or one with a table in it."""
    from micromask.evaluation.audit import Facts, case_of, read_case
    from micromask.evaluation.run_files import FILES, read_run

    if not (table / FILES["document"]).is_file():
        return read_case(table, facts, people)
    known = facts or Facts()
    return case_of(read_run(table)[1], known if people is None else replace(known, people=dict(people)))


def _seen_by_the_run(table: Path, lacking: Mapping[str, str]) -> tuple[list[Finding], dict[str, str]]:
    """What a run looked for itself and its tables cannot show any more, such as its pictures: those findings, and the
    codes that neither could look for.
    """
    from micromask.core.clips import Finding
    from micromask.evaluation.run_files import FILES, read_document

    if not (table / FILES["document"]).is_file():
        return [], dict(lacking)
    document = read_document(table)
    neither = {code: wanted for code, wanted in lacking.items() if code in document["not_looked_at"]}
    seen = [each for each in document["findings"] if each["code"] in set(lacking) - set(neither)]
    return [Finding(each["code"], each["title"], each["severity"], tuple(each["evidence"])) for each in seen], neither


def _probe(run: Path) -> Mapping[str, Any]:
    """The identity probe of a run: the one that it made, or one made now of the same data and model."""
    from micromask.app.cli.task import probe_again
    from micromask.evaluation.run_files import FILES, read_run

    if not (run / FILES["document"]).is_file():
        raise BadInputError(f"{run}: --probe trains the run's own model again: give the folder of a run of 'evaluate'")
    document, results = read_run(run)
    return document.get("probe") or probe_again(results)


def _document(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "title": finding.title,
        "severity": finding.severity,
        "evidence": list(finding.evidence),
    }


def _show(finding: Finding) -> None:
    console = out()
    style = STYLES.get(finding.severity, "")
    console.print(Text(f"{finding.code} {finding.severity}: {finding.title}", style=style))
    for line in finding.evidence[:LINES]:
        console.print(Text(f"  {plain(line)}"))
    if len(finding.evidence) > LINES:
        console.print(Text("  ...; more with --json"))
