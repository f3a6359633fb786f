"""Which model may speak for the company, and why that one?

The best model is that of lowest pooled log loss, unless the next one catches more churned revenue beyond the
paired interval. A simpler one takes its place where it is worse neither in log loss nor in revenue caught.
Each is compared with one other model, never with the largest of several noisy catches. A model that does not
beat the base rate may not become champion, however much it beats the others. A score the team has already is never
chosen, for it cannot be made without its source; the reasons say whether the champion beats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from churnmodel.evaluation.incumbents import is_incumbent, source_of
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.paired import PairedDifference, paired_differences
from churnmodel.evaluation.shared import SharedRows, shared_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest
    from churnmodel.models.spec import ModelSpec

LEAST_CHURNERS = 20
CHOICE_DRAWS, BASE_DRAWS = 5_000, 300
"""Enough that the end of an interval, which decides, hardly depends on the seed."""
_MONEY = ("mrr_caught_at_capacity", "more churned MRR", "less churned MRR")
_HEADS = ("recall_at_capacity", "more of those who leave", "fewer of those who leave")


@dataclass(frozen=True)
class Choice:
    """A champion by name (or None), and every step of the choice as a sentence.

    The challenger is who had the lowest log loss if that is not the champion, else who came next of all that
    beat the base rate.
    """

    champion: str | None
    challenger: str | None
    reasons: tuple[str, ...]


def choose_champion(
    backtest: Backtest,
    specs: Sequence[ModelSpec],
    *,
    draws: int = CHOICE_DRAWS,
    seed: int = 0,
    least_churners: int = LEAST_CHURNERS,
) -> Choice:
    """Choose among the models of a backtest, on the rows they all share.

    Parameters
    ----------
    specs
        Of the backtested models: which is the base rate, and which is simpler.
    least_churners
        Under so many churned accounts nobody is chosen: the interval itself would be luck.
    """
    rows = shared_rows(backtest)
    simplicity = {s.name: s.simplicity for s in specs if s.name in rows.risks}
    base = next((s.name for s in specs if s.estimator == "base_rate" and s.name in rows.risks), None)
    if base is None:
        return Choice(None, None, ("No champion: the base rate was not backtested, so it cannot be beaten.",))
    if rows.churned_accounts < least_churners:
        return Choice(None, None, (_too_few(rows, least_churners),))

    @cache
    def paired(a: str, b: str, metric: str) -> PairedDifference:
        return paired_differences(rows, a, b, metric, draws=draws, seed=seed)

    caught, more, less = what_is_caught(rows)
    reasons: list[str] = []
    loss = {m: float(figures(rows.judged(m), names=["log_loss"])["log_loss"][0]) for m in simplicity}
    able = []
    for model in sorted((m for m in simplicity if m != base), key=lambda m: (loss[m], simplicity[m], m)):
        against_base = paired_differences(rows, model, base, "log_loss", draws=BASE_DRAWS, seed=seed)
        does = "beats" if against_base.a_is_better else "does not beat"
        reasons.append(f"{model} {does} the base rate: {against_base}.")
        if against_base.a_is_better:
            able.append(model)
    if not able:
        return Choice(None, None, (*reasons, "No champion: no model beats the base rate."))

    best, *others = able
    reasons.append(f"{best} has the lowest log loss, {loss[best]:.4f}.")
    while others and (catches := paired(others[0], best, caught)).a_is_better:
        reasons.append(f"{best} is left out, {others[0]} catches {more}: {catches}.")
        best, *others = others
    as_good = []
    for model in others:
        if simplicity[model] >= simplicity[best]:
            continue
        behind = paired(model, best, "log_loss")
        if behind.b_is_better:
            reasons.append(f"{model} is simpler but worse: {behind}.")
        elif (catches := paired(model, best, caught)).b_is_better:
            reasons.append(f"{model} is simpler but catches {less}: {catches}.")
        else:
            reasons.append(
                f"{model} is simpler and not worse beyond luck in what was compared: {behind}; {catches}."
            )
            if (order := paired(model, best, "average_precision")).b_is_better:
                reasons.append(f"But in average precision {model} is worse beyond luck: {order}.")
            as_good.append(model)
    champion = min(as_good, key=lambda m: (simplicity[m], loss[m]), default=best)
    runners_up = [m for m in (best, *able) if m != champion]
    reasons.append(f"{champion} is the champion.")
    for incumbent in (m for m in rows.risks if is_incumbent(m)):
        reasons.append(_beside(paired(champion, incumbent, caught), paired(champion, incumbent, "log_loss"), more))
    return Choice(champion, runners_up[0] if runners_up else None, tuple(reasons))


def what_is_caught(rows: SharedRows) -> tuple[str, str, str]:
    """The metric of what a model catches at capacity, and how more and less of it is said: MRR, else heads."""
    return _MONEY if rows.facts["mrr_lost"].sum() > 0 else _HEADS


def _beside(catches: PairedDifference, behind: PairedDifference, more: str) -> str:
    """How a champion stands against a score the team has already, which cannot be champion itself."""
    score = source_of(catches.b)
    if catches.a_is_better:
        return f"It beats your own {score}: {catches}."
    if catches.b_is_better:
        return f"But your own {score} catches {more} than it: {catches}."
    also = f", though it says more of who leaves: {behind}" if behind.a_is_better else ""
    return f"But it does not beat your own {score} beyond luck: {catches}{also}."


def _too_few(rows: SharedRows, least: int) -> str:
    return (
        f"No champion: {rows.churned_accounts} accounts churned among the {len(rows.facts):,} judged "
        f"snapshots, and under {least} a comparison is only noise."
    )
