"""Which reasons put most of the book's MRR at risk, in all and by segment or CSM?

An account's ``mrr x risk`` is what it would lose from the base, ``mrr x base_risk``, and ``mrr x points`` of every
concept. Summed over a group, nothing too small to count::

    mrr_at_risk = sum(mrr x base_risk) + sum over concepts of (mrr_raised + mrr_lowered)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.explanation.drivers import LEAST_POINTS, driver_code
from churnmodel.scoring.concept_points import concept_points, input_cards
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer

ALL, NOT_KNOWN = "all", "not known"
COLUMNS = {
    "group": "str", "rank": "int64", "code": "str", "concept": "str", "family": "str", "accounts": "int64",
    "leavers": "float64", "mrr_raised": "float64", "mrr_lowered": "float64", "most": "str",
}  # fmt: skip


@dataclass(frozen=True)
class BookReasons:
    """The reasons of a book by group, and what each group has at risk.

    Parameters
    ----------
    groups
        Indexed by group, the most MRR at risk first: accounts (with a risk), mrr, mrr_at_risk, mrr_at_base (what
        would be at risk at the base risk of each). Money is NaN where no account of the group has a known MRR.
    reasons
        Long, by group and rank: group, rank, code, concept, family, accounts (how many it raises by 0.2 points or
        more), leavers (the points by which it raises, summed: how many accounts more are expected to leave),
        mrr_raised, mrr_lowered (the same in MRR, where it raises and where it lowers), most (the account it puts
        most MRR at risk of; empty where it raises none). The largest mrr_raised first; without MRR, leavers.
    """

    groups: pd.DataFrame
    reasons: pd.DataFrame

    def of(self, group: str = ALL, top: int = 3, without: tuple[str, ...] = ()) -> pd.DataFrame:
        """The `top` reasons of a group that raise anything, but for concepts in `without`."""
        own = self.reasons[(self.reasons["group"] == group) & (self.reasons["leavers"] > 0)]
        return own[~own["concept"].isin(without)].head(top).reset_index(drop=True)


def book_reasons(scorer: Scorer, table: ScoreTable, by: str | None = None) -> BookReasons:
    """The reasons of all accounts of `table` that have a risk; grouped by its column `by`, if one is named.

    Parameters
    ----------
    scorer
        Of the table's model.
    by
        ``"segment"``, ``"csm"`` or another column of the scores; one the table lacks makes one group, "not known".

    Raises
    ------
    FeatureError
        The table lacks an input of the model.
    """
    scores = table.scores[table.scores["risk"].notna()]
    points = concept_points(scorer, table.X.loc[scores.index])
    groups, rows = {}, []
    for group, places in _groups(scores, by).items():
        own, pulls = scores.iloc[places], points.iloc[places]
        mrr = own["mrr"].to_numpy(dtype=np.float64) if "mrr" in own else np.full(len(own), np.nan)
        groups[group] = (len(own), *(_sum(mrr * x) for x in (1.0, own["risk"], own["base_risk"])))
        rows += _reasons(scorer, group, pulls, mrr)
    about = pd.DataFrame.from_dict(
        groups, orient="index", columns=["accounts", "mrr", "mrr_at_risk", "mrr_at_base"]
    ).rename_axis("group")
    about = about.sort_values(["mrr_at_risk", "accounts"], ascending=False, kind="stable")
    reasons = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return BookReasons(about, reasons)


def _groups(scores: pd.DataFrame, by: str | None) -> dict[str, list[int]]:
    """Group -> places of its rows, by name."""
    if by is None or not len(scores):
        return {ALL: list(range(len(scores)))} if len(scores) else {}
    named = scores[by] if by in scores else pd.Series(None, index=scores.index, dtype="object")
    names = [NOT_KNOWN if name is None or name != name or name == "" else str(name) for name in named]
    found: dict[str, list[int]] = {name: [] for name in sorted(set(names))}
    for place, name in enumerate(names):
        found[name].append(place)
    return found


def _reasons(scorer: Scorer, group: str, pulls: pd.DataFrame, mrr: np.ndarray) -> list[tuple[object, ...]]:
    cards = {driver_code(card): card for card in input_cards(scorer)}
    ids = pulls.index.get_level_values("account_id").astype(str)
    found = []
    for code in pulls.columns.astype(str):
        own = pulls[code].to_numpy(dtype=np.float64)
        raising, worth = np.maximum(own, 0.0), np.nan_to_num(mrr) if np.isfinite(mrr).any() else np.ones(len(mrr))
        most = str(ids[int(np.argmax(raising * worth))]) if raising.any() else ""
        raised, lowered = _sum(mrr * raising), _sum(mrr * np.minimum(own, 0.0))
        accounts = int((own >= LEAST_POINTS).sum())
        found.append((code, accounts, float(raising.sum()), raised, lowered, most))
    found.sort(key=lambda row: (-np.nan_to_num(row[3]), -row[2], row[0]))
    return [
        (group, rank, code, cards[code].concept, cards[code].family, *numbers)
        for rank, (code, *numbers) in enumerate(found, start=1)
    ]


def _sum(amounts: np.ndarray) -> float:
    """The sum of the known ones; NaN where none is."""
    known = np.asarray(amounts, dtype=np.float64)
    known = known[~np.isnan(known)]
    return float(known.sum()) if known.size else float("nan")
