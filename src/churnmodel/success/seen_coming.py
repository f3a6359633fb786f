"""Were those who left seen coming? (the band published so many days before, and the last reasons)"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.scoring.scorer import LEAVING
from churnmodel.success.ledger import DAY
from churnmodel.success.said_and_predicted import NO_DRIVER

AHEAD = (90, 30)
NOTICE, NOT_SCORED = "under notice", "not scored"
SEEN = ("red", "orange", "green", NOTICE, NOT_SCORED)
LOOKS = ("account_id", "as_of", "version", "risk", "band", "status", "hindsight")


def bands_before(left: pd.DataFrame, looks: pd.DataFrame, look_back_days: int) -> pd.DataFrame:
    """What the last score said at least 90 and 30 days before each departure, of `SEEN`.

    Parameters
    ----------
    left
        Departures: account_id, began_at, left_at.
    looks
        `LOOKS`: every published row of these accounts, one a day.
    look_back_days
        A score that is so many days older counts as none.

    Returns
    -------
    DataFrame
        Indexed as `left`: band_90d, band_30d; hindsight_90d, hindsight_30d (the model had learned from
        outcomes after the score, perhaps from this one).
    """
    found = pd.DataFrame(index=left.index)
    for days in AHEAD:
        last = _last(left, looks, left["left_at"] - days * DAY, look_back_days)
        band = last["band"].where(last["status"] != LEAVING, NOTICE)
        found[f"band_{days}d"] = band.where(last["as_of"].notna(), NOT_SCORED).fillna(NOT_SCORED).astype("object")
        found[f"hindsight_{days}d"] = last["hindsight"].fillna(False).astype(bool)
    return found


def last_scores(left: pd.DataFrame, looks: pd.DataFrame) -> pd.DataFrame:
    """The last score with a risk before each departure: scored_on, version, risk, band, hindsight."""
    last = _last(left, looks[looks["risk"].notna()], left["left_at"], None)
    return last.rename(columns={"as_of": "scored_on"})[["scored_on", "version", "risk", "band", "hindsight"]]


def top_drivers(last: pd.DataFrame, left: pd.DataFrame, drivers: pd.DataFrame) -> pd.DataFrame:
    """The driver that raised the risk most in the last score of each departure.

    Parameters
    ----------
    last
        From `last_scores`, indexed as `left`.
    drivers
        account_id, as_of, version, rank, family, concept, points, sentence: raising ones, the nearness of the
        renewal left out.

    Returns
    -------
    DataFrame
        Indexed as `left`: family (`NO_DRIVER` where it was scored and nothing raised it; missing where it was
        not), concept, points, sentence.
    """
    key = ["account_id", "as_of", "version"]
    first = drivers.sort_values([*key, "rank"]).drop_duplicates(key)
    own = pd.DataFrame({"account_id": left["account_id"], "as_of": last["scored_on"], "version": last["version"]})
    found = own.merge(first, on=key, how="left").set_axis(left.index)
    scored = last["scored_on"].notna()
    family = found["family"].astype("object").where(found["family"].notna(), NO_DRIVER)
    found["family"] = family.where(scored, None)
    return found[["family", "concept", "points", "sentence"]]


def _last(left: pd.DataFrame, looks: pd.DataFrame, until: pd.Series, within: int | None) -> pd.DataFrame:
    """The last look of each departure's own tenure at or before `until`, not older than `within` days."""
    own = left[["account_id", "began_at", "left_at"]].assign(until=until).reset_index(names="place")
    both = own.merge(looks, on="account_id")
    fits = both["as_of"] <= both["until"]
    fits &= (both["as_of"] < both["left_at"]) & (both["as_of"] > both["began_at"])
    if within is not None:
        fits &= both["as_of"] > both["until"] - within * DAY
    last = both[fits].sort_values(["place", "as_of"]).drop_duplicates("place", keep="last").set_index("place")
    return last.reindex(left.index)[["as_of", "version", "risk", "band", "status", "hindsight"]]


def counts(left: pd.DataFrame, days: int) -> pd.Series:
    """How many of each of `SEEN` so many days before."""
    return left[f"band_{days}d"].value_counts().reindex(list(SEEN), fill_value=0).astype(np.int64)
