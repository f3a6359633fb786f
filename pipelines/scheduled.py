"""How does a job under a scheduler say what it does, and how does it end?

On stdout it writes JSON, one object per line and nothing else: ``start``, one line per finished step, ``end``.
No line names an account, so the log may go where account names may not. `seconds` counts from the line before,
so a job's lines add up to its time.

========= =========================================================================
exit code
========= =========================================================================
0         done
1         a fault of ours: a traceback on stderr
2         refused: one line on stderr says what was wanted, what came, what to do
3         trained, but no model earned the title (`train.py` alone); one line on stderr says why
========= =========================================================================
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import math
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn, TextIO

# nothing phones home; and a thread with nothing to do sleeps: where other jobs want the same cores, LightGBM's
# otherwise spin at every tree and hold each other up. Libraries read both when they are loaded, so jobs load late.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["BENTOML_DO_NOT_TRACK"] = "true"
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from churnmodel.errors import ChurnmodelError, SettingsError
from churnmodel.settings import Settings, read_settings
from churnmodel.workflow.project import Project

DONE, FAULT, REFUSED, NO_CHAMPION = 0, 1, 2, 3


@dataclass(frozen=True)
class Ended:
    """What a job tells at its end: facts in JSON's own types, its exit code, and what to say on stderr."""

    facts: Mapping[str, Any]
    exit_code: int = DONE
    said: str = ""


@dataclass
class Log:
    """The job's lines. `progress` is the callback the workflow calls: (what, done, total)."""

    job: str
    out: TextIO
    last: float = field(default_factory=time.monotonic)
    step: str | None = None

    def progress(self, what: str, done: int, total: int) -> None:
        """Write a step's line once the next one begins, or all of it is done."""
        step = what.split(":", 1)[0]
        finished = done >= total
        if self.step is not None and (finished or step != self.step):
            self.line(self.step)
        self.step = None if finished else step

    def line(self, step: str, **facts: Any) -> None:
        """One line: when, which job, which step, how long since the line before, and the facts."""
        now = time.monotonic()
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        told = {"at": at, "job": self.job, "step": step, "seconds": round(now - self.last, 3), **facts}
        self.out.write(json.dumps(_plain(told), allow_nan=False) + "\n")
        self.out.flush()
        self.last = now


class Arguments(argparse.ArgumentParser):
    """A parser that refuses in one line, as everything here does."""

    def __init__(self, job: str, question: str | None) -> None:
        super().__init__(prog=f"{job}.py", description=(question or "").split("\n")[0], allow_abbrev=False)
        self.job = job
        self.add_argument("--config", type=Path, default=Path("churnmodel.toml"), help="the project's settings")
        self.add_argument("--data", type=Path, help="a folder or DuckDB file, instead of [data]")
        self.add_argument("--until", type=_day, help="tables are complete to this day, instead of data_until")

    def error(self, message: str) -> NoReturn:
        """What argparse calls where an argument cannot be used."""
        raise SettingsError(f"{message}. {self.prog} --help lists the options.")

    def add_day(self, name: str, text: str) -> None:
        """An option that names a day."""
        self.add_argument(name, type=_day, help=text)


def run(
    parser: Arguments, job: Callable[[argparse.Namespace, Log], Ended], arguments: Sequence[str] | None = None
) -> int:
    """Parse, do the job, and return the exit code; whatever a library prints goes to stderr."""
    # queries are built from many small objects that all stay: looking for dead ones among them seldom finds any
    gc.set_threshold(50_000, 20, 100)
    log = Log(parser.job, sys.stdout)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            options = _parsed(parser, arguments, log)
            given = {k: str(v) for k, v in vars(options).items() if v is not None}
            log.line("start", **given)
            ended = job(options, log)
    except ChurnmodelError as refusal:
        log.line("end", exit=REFUSED, refused=type(refusal).__name__)
        _say(str(refusal))
        return REFUSED
    except Exception as fault:
        log.line("end", exit=FAULT, fault=type(fault).__name__)
        raise
    log.line("end", exit=ended.exit_code, **ended.facts)
    if ended.said:
        _say(ended.said)
    return ended.exit_code


def open_project(options: argparse.Namespace) -> Project:
    """The project the options name; SettingsError says what is wrong with it."""
    settings = read_settings(options.config, data=options.data, horizon_days=getattr(options, "horizon", None))
    return Project(settings if options.until is None else _complete_to(settings, options.until))


def _complete_to(settings: Settings, day: date) -> Settings:
    # data_until is a setting and never the clock: here the scheduler vouches for it, day by day
    until = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - naive UTC is the package's time
    return settings.model_copy(update={"project": settings.project.model_copy(update={"data_until": until})})


def _say(words: str) -> None:
    """One line on stderr. It may quote rows of the tables, so nothing a terminal would obey is in it."""
    line = " ".join(words.split())
    sys.stderr.write(f"churnmodel: {''.join(c for c in line if c.isprintable())}\n")


def _parsed(parser: Arguments, arguments: Sequence[str] | None, log: Log) -> argparse.Namespace:
    given = sys.argv[1:] if arguments is None else arguments
    if {"-h", "--help"} & set(given):
        with contextlib.redirect_stdout(log.out):
            parser.print_help()
        raise SystemExit(DONE)
    return parser.parse_args(given)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"wanted a day such as 2026-01-31, got {text!r}") from None


def _plain(value: Any) -> Any:
    """NaN and infinities as null: JSON has none."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
