"""What does a family of features buy? (the same model without it, and with it alone, on the same rows)

"What does NPS buy?" is asked by leaving out ``nps*``. Each variant is fitted anew in every fold, so that what is
left may stand in for what is gone: the difference is what is *lost*, not how much the model leans on a feature.
Two families that say the same are each worth nothing while the other is there; what they buy together shows in
what others do alone.

The place of the next renewal among the periods stays known to every variant: it is part of the form of the
models, not one of the features they are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.evaluation.intervals import AccountDraws, draw_accounts, over_draws, percentile_interval
from churnmodel.evaluation.judged import Floats, columns
from churnmodel.evaluation.metrics import figures, metric_named, why_undefined
from churnmodel.evaluation.profit import rounds, valued
from churnmodel.evaluation.shared import SharedRows, shared_rows
from churnmodel.features.feature import Family, Feature
from churnmodel.models.baselines import ScorecardSettings
from churnmodel.models.rules import share_weights
from churnmodel.models.spec import ModelSpec

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest
    from churnmodel.settings.money import MoneySettings

Kind = Literal["all", "without", "only"]
ASKED = ("log_loss", "auroc", "mrr_caught_at_capacity")
PROFIT = "profit"
"""Of a round at the team's capacity, in the project's currency; beside the metrics of `ASKED`."""
ALL = "all features"


@dataclass(frozen=True)
class Variant:
    """The model with fewer features.

    Parameters
    ----------
    kind, what
        ``"without"`` or ``"only"``, and the family or glob; ``"all"`` is the model as it is.
    spec
        To be fitted; its name is the variant's.
    features
        How many are left out (without), or are all there is (only, all).
    refused
        Why it cannot be fitted; None where it can.
    """

    kind: Kind
    what: str
    spec: ModelSpec
    features: int
    refused: str | None = None


def family_variants(spec: ModelSpec, features: Sequence[Feature]) -> tuple[Variant, ...]:
    """The model as it is, without each family it has features of, and with each alone."""
    chosen = spec.choose(features)
    found = [_variant(spec, features, "all", ALL, {f.name for f in chosen})]
    for kind in ("without", "only"):
        for family in get_args(Family):
            names = {f.name for f in chosen if f.family == family}
            if names:
                found.append(_variant(spec, features, kind, family, names))
    return tuple(found)


def glob_variants(spec: ModelSpec, features: Sequence[Feature], globs: Iterable[str]) -> tuple[Variant, ...]:
    """The model as it is, and without the features of each glob.

    Raises
    ------
    ModelError
        A glob matches no feature the model uses (a misspelt name would otherwise seem to buy nothing).
    """
    chosen = spec.choose(features)
    found = [_variant(spec, features, "all", ALL, {f.name for f in chosen})]
    for glob in dict.fromkeys(globs):
        names = {f.name for f in chosen if fnmatchcase(f.name, glob)}
        if not names:
            raise ModelError(
                f"ablation: none of the {len(chosen)} features of {spec.name!r} matches {glob!r}. "
                "'churnmodel features --dictionary' lists them."
            )
        found.append(_variant(spec, features, "without", glob, names))
    return tuple(found)


def ablation(
    backtest: Backtest, variants: Sequence[Variant], money: MoneySettings, *, draws: int = 300, seed: int = 0
) -> pd.DataFrame:
    """What each variant loses against the model as it is, on the rows all of them predicted.

    Parameters
    ----------
    backtest
        Of the variants' specs (those that were not refused), in the same folds.

    Returns
    -------
    DataFrame
        One row per variant and figure (`ASKED` and `PROFIT`): variant, kind, what, features, metric, value, of_all
        (the model as it is), difference (value - of_all) with low and high (95 % paired interval over accounts),
        verdict ("worse", "better", "no difference beyond luck", or missing), n, churned_accounts, reason (why
        there is no figure; missing where there is one).

    Raises
    ------
    ModelError
        Nothing was judged, or the model as it is was not backtested.
    """
    rows = shared_rows(backtest)
    whole = next((v for v in variants if v.kind == "all"), None)
    if whole is None or whole.spec.name not in rows.risks:
        raise ModelError("ablation: the model with all its features was not judged, so nothing can be compared")
    accounts = draw_accounts(rows.account_ids, draws, seed)
    of_all = _told(rows, whole.spec.name, accounts, money)
    table: list[dict[str, Any]] = []
    for variant in variants:
        about = {
            "variant": variant.spec.name,
            "kind": variant.kind,
            "what": variant.what,
            "features": variant.features,
        }
        judged = variant.spec.name in rows.risks
        mine = of_all if variant is whole else _told(rows, variant.spec.name, accounts, money) if judged else None
        why = variant.refused or (None if judged else "it was refused in every fold")
        for at, metric in enumerate((*ASKED, PROFIT)):
            line = _line(metric, mine, of_all, at, rows, whole.spec.name)
            table.append({**about, **line, "reason": why or line["reason"]})
    found = pd.DataFrame(table)
    return found.assign(n=len(rows.facts), churned_accounts=rows.churned_accounts)


def _variant(spec: ModelSpec, features: Sequence[Feature], kind: Kind, what: str, names: set[str]) -> Variant:
    name = what if kind == "all" else f"{kind} {what}"
    # by name: a feature's name has no character a glob would read
    if kind == "only":
        named = replace(spec, name=name, include=tuple(sorted(names)), exclude=())
    else:
        gone = () if kind == "all" else tuple(sorted(names))
        named = replace(spec, name=name, exclude=(*spec.exclude, *gone))
    left = named.choose(features)
    refused = None if left else "no feature is left to learn from"
    settings = spec.settings
    if left and isinstance(settings, ScorecardSettings) and not share_weights(settings.rules, left)[0]:
        refused = "no rule of the scorecard is left"
    return Variant(kind, what, named, len(names), refused)


@dataclass(frozen=True, eq=False)
class _Told:
    """The figures of a variant (m,), and the same in every draw (m, draws)."""

    values: Floats
    drawn: Floats


def _told(rows: SharedRows, model: str, accounts: AccountDraws, money: MoneySettings) -> _Told:
    judged, worth = rows.judged(model), valued(rows, model)

    def told(weights: Floats) -> Floats:
        found = figures(judged, weights, ASKED)
        profit = rounds(worth, weights).profit(money, money.save_rate.likely)
        return np.stack([*(found[name] for name in ASKED), profit])

    return _Told(told(columns(None, len(judged)))[:, 0], over_draws(accounts, told))


def _line(metric: str, mine: _Told | None, of_all: _Told, at: int, rows: SharedRows, whole: str) -> dict[str, Any]:
    nan = float("nan")
    value, base = nan if mine is None else float(mine.values[at]), float(of_all.values[at])
    low, high = (nan, nan) if mine is None else percentile_interval(mine.drawn[at] - of_all.drawn[at])
    reason = None
    if mine is not None and np.isnan(value) and metric != PROFIT:
        reason = why_undefined(metric_named(metric), rows.judged(whole))
    smaller_is_better = metric != PROFIT and metric_named(metric).better == "low"
    worse = low > 0 if smaller_is_better else high < 0
    better = high < 0 if smaller_is_better else low > 0
    known = not np.isnan(low) and mine is not of_all
    verdict = "worse" if worse else "better" if better else "no difference beyond luck"
    return {
        "metric": metric,
        "value": value,
        "of_all": base,
        "difference": value - base,
        "low": low,
        "high": high,
        "verdict": verdict if known else None,
        "reason": reason,
    }
