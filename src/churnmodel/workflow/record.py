"""What did the last training say? (kept beside the bundles, so that it can be read without MLflow)"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.scoring.atomic import publish_folder, replace_json, unfinished_folder

if TYPE_CHECKING:
    from churnmodel.workflow.project import Project
    from churnmodel.workflow.training import Learned

FOLDER, LATEST = "training", "latest.json"
TABLES = ("leaderboard", "predictions", "folds", "labels")


@dataclass(frozen=True)
class Record:
    """A training as it can be read back.

    Parameters
    ----------
    leaderboard, predictions, folds, report
        As in `Learned`: every metric with its interval; one row per judged snapshot and model; the folds; the
        label report.
    about
        horizon_days, caveat (to be said beside any figure, or empty), capacity, champion, challenger, reasons,
        findings, never_filled.
    """

    leaderboard: pd.DataFrame
    predictions: pd.DataFrame
    folds: pd.DataFrame
    report: pd.DataFrame
    about: dict[str, Any]


def write_record(project: Project, learned: Learned) -> Path:
    """Keep the training as Parquet and JSON under ``<home>/training/<name>`` and point to it."""
    played, choice = learned.backtest, learned.choice
    about = {
        "project": project.settings.project.name,
        "currency": project.settings.project.currency,
        "horizon_days": played.window.horizon_days,
        "lead_days": played.window.lead_days,
        "caveat": learned.caveat,
        "capacity": played.capacity,
        "champion": choice.champion,
        "challenger": choice.challenger,
        "reasons": list(choice.reasons),
        "findings": [asdict(f) for f in learned.findings],
        "refusals": [asdict(r) for r in played.refusals],
        "never_filled": list(learned.never_filled),
        "titles": {spec.name: spec.title for spec in learned.specs},
        "data_hash": learned.data_hash,
    }
    text = json.dumps(about, indent=1, default=str) + "\n"
    name = hashlib.sha256((text + learned.leaderboard.to_csv()).encode()).hexdigest()[:12]
    place = project.home / FOLDER / name
    with unfinished_folder(beside=place) as unfinished:
        learned.leaderboard.to_parquet(unfinished / "leaderboard.parquet", index=False)
        played.predictions.to_parquet(unfinished / "predictions.parquet", index=False)
        played.folds.reset_index().to_parquet(unfinished / "folds.parquet", index=False)
        learned.report.rename_axis("as_of").reset_index().to_parquet(unfinished / "labels.parquet", index=False)
        (unfinished / "about.json").write_text(text, encoding="utf-8")
        publish_folder(unfinished, place)
    replace_json(project.home / FOLDER / LATEST, {"training": name})
    return place


def read_record(home: Path) -> Record:
    """The last training of a project (ModelError where there is none yet)."""
    place = home / FOLDER
    try:
        place /= json.loads((place / LATEST).read_text(encoding="utf-8"))["training"]
        about = json.loads((place / "about.json").read_text(encoding="utf-8"))
        tables = {name: pd.read_parquet(place / f"{name}.parquet") for name in TABLES}
    except FileNotFoundError as cause:
        raise ModelError(f"no training in {home} yet. Run 'churnmodel train'.") from cause
    except (OSError, ValueError, KeyError) as cause:
        raise ModelError(f"{place} cannot be read: {cause}. Run 'churnmodel train' again.") from cause
    return Record(
        leaderboard=tables["leaderboard"],
        predictions=tables["predictions"],
        folds=tables["folds"].set_index("fold"),
        report=tables["labels"].set_index("as_of"),
        about=about,
    )
