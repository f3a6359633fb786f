"""What became of each account after its draw, as far as it is over? (churn, MRR kept, risk and band by then)

What is not over is missing and counted, never "stayed": the law of `churnmodel.snapshots.labels`.
"""

from __future__ import annotations

import pandas as pd

from churnmodel.snapshots.labels import LabelWindow

MEASURES = ("churn", "mrr", "green", "risk")
"""Left; share of its MRR kept; green and still here; risk, which is 1 for who left or gave notice."""
DAY = pd.Timedelta(days=1)


def facts_of(
    labels: pd.DataFrame,
    window: LabelWindow,
    until: pd.Timestamp,
    customer: pd.Series,
    later: pd.DataFrame | None,
) -> pd.DataFrame:
    """One row per draw, indexed as `labels`: (account_id, as_of), as_of being the day of the draw.

    Parameters
    ----------
    labels
        Of `churnmodel.snapshots.labels.churn_labels` for `window`, whose lead is 0.
    customer
        Indexed alike: whether it was a customer on that day, from `churnmodel.snapshots.in_service`. Not from the
        labels: they say that an account had left before its draw only when the horizon is over.
    later
        Indexed alike: risk, band and status in the last table published within the horizon, and whether there is
        one (scored). Where there is none nobody's band is known, not even that of an account that left: the arms
        would be compared by those that left alone.

    Returns
    -------
    DataFrame
        customer (was it one at the draw?), over (is the horizon over, and its grace?), the `MEASURES` (missing
        where not known), mrr (at the draw), why_missing.
    """
    drawn_on = pd.Series(labels.index.get_level_values("as_of"), index=labels.index)
    # an end on the very day of the draw is known only afterwards: the labels call it "left in lead"
    customer = customer & ~labels["why_missing"].eq("left in lead")
    churn = labels["churned"].astype("Float64").astype("float64")
    mrr = labels["mrr_at_risk"].astype("float64")
    kept = (1 - labels["mrr_lost"].astype("float64") / mrr.where(mrr > 0)).clip(0, 1)
    found = pd.DataFrame(
        {
            "customer": customer,
            "over": window.matured(drawn_on, until),
            "churn": churn.where(customer),
            "mrr_kept": kept.where(customer),
            "mrr": mrr,
            "why_missing": labels["why_missing"],
        }
    ).rename(columns={"mrr": "mrr_at_draw", "mrr_kept": "mrr"})
    if later is None:
        return found.assign(green=float("nan"), risk=float("nan"))
    known = found["churn"].notna() & later["scored"]
    noticed = later["status"] == "leaving"
    left = found["churn"] == 1
    there = later["band"].notna() | noticed
    green = (later["band"] == "green").astype("float64").where(there & ~noticed, 0.0).where(there)
    risk = later["risk"].astype("float64").where(~noticed, 1.0)
    return found.assign(
        green=green.where(~left, 0.0).where(known),
        risk=risk.where(~left, 1.0).where(known),
    )
