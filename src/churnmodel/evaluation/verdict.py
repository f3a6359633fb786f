"""Is the model better than what the team has, by how much money at its capacity, and how sure is that?

All are judged on the same out-of-time rows and by the same bootstrap draws of accounts. Money decides: the MRR of
accounts that leave, on the list a team can work. Where its interval holds 0, nothing can be told in money, and the
verdict says that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from churnmodel.evaluation.champion import LEAST_CHURNERS
from churnmodel.evaluation.incumbents import covered, direction_of, is_incumbent, source_of
from churnmodel.evaluation.intervals import AccountDraws, bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.judged import Floats, Judged
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.money import drawn_per_list, held_per_list, left_per_list, lists_of
from churnmodel.evaluation.shared import SharedRows, shared_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

Answer = Literal["better", "worse", "cannot be told", "too few churned"]
DRAWS = 1_000
MOST_COVERED = 0.9
"""Under this share of scored snapshots the two are compared on those alone as well."""


@dataclass(frozen=True)
class Gap:
    """A figure of the model and of a rival on the same rows.

    Parameters
    ----------
    model, rival
        The figures; NaN where the rows do not allow one.
    low, high
        95 % interval of ``model - rival`` over accounts; NaN where there is none.
    chance
        The share of draws in which the model is the better one, a draw without difference counting a half.
    """

    model: float
    rival: float
    low: float
    high: float
    chance: float

    @property
    def difference(self) -> float:
        """``model - rival``."""
        return self.model - self.rival


@dataclass(frozen=True)
class Standing:
    """How the model stands against one rival.

    Parameters
    ----------
    rival, title
        Its name in the backtest, and for people: the source, or ``"scorecard"``.
    held
        Churned MRR on the average list, currency units a month.
    auroc, log_loss
        Over the same rows. A log loss is the better the lower it is, and `chance` knows that.
    coverage
        Share of the snapshots of which an incumbent had a score; NaN for a scorecard.
    direction
        Of an incumbent's score, as learned: ``"low is risky"``; empty for a scorecard.
    held_where_scored
        The same as `held` on the rows with a score alone; None where nearly all have one.
    """

    rival: str
    title: str
    held: Gap
    auroc: Gap
    log_loss: Gap
    coverage: float = float("nan")
    direction: str = ""
    held_where_scored: Gap | None = None


@dataclass(frozen=True)
class Verdict:
    """The model against every rival; `churnmodel.evaluation.verdict_words` says it in plain words.

    Parameters
    ----------
    model, is_champion
        Who is compared, and whether it was chosen.
    standings
        One per rival, incumbents first, the one that holds most MRR before the others.
    horizon_days, capacity, currency
        Within how many days churn counts; how much of the book a team works; of all money here.
    snapshots, lists, accounts, churned_accounts
        What was judged: rows, as_ofs, distinct accounts, and how many of those churned.
    left
        MRR that left, on the average list: what a list without a limit would hold.
    """

    model: str
    is_champion: bool
    standings: tuple[Standing, ...]
    horizon_days: int
    capacity: float
    currency: str
    snapshots: int
    lists: int
    accounts: int
    churned_accounts: int
    left: float

    def answer(self, standing: Standing) -> Answer:
        """What can be said of the model against one rival, in money."""
        if self.churned_accounts < LEAST_CHURNERS:
            return "too few churned"
        if standing.held.low > 0:
            return "better"
        return "worse" if standing.held.high < 0 else "cannot be told"

    def to_frame(self) -> pd.DataFrame:
        """One row per rival and figure, the rival's coverage and the answer beside it."""
        rows = []
        for standing in self.standings:
            named = {"MRR held": standing.held, "AUROC": standing.auroc, "log loss": standing.log_loss}
            if standing.held_where_scored is not None:
                named["MRR held, where scored"] = standing.held_where_scored
            for figure, gap in named.items():
                rows.append(
                    {
                        "rival": standing.title,
                        "figure": figure,
                        "model_value": gap.model,
                        "rival_value": gap.rival,
                        "difference": gap.difference,
                        "low": gap.low,
                        "high": gap.high,
                        "chance": gap.chance,
                        "coverage": standing.coverage,
                        "answer": self.answer(standing),
                    }
                )
        columns = ["rival", "figure", "model_value", "rival_value", "difference", "low", "high", "chance"]
        return pd.DataFrame(rows, columns=[*columns, "coverage", "answer"])

    def to_json(self) -> dict[str, Any]:
        """The verdict as JSON types; None where there is no figure."""
        told: dict[str, Any] = _told(asdict(self))
        return told

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Verdict:
        """The verdict `to_json` wrote."""
        standings = tuple(
            Standing(
                **{
                    **standing,
                    **{k: _gap(standing[k]) for k in ("held", "auroc", "log_loss")},
                    "coverage": _number(standing["coverage"]),
                    "held_where_scored": _gap(standing["held_where_scored"]),
                }
            )
            for standing in body["standings"]
        )
        return cls(**{**body, "standings": standings})


