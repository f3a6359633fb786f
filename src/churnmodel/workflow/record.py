"""What did the last training say? (kept beside the bundles, so that it can be read without MLflow)"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.evaluation.compare import compared
from churnmodel.evaluation.scorecard_weights import NewWeights
from churnmodel.evaluation.shared import JUDGED, RENEWAL, asked_of, shared_among
from churnmodel.evaluation.verdict import Verdict
from churnmodel.scoring.atomic import publish_folder, replace_json, unfinished_folder
from churnmodel.workflow.money import keep_money, read_money

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
        horizon_days, capacity, champion, challenger, reasons, findings, never_filled, money (its settings).
    money
        What the training is worth, by name of the frame (`churnmodel.workflow.money.Money`); empty where the
        record is older.
    verdict, weights
        The best model against what the team has, and better weights for its scorecard; None where a training kept
        none (weights also where there is no scorecard).
    """

    leaderboard: pd.DataFrame
    predictions: pd.DataFrame
    folds: pd.DataFrame
    report: pd.DataFrame
    about: dict[str, Any]
    money: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def within(self, asked: str, *, draws: int = 300, seed: int = 0) -> pd.DataFrame:
        """The whole comparison by another question, as `leaderboard` has it for the judged horizon.

        Parameters
        ----------
        asked
            ``"renewal"`` (churn by the next renewal) or a number of days the models gave a risk for.

        Raises
        ------
        ModelError
            The models were not asked that (names what they were asked), or nothing of it is known yet.
        """
        could = [question for question in asked_of(self.predictions) if question != JUDGED]
        if asked not in could:
            days = ", ".join(question for question in could if question != RENEWAL)
            raise ModelError(
                f"the last training says nothing of {asked!r}: wanted {RENEWAL}, or days out of {days}."
            )
        if asked == str(self.about["horizon_days"]):
            asked = JUDGED
        rows = shared_among(self.predictions, list(self.about["titles"]), self.about["capacity"], asked)
        return compared(rows, draws=draws, seed=seed)
    verdict: Verdict | None = None
    weights: NewWeights | None = None


def write_record(project: Project, learned: Learned) -> Path:
    """Keep the training as Parquet and JSON under ``<home>/training/<name>`` and point to it."""
    played, choice = learned.backtest, learned.choice
    about = {
        "project": project.settings.project.name,
        "currency": project.settings.project.currency,
        "horizon_days": project.window.horizon_days,
        "lead_days": project.window.lead_days,
        "capacity": played.capacity,
        "champion": choice.champion,
        "challenger": choice.challenger,
        "reasons": list(choice.reasons),
        "findings": [asdict(f) for f in learned.findings],
        "refusals": [asdict(r) for r in played.refusals],
        "never_filled": list(learned.never_filled),
        "titles": {spec.name: spec.title for spec in (*learned.specs, *learned.competitors)},
        "verdict": learned.verdict.to_json(),
        "weights": None if learned.weights is None else learned.weights.to_json(),
        "data_hash": learned.data_hash,
        "money": project.settings.money.model_dump() | {"model": learned.best},
    }
    text = json.dumps(about, indent=1, default=str) + "\n"
    name = hashlib.sha256((text + learned.leaderboard.to_csv()).encode()).hexdigest()[:12]
    place = project.home / FOLDER / name
    with unfinished_folder(beside=place) as unfinished:
        learned.leaderboard.to_parquet(unfinished / "leaderboard.parquet", index=False)
        played.predictions.to_parquet(unfinished / "predictions.parquet", index=False)
        played.folds.reset_index().to_parquet(unfinished / "folds.parquet", index=False)
        learned.report.rename_axis("as_of").reset_index().to_parquet(unfinished / "labels.parquet", index=False)
        keep_money(played, project.settings, learned.best, unfinished)
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
        money = read_money(place)
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
        money=money,
        verdict=Verdict.from_json(verdict) if (verdict := about.get("verdict")) else None,
        weights=NewWeights.from_json(weights) if (weights := about.get("weights")) else None,
    )
