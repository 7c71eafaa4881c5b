"""The command line: `micromask VERB`. Data goes to stdout, talk to stderr, and an error is one line and exit code 2."""

from __future__ import annotations

import os
import sys

import typer

from micromask.app.cli.analyze import analyze_command, spot_command
from micromask.app.cli.demo import demo_command
from micromask.app.cli.doctor import doctor_command
from micromask.app.cli.talk import say_error
from micromask.core.errors import MicromaskError

app = typer.Typer(
    name="micromask",
    help="Facial micro-expressions and masked expressions, from a recording to a timeline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("analyze")(analyze_command)
app.command("spot")(spot_command)
app.command("demo")(demo_command)
app.command("doctor")(doctor_command)


def _show_version(wanted: bool) -> None:
    if wanted:
        from micromask import __version__

        typer.echo(f"micromask {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),
) -> None:
    """Facial micro-expressions and masked expressions, from a recording to a timeline."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    # Film is decoded in one thread and followed in another; torch's own threads would only be in their way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        app()
    except MicromaskError as error:
        say_error(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        say_error("stopped; nothing was written for the recording in progress")
        sys.exit(130)
    except BrokenPipeError:
        # Whoever reads our output has had enough; closing it again at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
