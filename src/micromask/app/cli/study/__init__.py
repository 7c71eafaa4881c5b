"""`micromask study`: build your own data set, from a plan to labelled frames."""

from __future__ import annotations

import typer

from micromask.app.cli.study.export import export_command
from micromask.app.cli.study.forget import forget_command
from micromask.app.cli.study.frames import frames_command
from micromask.app.cli.study.import_ import import_command
from micromask.app.cli.study.new import new_command
from micromask.app.cli.study.serve import serve_command
from micromask.app.cli.study.status import status_command
from micromask.app.cli.study.withdraw import withdraw_command

study_app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
)
study_app.command("new", short_help="Make the folder of a study from a plan.")(new_command)
study_app.command("serve", short_help="Record and code in the browser, on this machine.")(serve_command)
study_app.command("import", short_help="Take in a film that was made elsewhere.")(import_command)
study_app.command("frames", short_help="Cut films into faces, one each half second.")(frames_command)
study_app.command("status", short_help="Who took part, what is coded, what comes next.")(status_command)
study_app.command("export", short_help="Write the settled labels as a data set.")(export_command)
study_app.command("withdraw", short_help="A participant takes their consent back.")(withdraw_command)
study_app.command("forget", short_help="Remove one participant, and prove it.")(forget_command)


@study_app.callback(invoke_without_command=True)
def _options(context: typer.Context) -> None:
    """Build your own data set: a plan, recordings, frames, labels of several coders, an export."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
