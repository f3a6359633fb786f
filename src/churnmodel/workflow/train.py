"""How does a training become a champion that others can use? (bundles, the gate, the record, MLflow)"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from churnmodel.evaluation.champion import Choice
from churnmodel.evaluation.checks import FORBIDDING
from churnmodel.evaluation.judged import share_worked
from churnmodel.models.spec import ModelSpec
from churnmodel.scoring.atomic import only_writer
from churnmodel.scoring.bands import Bands, choose_bands
from churnmodel.scoring.bundle import BundleParts, Flagged, write_bundle
from churnmodel.scoring.champion import keep_bundle, set_champion, sweep_bundles
from churnmodel.tracking.runs import Logged, log_training
from churnmodel.workflow.flat import learn_flat
from churnmodel.workflow.gate import Refused, gate
from churnmodel.workflow.money import keep_money
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.record import FOLDER, Record, record_of, write_record
from churnmodel.workflow.similar import keep_past
from churnmodel.workflow.tracked import experiment_of, pooled_figures, run_of
from churnmodel.workflow.training import Learned, learn


@dataclass(frozen=True)
class Trained:
    """What a training left behind; `refused` is what the gate said against the model that had won."""

    learned: Learned
    logged: Logged
    champion: Path | None
    record: Path
    refused: tuple[Refused, ...] = ()


def train(project: Project, *, revision: str = "unknown", progress: Progress = silent) -> Trained:
    """Learn, choose a champion, bundle and track every model, and publish the champion where the gate lets it.

    Parameters
    ----------
    revision
        Of the code, as the caller knows it; it is written into the bundles.

    Raises
    ------
    AuditError, ModelError
        As `churnmodel.workflow.training.learn`.
    TrackingError
        MLflow could not be told. The champion and the record are published by then.
    """
    learned = learn_any(project, progress)
    # one at a time from here: pointer, record and runs are of the same training
    with only_writer(project.home / FOLDER):
        return _publish(project, learned, revision, progress)


def learn_any(project: Project, progress: Progress = silent) -> Learned:
    """Everything `train` computes, from a company's tables or from a flat one."""
    return (learn_flat if project.is_flat else learn)(project, progress)


def _publish(project: Project, learned: Learned, revision: str, progress: Progress) -> Trained:
    bundles = _kept(project, learned, revision)
    record = record_of(project, learned, {name: folder.name for name, folder in bundles.items()})
    learned, refused = _past_the_gate(project, learned, record, bundles)
    if refused:
        record = record_of(project, learned, record.bundles)
    champion = learned.choice.champion
    # without a champion this time, an earlier one stays in use: it was earned, and nothing replaced it
    place = _crowned(project, record, bundles[champion], learned.choice) if champion else None
    kept_at = write_record(project.home, record, lambda folder: _with_more(project, learned, folder))
    sweep_bundles(project.home, record.bundles.values())
    logged = log_training(
        [run_of(project, learned, record, name, bundles.get(name)) for name in learned.models],
        home=project.home,
        uri=project.settings.tracking.uri,
        experiment=experiment_of(project),
        champion=champion,
        challenger=learned.choice.challenger,
        progress=progress,
    )
    return Trained(learned, logged, place, kept_at, refused)


def _kept(project: Project, learned: Learned, revision: str) -> dict[str, Path]:
    """Every model's bundle, so that each can be promoted: name -> its folder under ``<home>/models``.

    A model that only a pickle could keep is tracked without one.
    """
    kept = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in (n for n in learned.models if _spec(learned, n).is_servable):
            write_bundle(Path(scratch) / name, bundle_parts(project, learned, name, revision))
            kept[name] = keep_bundle(project.home, Path(scratch) / name)
    return kept


def _with_more(project: Project, learned: Learned, folder: Path) -> None:
    if not learned.caveat:  # all that follows a book from month to month, which a flat table does not
        keep_money(learned.backtest, project.settings, learned.best, folder)
        keep_past(learned.X, folder)


