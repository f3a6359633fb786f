"""What did the last training say? (kept beside the bundles, so that it can be read without MLflow)"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.evaluation.backtest import Backtest, Refusal
from churnmodel.evaluation.compare import compared
from churnmodel.evaluation.scorecard_weights import NewWeights
from churnmodel.evaluation.shared import JUDGED, RENEWAL, SharedRows, asked_of, shared_among, shared_rows
from churnmodel.evaluation.verdict import Verdict
from churnmodel.scoring.atomic import publish_folder, replace_json, unfinished_folder
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.flat import OneOutcome
from churnmodel.workflow.money import read_money

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
        project, currency, data_until, window, edges, capacity, models (in order), champion, challenger, best
        (the champion, or who would be it but for a leak or the gate), span (of its AUROC, in a small book),
        reasons, findings, refusals, never_filled, titles, estimators, data_hash, caveat (said of figures of a
        flat table, else empty), not_servable (models without a bundle), money (its settings) and bundles (model ->
        version of its bundle).
    """

    leaderboard: pd.DataFrame
    predictions: pd.DataFrame
    folds: pd.DataFrame
    report: pd.DataFrame
    about: dict[str, Any]
    name: str
    money: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    verdict: Verdict | None = None
    weights: NewWeights | None = None

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
        if self.caveat:
            raise ModelError(
                f"--within {asked}: a flat table has one outcome, so the last training was compared by no other."
            )
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

    @property
    def caveat(self) -> str:
        """What is to be said beside any figure, as of a flat table; empty where models were judged out of time."""
        return str(self.about.get("caveat", ""))

    @property
    def bundles(self) -> Mapping[str, str]:
        """Model -> the short version of its bundle, kept under ``<home>/models``."""
        return dict(self.about.get("bundles", {}))

    @cached_property
    def backtest(self) -> Backtest:
        """The judged predictions as a `Backtest`; without warm-up folds and calibrations, which are not kept."""
        about = self.about
        return Backtest(
            predictions=self.predictions,
            warm_up_predictions=self.predictions.iloc[:0],
            folds=self.folds,
            curves={},
            final_curves={},
            refusals=tuple(Refusal(**r) for r in about["refusals"]),
            capacity=about["capacity"],
            window=_window(about),
            models=tuple(about["models"]),
            edges=tuple(about["edges"]),
        )

    @cached_property
    def rows(self) -> SharedRows:
        """The judged rows that all models share."""
        return shared_rows(self.backtest)


def record_of(project: Project, learned: Learned, bundles: Mapping[str, str]) -> Record:
    """The record of a training just made, whose bundles have these versions."""
    played, choice, window = learned.backtest, learned.choice, learned.backtest.window
    about = {
        "project": project.settings.project.name,
        "currency": project.settings.project.currency,
        "data_until": f"{project.until:%Y-%m-%d}",
        "horizon_days": window.horizon_days,
        "lead_days": window.lead_days,
        "window": asdict(window),
        "edges": list(played.edges),
        "caveat": learned.caveat,
        "not_servable": [spec.name for spec in learned.specs if not spec.is_servable],
        "capacity": played.capacity,
        "draws": project.settings.training.draws,
        "seed": project.settings.training.seed,
        "models": list(played.models),
        "champion": choice.champion,
        "challenger": choice.challenger,
        "best": learned.best,
        "span": None if learned.span is None else asdict(learned.span),
        "reasons": list(choice.reasons),
        "findings": [asdict(f) for f in learned.findings],
        "refusals": [asdict(r) for r in played.refusals],
        "never_filled": list(learned.never_filled),
        "titles": {spec.name: spec.title for spec in (*learned.specs, *learned.competitors)},
        "estimators": {spec.name: spec.estimator for spec in learned.specs},
        "verdict": None if learned.verdict is None else learned.verdict.to_json(),
        "weights": None if learned.weights is None else learned.weights.to_json(),
        "data_hash": learned.data_hash,
        "money": project.settings.money.model_dump() | {"model": learned.best},
        "bundles": dict(bundles),
    }
    told = _text(about) + learned.leaderboard.to_csv()
    name = hashlib.sha256(told.encode()).hexdigest()[:12]
    return Record(learned.leaderboard, played.predictions, played.folds, learned.report, about, name)


def write_record(home: Path, record: Record, more: Callable[[Path], None] | None = None) -> Path:
    """Keep the training as Parquet and JSON under ``<home>/training/<name>`` and point to it.

    `more` writes what else belongs to it into the folder, before the folder is seen.
    """
    place = home / FOLDER / record.name
    with unfinished_folder(beside=place) as unfinished:
        record.leaderboard.to_parquet(unfinished / "leaderboard.parquet", index=False)
        record.predictions.to_parquet(unfinished / "predictions.parquet", index=False)
        record.folds.reset_index().to_parquet(unfinished / "folds.parquet", index=False)
        record.report.rename_axis("as_of").reset_index().to_parquet(unfinished / "labels.parquet", index=False)
        (unfinished / "about.json").write_text(_text(record.about), encoding="utf-8")
        if more is not None:
            more(unfinished)
        publish_folder(unfinished, place)
    replace_json(home / FOLDER / LATEST, {"training": record.name})
    return place


def _text(about: Mapping[str, Any]) -> str:
    return json.dumps(about, indent=1, default=str) + "\n"


def _window(about: Mapping[str, Any]) -> LabelWindow | OneOutcome:
    return (OneOutcome if about.get("caveat") else LabelWindow)(**about["window"])


def record_folder(home: Path) -> Path:
    """Where the last training is kept (ModelError where there is none yet)."""
    pointer = home / FOLDER / LATEST
    try:
        return home / FOLDER / str(json.loads(pointer.read_text(encoding="utf-8"))["training"])
    except FileNotFoundError as cause:
        raise ModelError(f"no training in {home} yet. Run 'churnmodel train'.") from cause
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise ModelError(f"{pointer} cannot be read: {cause}. Run 'churnmodel train' again.") from cause


def read_record(home: Path) -> Record:
    """The last training of a project (ModelError where there is none yet)."""
    place = record_folder(home)
    try:
        about = json.loads((place / "about.json").read_text(encoding="utf-8"))
        _window(about)
        tables = {name: pd.read_parquet(place / f"{name}.parquet") for name in TABLES}
        money = read_money(place)
    except FileNotFoundError as cause:
        raise ModelError(f"no training in {home} yet. Run 'churnmodel train'.") from cause
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise ModelError(f"{place} cannot be read: {cause}. Run 'churnmodel train' again.") from cause
    return Record(
        leaderboard=tables["leaderboard"],
        predictions=tables["predictions"],
        folds=tables["folds"].set_index("fold"),
        report=tables["labels"].set_index("as_of"),
        about=about,
        name=place.name,
        money=money,
        verdict=Verdict.from_json(verdict) if (verdict := about.get("verdict")) else None,
        weights=NewWeights.from_json(weights) if (weights := about.get("weights")) else None,
    )
