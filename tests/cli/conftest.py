"""`churnmodel` in this process: what it leaves is what a shell would see, in a tenth of the time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from churnmodel.cli import main
from churnmodel.cli.console import console


@dataclass(frozen=True)
class Said:
    """An exit code, stdout and stderr."""

    exit_code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of stderr, but for "  step ...", which is the progress where there is no terminal for bars."""
        return [line for line in self.err.splitlines() if line and not line.startswith("  ")]


@pytest.fixture
def act(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run it with these arguments, on a terminal wide enough to keep sentences whole."""
    monkeypatch.setattr(console, "width", 300)

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["churnmodel", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return Said(int(end.value.code or 0), told.out, told.err)

    return run
