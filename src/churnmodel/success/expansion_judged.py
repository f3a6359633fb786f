"""Does the rule help? (of those it would have called ready on earlier days, how many expanded, beside the others)

Each account of each earlier day is put in a group by what was known then, and what became of it within the days
after is read from the contracts. Shares have 95 % intervals over accounts (`success.clustered_share`), and the
difference too (`churnmodel.evaluation.clustered`)::

    lift = share that expanded of the ready - share that expanded of the other green accounts

That it holds does not say that an offer made them expand: it says whether the list names those who do.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from churnmodel.scoring.bands import GREEN, ORANGE, RED
from churnmodel.success.clustered_share import clustered_share, share_among
from churnmodel.success.expansion import ADOPTION, READY
from churnmodel.success.ledger import DAY
from churnmodel.success.paid import levels

OTHER_GREEN, SEATS_ONLY, MODULE_ONLY = "other green", "ready: seats nearly full", "only a part unused"
GROUPS = (READY, SEATS_ONLY, MODULE_ONLY, OTHER_GREEN, ORANGE, RED)
HELPS, UNSHOWN, AGAINST, FEW = "helps", "not shown", "speaks against it", "too few"
FEWEST = 10
"""Under so many accounts in a group nothing is said of it."""
COLUMNS = {
    "group": "str", "rows": "int64", "accounts": "int64", "expanded": "int64", "share": "float64",
    "low": "float64", "high": "float64", "gain": "float64", "gain_share": "float64",
    "left_share": "float64", "left_low": "float64", "left_high": "float64",
    "lift": "float64", "lift_low": "float64", "lift_high": "float64", "verdict": "str",
}  # fmt: skip


def outcomes(spans: pd.DataFrame, looks: pd.DataFrame, days: int, growth: float) -> pd.DataFrame:
    """What became of each account within `days` after it was looked at, at one rate of exchange.

    Parameters
    ----------
    spans
        `churnmodel.success.paid.paid_spans`, as known by now.
    looks
        account_id, as_of.

    Returns
    -------
    DataFrame
        Beside `looks`: before and after (MRR in currency units at the day, and `days` later), expanded and left
        (pays nothing any more) as 0.0 or 1.0, gain. Who paid nothing on the day has no outcome (NaN).
    """
    steps = levels(spans).rename(columns={"at": "began"})
    steps["mrr"] = steps["cents"] / 100
    steps = steps.sort_values(["began", "account_id"], kind="stable")[["account_id", "began", "until", "mrr"]]
    steps = steps.astype({"began": "datetime64[us]", "until": "datetime64[us]"})

    def level(at: pd.Series) -> np.ndarray:
        asked = pd.DataFrame({"account_id": looks["account_id"].to_numpy(), "place": np.arange(len(looks))})
        asked["at"] = at.astype("datetime64[us]").to_numpy()
        found = pd.merge_asof(
            asked.sort_values(["at", "place"], kind="stable"),
            steps,
            left_on="at",
            right_on="began",
            by="account_id",
            allow_exact_matches=False,  # what begins on that midnight was not running before it
        )
        runs = found["until"] >= found["at"]
        return np.asarray(found["mrr"].where(runs, 0.0).to_numpy()[np.argsort(found["place"].to_numpy())])

    before, after = level(looks["as_of"]), level(looks["as_of"] + days * DAY)
    paid = before > 0
    return pd.DataFrame(
        {
            "before": before,
            "after": after,
            "expanded": np.where(paid, after >= before * (1 + growth), np.nan),
            "left": np.where(paid, after <= 0, np.nan),
            "gain": np.where(paid, after - before, np.nan),
        },
        index=looks.index,
    )


def groups_of(rows: pd.DataFrame) -> Mapping[str, np.ndarray]:
    """Group -> (n,) which rows are of it; those of the ready are also told by their sign.

    Parameters
    ----------
    rows
        status, sign and band, as they stood.
    """
    ready = (rows["status"] == READY).to_numpy()
    adopts = rows["status"].eq(ADOPTION).to_numpy()
    seats = rows["sign"].isin(["seats", "both"]).to_numpy()
    band = rows["band"].astype("object")
    return {
        READY: ready,
        SEATS_ONLY: ready & seats,
        MODULE_ONLY: (ready & ~seats) | adopts,
        OTHER_GREEN: (band == GREEN).to_numpy() & ~ready & ~adopts,
        ORANGE: (band == ORANGE).to_numpy(),
        RED: (band == RED).to_numpy(),
    }


def judged_expansion(rows: pd.DataFrame) -> pd.DataFrame:
    """Each group: who expanded, who left, and how far the ready lie above the other green accounts.

    Parameters
    ----------
    rows
        account_id, as_of, band, status, sign, and of `outcomes` before, expanded, left, gain.

    Returns
    -------
    DataFrame
        group, rows, accounts, expanded, share with low and high; gain and gain_share (medians, of those that
        expanded); left_share with left_low and left_high; lift with its interval and verdict (of the ready).
    """
    known = rows[rows["expanded"].notna()].reset_index(drop=True)
    account = known["account_id"].to_numpy(dtype=object)
    codes, accounts = pd.factorize(account)
    expanded, left = (known[name].to_numpy(dtype=np.float64) for name in ("expanded", "left"))
    places = groups_of(known)
    others = places[OTHER_GREEN]
    table = []
    for group in GROUPS:
        mine = places[group]
        grew, went = (clustered_share(what[mine], account[mine]) for what in (expanded, left))
        gained = known[mine & (expanded == 1)]
        lift = low = high = float("nan")
        verdict = ""
        if group in (READY, SEATS_ONLY, MODULE_ONLY):
            enough = min(grew.accounts, len(set(account[others]))) >= FEWEST
            verdict = FEW
            if enough:
                kin = codes.astype(np.int64)
                told = [share_among(expanded, among, kin, len(accounts)) for among in (mine, others)]
                difference = told[0].minus(told[1])
                lift, (low, high) = difference.value, difference.interval()
                verdict = HELPS if low > 0 else AGAINST if high < 0 else UNSHOWN
        table.append(
            {
                "group": group, "rows": grew.rows, "accounts": grew.accounts, "expanded": grew.left,
                "share": grew.value, "low": grew.low, "high": grew.high,
                "gain": float(gained["gain"].median()),
                "gain_share": float((gained["gain"] / gained["before"]).median()),
                "left_share": went.value, "left_low": went.low, "left_high": went.high,
                "lift": lift, "lift_low": low, "lift_high": high, "verdict": verdict,
            }
        )  # fmt: skip
    return pd.DataFrame(table, columns=list(COLUMNS)).astype(COLUMNS)
