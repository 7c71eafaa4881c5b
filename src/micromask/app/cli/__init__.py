"""The command line: `micromask VERB`. Data goes to stdout, talk to stderr, and an error is one line and exit code 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import typer

from micromask.app.cli.agree import agree_command
from micromask.app.cli.analyze import analyze_command, spot_command
from micromask.app.cli.app import app_command
from micromask.app.cli.audit import audit_command
from micromask.app.cli.cache import cache_app
from micromask.app.cli.cohort import cohort_command
from micromask.app.cli.compare import compare_command
from micromask.app.cli.datasets import datasets_app
from micromask.app.cli.demo import demo_command
from micromask.app.cli.doctor import doctor_command
from micromask.app.cli.evaluate import evaluate_command
from micromask.app.cli.live import live_command
from micromask.app.cli.megc import megc_app
from micromask.app.cli.models import models_app
from micromask.app.cli.predict import predict_command
from micromask.app.cli.reproduce import reproduce_command
from micromask.app.cli.stopped import StoppedError
from micromask.app.cli.study import study_app
from micromask.app.cli.talk import say_error
from micromask.app.cli.train import train_command
from micromask.core.errors import MicromaskError

WrongUse = cast("type[typer.BadParameter]", typer.BadParameter.__base__)
"""What typer raises for a wrong option, argument or verb: the class of its own that it gives no name to."""

INTERRUPTED = 130

app = typer.Typer(
    name="micromask",
    help="Facial micro-expressions and masked expressions, from a recording to a timeline.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("analyze", short_help="Find expressions and write a report of each recording.")(analyze_command)
app.command("spot", short_help="Find the intervals only: no emotions, no files.")(spot_command)
app.command("demo", short_help="Make a clip with known expressions and analyse it.")(demo_command)
app.command("app", short_help="All of it in the browser, on this machine.")(app_command)
app.command("live", short_help="Watch a camera in a window: faces, emotions, expressions.")(live_command)
app.command("doctor", short_help="Say what works, what is missing and how to get it.")(doctor_command)
app.command("predict", short_help="Faces of pictures, and what a model of yours sees in each.")(predict_command)
app.command("evaluate", short_help="Models on a data set, and what their figures are worth.")(evaluate_command)
app.command("train", short_help="One model on all the data, with its card.")(train_command)
app.command("audit", short_help="Look for leaks in a split or in predictions, anybody's.")(audit_command)
app.command("agree", short_help="Two models on the same unlabelled film: how far they agree.")(agree_command)
app.command("cohort", short_help="Emotions per minute by group of people, from your analyses.")(cohort_command)
app.command("compare", short_help="Runs side by side: figures, differences, significance.")(compare_command)
app.command("reproduce", short_help="A paper put to the test: as published, and on new people.")(reproduce_command)
app.add_typer(datasets_app, name="datasets", short_help="Corpora: list, info, check, synthesize.")
app.add_typer(models_app, name="models", short_help="Networks and classifiers: list, info, export.")
app.add_typer(megc_app, name="megc", short_help="Files of the MEGC challenges: spotting, log, convert.")
app.add_typer(study_app, name="study", short_help="Build your own data set: new, serve, frames, export, ...")
app.add_typer(cache_app, name="cache", short_help="What was prepared once and kept: info, clear.")


def _show_version(wanted: bool) -> None:
    if wanted:
        from micromask import __version__

        typer.echo(f"micromask {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),
) -> None:
    """Facial micro-expressions and masked expressions, from a recording to a timeline."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A file's name may hold what the terminal cannot show.
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on ``arguments``, the process's own if none are given.

    Returns
    -------
    int
        The exit code: 0 done, 1 some recordings of several not done or something broken, 2 not done, 130 stopped.
    """
    # Film is decoded in one thread and followed in another; torch's own threads would only be in their way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        code = app(args=arguments, prog_name="micromask", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except WrongUse as error:
        where = error.ctx.command_path if error.ctx else "micromask"
        file = _named_like_an_option(sys.argv[1:] if arguments is None else arguments)
        todo = f"a file of such a name is given as ./{file}" if file else f"see {where} --help"
        say_error(f"{error.format_message().rstrip('.')}; {todo}")
        return 2
    except StoppedError as error:
        say_error(str(error))
        return INTERRUPTED
    except MicromaskError as error:
        say_error(str(error))
        return 2
    except (BrokenPipeError, SystemExit):
        # Typer and rich turn a reader that has had enough into an exit of their own; our commands never exit so.
        _close_quietly()
        return 0
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except OSError as error:
        if error.filename is None:
            _close_quietly()
        say_error(f"{error.filename or 'the output'}: {error.strerror or error}")
        return 2
    if code == INTERRUPTED:
        say_error("stopped; nothing was written for the recording in progress")
    return int(code or 0)


def _named_like_an_option(arguments: Sequence[str]) -> str:
    """The first argument that begins with a dash and is a file here; '' where none is."""
    return next((str(each) for each in arguments if str(each).startswith("-") and Path(str(each)).exists()), "")


def _close_quietly() -> None:
    """Whoever reads our output takes no more: what is left in the buffer must not complain at exit."""
    stdout = sys.__stdout__
    if stdout is not None and sys.stdout is stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