def _past_the_gate(
    project: Project, learned: Learned, record: Record, bundles: Mapping[str, Path]
) -> tuple[Learned, tuple[Refused, ...]]:
    """The training, without its champion where the gate refuses it, and why."""
    choice = learned.choice
    refused = gate(project, record, bundles[choice.champion]) if choice.champion else ()
    if not refused:
        return learned, ()
    why = f"The gate refuses {choice.champion}: {' '.join(map(str, refused))}"
    way = (
        f'No champion: the one in use stays. `churnmodel promote {choice.champion} --force "REASON"` overrules it.'
    )
    verdict = None if learned.verdict is None else replace(learned.verdict, is_champion=False)
    choice = Choice(None, choice.champion, (*choice.reasons, why, way))
    return replace(learned, choice=choice, verdict=verdict), refused


def _crowned(project: Project, record: Record, bundle: Path, choice: Choice) -> Path:
    won = [r for r in choice.reasons if r.startswith(f"{choice.champion} ")]
    reason = won[-2] if len(won) > 1 else ""  # the last one only says that it is the champion
    return set_champion(project.home, bundle, how="train", training=record.name, reason=reason)


def bundle_parts(project: Project, learned: Learned, name: str, revision: str) -> BundleParts:
    """What the bundle of a model is made of."""
    spec = _spec(learned, name)
    X = learned.X.loc[learned.outcomes.index]
    left = learned.outcomes.eq(1.0).any(axis=1)
    return BundleParts(
        name=name,
        title=spec.title,
        model=learned.models[name],
        curve=learned.backtest.final_curves[name],
        features=learned.features,
        X=X,
        window=learned.backtest.window,
        trained_until=project.until.date(),
        as_ofs=sorted({a.date() for a in X.index.get_level_values("as_of")}),
        churners=int(left.sum()),
        churned_accounts=int(left.groupby(level="account_id").any().sum()),
        bands=_bands(learned, name),
        metrics=_figures(learned, name),
        findings=_flagged(learned, name),
        data_hash=learned.data_hash,
        revision=revision,
        currency=project.settings.project.currency,
        project=project.settings.project.name,
        caveat=learned.caveat,
    )


def _figures(learned: Learned, name: str) -> dict[str, dict[str, Any]]:
    figures: dict[str, dict[str, Any]] = dict(pooled_figures(learned.leaderboard, name))
    if learned.span is not None and name == learned.best:
        figures["auroc"] = {**figures["auroc"], "as far as can be told": str(learned.span)}
    return figures


def _flagged(learned: Learned, name: str) -> tuple[Flagged, ...]:
    """What fired or warns: all of it for the best model, which was asked; of others what is about the data."""
    found = []
    for finding in learned.findings:
        about_it = name == learned.best or finding.code in FORBIDDING
        if about_it and (finding.fired or finding.detail.get("warning")):
            # the one message that names an account, which a bundle must not hold
            is_named = finding.code == "CHN001"
            message = "A feature has seen the future; the training says which." if is_named else finding.message
            found.append(Flagged(finding.code, finding.title, finding.fired, message))
    return tuple(found)


def _spec(learned: Learned, name: str) -> ModelSpec:
    return {spec.name: spec for spec in learned.specs}[name]


def _bands(learned: Learned, name: str) -> Bands:
    said = learned.backtest.predictions
    headline = "risk_renewal" if "risk_renewal" in said else "risk"  # a flat table knows no renewals
    mine = said[said["model"] == name]
    # red is what the team can work, orange twice that again; who can work nearly all is still told whom first
    red = min(share_worked(learned.backtest.capacity, mine["as_of"]), 0.4)
    risk = mine[headline].to_numpy(dtype="float64")
    return choose_bands(risk, red_share=red, orange_share=min(2 * red, 0.9 - red))
