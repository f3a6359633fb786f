"""How many accounts of each band left by their next renewal, when the past was replayed?

Asked of the out-of-time predictions training keeps: each risk was said by a model that had learned only what was
known at that day, and what became of the account is known by now. The bands are laid over those risks as over
today's. (The model's own cuts were placed where so many of these predictions lie above; no outcome was looked at.)
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from churnmodel.scoring.bands import GREEN, ORANGE, RED, Bands
from churnmodel.success.clustered_share import clustered_share
from churnmodel.success.health import scales_of
from churnmodel.success.health_parts import same_scale

BANDS = (GREEN, ORANGE, RED)


def replayed_rows(predictions: pd.DataFrame, model: str) -> pd.DataFrame:
    """The rows of a model whose outcome by the headline is known.

    Returns
    -------
    DataFrame
        account_id, as_of, segment, mrr, risk (of leaving by the next renewal; of a flat table by its own outcome),
        churned (0.0 or 1.0); sorted by (as_of, account_id).
    """
    mine = predictions[predictions["model"] == model]
    risk, churned = ("risk_renewal", "churned_renewal") if "risk_renewal" in mine else ("risk", "churned")
    columns = {name: mine.get(name) for name in ("account_id", "as_of", "segment", "mrr")}
    rows = pd.DataFrame(
        columns | {"risk": mine[risk].astype("float64"), "churned": mine[churned].astype("float64")},
        index=mine.index,
    )
    rows = rows[rows["risk"].notna() & rows["churned"].notna()]
    return rows.sort_values(["as_of", "account_id"], ignore_index=True)


def bands_of(rows: pd.DataFrame, bands: Bands, cuts: Mapping[str, Bands] | None = None) -> np.ndarray:
    """(n,) The band of every replayed row."""
    found = np.full(len(rows), None, dtype=object)
    for scale, places in same_scale(scales_of(rows, cuts or {})).items():
        found[places] = (scale or bands).band(rows["risk"].to_numpy()[places])
    return found


def observed_by_band(rows: pd.DataFrame, band: np.ndarray) -> pd.DataFrame:
    """What was said and what came, per band.

    Returns
    -------
    DataFrame
        Indexed by band (green, orange, red): rows (snapshots), accounts, left (snapshots of accounts that left),
        share with low and high (95 % interval, over accounts), said (the mean risk), mrr_share (of their MRR).
    """
    found = {}
    for name in BANDS:
        mine = rows[band == name]
        share = clustered_share(mine["churned"], mine["account_id"])
        mrr = mine["mrr"].to_numpy(dtype=np.float64, na_value=np.nan)
        paid = float(np.nansum(mrr))
        found[name] = {
            "rows": share.rows,
            "accounts": share.accounts,
            "left": share.left,
            "share": share.value,
            "low": share.low,
            "high": share.high,
            "said": float(mine["risk"].mean()) if len(mine) else float("nan"),
            "mrr_share": float(np.nansum(mrr * mine["churned"])) / paid if paid > 0 else float("nan"),
        }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("band")


def observed_by_own_cuts(rows: pd.DataFrame, bands: Bands, cuts: Mapping[str, Bands]) -> pd.DataFrame:
    """For every segment with cuts of its own: what each band of its own held, beside what the model's would have.

    Returns
    -------
    DataFrame
        `observed_by_band` by (segment, cuts, band); cuts is ``"own"`` or ``"model"``.
    """
    parts = {}
    for segment, scale in cuts.items():
        mine = rows[rows["segment"].astype("object") == segment]
        for name, one in (("own", scale), ("model", bands)):
            parts[segment, name] = observed_by_band(mine, bands_of(mine, one))
    if not parts:
        empty = observed_by_band(rows.iloc[:0], np.empty(0, dtype=object)).iloc[:0]
        empty.index = pd.MultiIndex.from_arrays([[], [], []], names=["segment", "cuts", "band"])
        return empty
    return pd.concat(parts, names=["segment", "cuts"]).sort_index()