def verdict_of(
    backtest: Backtest,
    model: str,
    *,
    scores: pd.DataFrame | None = None,
    scorecards: Sequence[str] = ("scorecard",),
    incumbents: bool = True,
    currency: str = "USD",
    is_champion: bool = True,
    draws: int = DRAWS,
    seed: int = 0,
) -> Verdict:
    """Judge `model` beside every incumbent of the backtest and the scorecards, on the rows all models share.

    Parameters
    ----------
    scores
        What the incumbents were made of (`incumbent_scores`): it says what they cover, and in which direction they
        were read.
    scorecards
        Names of the team's scorecards in the backtest; those that are not there, and the model itself, are no
        rivals.
    incumbents
        Whether the incumbents are rivals.

    Raises
    ------
    ModelError
        The model has no predictions.
    """
    rows = shared_rows(backtest)
    judged = rows.judged(model)
    accounts = draw_accounts(rows.account_ids, draws, seed)
    said = scores if scores is not None else pd.DataFrame()
    rivals = [m for m in rows.risks if m != model and (m in scorecards or (incumbents and is_incumbent(m)))]
    mine = _figures(judged, accounts)
    standings = [_standing(rows, accounts, mine, model, rival, backtest, said) for rival in rivals]
    standings.sort(key=lambda s: (not is_incumbent(s.rival), -s.held.rival, s.rival))
    return Verdict(
        model=model,
        is_champion=is_champion,
        standings=tuple(standings),
        horizon_days=backtest.window.horizon_days,
        capacity=rows.capacity,
        currency=currency,
        snapshots=len(judged),
        lists=lists_of(judged),
        accounts=len(set(rows.account_ids)),
        churned_accounts=rows.churned_accounts,
        left=left_per_list(judged),
    )


_Figures = Mapping[str, tuple[float, Floats]]


def _standing(
    rows: SharedRows,
    accounts: AccountDraws,
    mine: _Figures,
    model: str,
    rival: str,
    backtest: Backtest,
    scores: pd.DataFrame,
) -> Standing:
    gaps = _gaps(mine, _figures(rows.judged(rival), accounts))
    if not is_incumbent(rival) or scores.empty:
        return Standing(rival, source_of(rival), gaps["held"], gaps["auroc"], gaps["log_loss"])
    has = covered(rows.facts, scores, rival).to_numpy()
    where = None
    if 0 < has.mean() < MOST_COVERED:
        here = [_figures(rows.judged(m).take(has), accounts.take(has), ("held",)) for m in (model, rival)]
        where = _gaps(*here)["held"]
    return Standing(
        rival=rival,
        title=source_of(rival),
        held=gaps["held"],
        auroc=gaps["auroc"],
        log_loss=gaps["log_loss"],
        coverage=float(has.mean()),
        direction=direction_of(backtest, scores, rival),
        held_where_scored=where,
    )


def _figures(
    judged: Judged, accounts: AccountDraws, names: Sequence[str] = ("held", "auroc", "log_loss")
) -> dict[str, tuple[float, Floats]]:
    """Each figure's value, and what it is in every draw."""
    found = {"held": (float(held_per_list(judged)[0]), drawn_per_list(judged, accounts))}
    metrics = [name for name in names if name != "held"]
    if metrics:
        values, drawn = figures(judged, names=metrics), bootstrap(judged, accounts, metrics)
        found |= {name: (float(values[name][0]), drawn[name]) for name in metrics}
    return found


def _gaps(mine: _Figures, other: _Figures) -> dict[str, Gap]:
    gaps = {}
    for name, (value, drawn) in mine.items():
        apart = drawn - other[name][1]
        known = apart[np.isfinite(apart)]
        wins = np.sign(known) * (-1 if name == "log_loss" else 1)
        chance = float(((wins + 1) / 2).mean()) if len(known) else float("nan")
        gaps[name] = Gap(value, other[name][0], *percentile_interval(apart), chance)
    return gaps


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _told(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_told(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _gap(body: Mapping[str, float | None] | None) -> Gap | None:
    return None if body is None else Gap(**{key: _number(value) for key, value in body.items()})
