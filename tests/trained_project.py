"""What does a person have after `churnmodel train` and `churnmodel score`? (a small demo project, fewer models)"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from churnmodel.workflow.demo import write_demo

ROOT = Path(__file__).parents[1]
LEAN = """
[training]
models = ["base_rate", "scorecard", "logistic"]
folds = 2
draws = 50
"""
SAID = "said.json"
Ran = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class TrainedProject:
    """The project's folder, and what the two acts said."""

    folder: Path
    train: Ran
    score: Ran

    @property
    def config(self) -> Path:
        return self.folder / "churnmodel.toml"

    def copy(self, folder: Path) -> TrainedProject:
        """The same project elsewhere, to be damaged; without its runs."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("mlflow*"))
        return TrainedProject(folder, self.train, self.score)


def write_lean_project(folder: Path, settings: str = LEAN) -> Path:
    """A small demo company, three years of 300 accounts, as a project; returns its churnmodel.toml."""
    write_demo(folder, accounts=300)
    config = folder / "churnmodel.toml"
    config.write_text(config.read_text(encoding="utf-8") + settings, encoding="utf-8")
    return config


def train_lean_project(folder: Path) -> TrainedProject:
    """The project after both acts, each in a process of its own."""
    config = write_lean_project(folder)
    acts = [run_churnmodel(act, "-c", str(config)) for act in ("train", "score")]
    assert [act.returncode for act in acts] == [0, 0], [act.stderr for act in acts]
    told = [[act.returncode, act.stdout, act.stderr] for act in acts]
    (folder / SAID).write_text(json.dumps(told), encoding="utf-8")
    return TrainedProject(folder, *acts)


def trained_before(folder: Path) -> TrainedProject | None:
    """The same where it has been trained already, by another worker of this run; None where it has not."""
    if not (folder / SAID).is_file():
        return None
    told = json.loads((folder / SAID).read_text(encoding="utf-8"))
    return TrainedProject(folder, *(Ran([], code, out, err) for code, out, err in told))


def run_churnmodel(*arguments: str, cwd: Path | None = None, columns: int = 300) -> Ran:
    """The `churnmodel` command as a shell would run it; by default wide enough to keep lines whole."""
    return run_python("-c", "from churnmodel.cli import main; main()", *arguments, cwd=cwd, columns=columns)


def run_python(*arguments: str, cwd: Path | None = None, columns: int = 300) -> Ran:
    """This interpreter in a process of its own, with the package of this source tree."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment() | {"COLUMNS": str(columns), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def environment() -> dict[str, str]:
    """This one with the package of this source tree; threads do not spin while another test wants the core."""
    paths = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": paths, "OMP_WAIT_POLICY": "passive"}
