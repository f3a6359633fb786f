"""What do the features of a family, or of a name, buy this project? (`churnmodel ablate`)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from churnmodel import charts
from churnmodel.errors import ModelError, SettingsError
from churnmodel.evaluation.ablation import Variant, ablation, family_variants, glob_variants
from churnmodel.evaluation.backtest import backtest
from churnmodel.models.spec import ModelSpec
from churnmodel.scoring.atomic import replace_text
from churnmodel.tracking.later import add_figure
from churnmodel.workflow.past import checked, look_back
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.record import read_record
from churnmodel.workflow.tracked import experiment_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Ablated:
    """A model with and without some of its features.

    Parameters
    ----------
    model
        Its name.
    variants
        What was fitted, the model as it is first.
    table
        As from `churnmodel.evaluation.ablation.ablation`.
    rounds
        In how many as_ofs the variants were judged.
    """

    model: str
    variants: tuple[Variant, ...]
    table: pd.DataFrame
    rounds: int


def ablate(
    project: Project, without: Sequence[str] = (), *, model: str | None = None, progress: Progress = silent
) -> Ablated:
    """Replay the model through the same folds as in training, with fewer features.

    Parameters
    ----------
    without
        Globs over feature names, each left out on its own; empty: every family, left out and alone.
    model
        Its name; None: the champion of the last training.

    Raises
    ------
    ModelError
        There was no training yet, or it had no champion; a glob matches nothing; or too little history.
    SettingsError
        No such model.
    AuditError
        A table is not fit to learn from.
    """
    settings, training = project.settings, project.settings.training
    spec = _spec(project, model)
    checked(project, progress)
    past = look_back(project, progress)
    variants = glob_variants(spec, past.features, without) if without else family_variants(spec, past.features)
    played = backtest(
        project.db,
        past.X,
        past.cohort,
        [v.spec for v in variants if v.refused is None],
        past.features,
        project.window,
        past.folds,
        capacity=training.capacity,
        seed=training.seed,
        threads=training.threads,
        progress=lambda what, k, n: progress(f"backtest: {what}", k, n),
    )
    progress("comparing", 0, 1)
    table = ablation(played, variants, settings.money, draws=training.draws, seed=training.seed)
    progress("comparing", 1, 1)
    return Ablated(spec.name, variants, table, int(played.predictions["as_of"].nunique()))


def write_ablation(found: Ablated, *, csv: Path | None = None, chart: Path | None = None) -> tuple[Path, ...]:
    """Write the table as CSV, and what is lost in churned MRR caught as a PNG; the files that were written."""
    written = []
    if csv is not None:
        written.append(replace_text(csv, found.table.to_csv(index=False)))
    if chart is not None:
        ablation_chart(found).savefig(chart)
        written.append(chart)
    return tuple(written)


def ablation_chart(found: Ablated) -> Figure:
    """What is lost in churned MRR caught, a bar per variant."""
    caught = found.table[(found.table["metric"] == "mrr_caught_at_capacity") & (found.table["kind"] != "all")]
    points = caught.assign(**{name: 100 * caught[name] for name in ("difference", "low", "high")})
    title = f"What {found.model} catches less, or more, with fewer features"
    return charts.ablation(points, title, "points of churned MRR caught, against all features")


def track_ablation(project: Project, found: Ablated) -> str | None:
    """Add the chart to the model's run of the last training, as ``ablation.png``; None where no run is kept.

    Raises
    ------
    TrackingError
        MLflow cannot be reached or written.
    """
    try:
        training = read_record(project.home).name
    except ModelError:
        return None  # a model may be asked about before any training
    return add_figure(
        ablation_chart(found),
        "ablation.png",
        training=training,
        model=found.model,
        home=project.home,
        uri=project.settings.tracking.uri,
        experiment=experiment_of(project),
    )


def _spec(project: Project, model: str | None) -> ModelSpec:
    specs = {spec.name: spec for spec in project.specs}
    name = read_record(project.home).about["champion"] if model is None else model
    if name is None:
        raise ModelError(
            f"the last training chose no champion to ask about; name a model: --model {' or '.join(specs)}"
        )
    if name not in specs:
        raise SettingsError(f"no model {name!r} among training.models (there are: {', '.join(specs)})")
    return specs[name]
