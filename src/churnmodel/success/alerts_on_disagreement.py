"""Where do the score you have today and the model say opposite things of an account, and lately did not?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.scoring.bands import GREEN, RED
from churnmodel.settings.alerts import AlertSettings, SourceCuts
from churnmodel.success.alert import joined, of_accounts
from churnmodel.success.alerts_on_scores import scored_lately


def incumbents_disagree(
    scores: pd.DataFrame, said: pd.DataFrame, looks: pd.DatetimeIndex, rules: AlertSettings
) -> pd.DataFrame:
    """Candidates of disagree: the account is red where a source says green, or the reverse, and lately was not.

    What it is is the band of the scores: the model's, and where a rule of health holds it down, the rule's.

    Parameters
    ----------
    said
        Indexed as `scores`, a column per source (`churnmodel.snapshots.incumbents`); higher is healthier.
    """
    parts = []
    for column in said.columns:
        source = column.split(":", 1)[-1]
        table = scores[["band", "risk"]].assign(theirs=said[column]).dropna().reset_index()
        if table.empty:
            continue
        cuts = rules.sources.get(source)
        table["says"] = pd.concat([_colours(own, cuts) for _, own in table.groupby("as_of")])
        ours, theirs = table["band"], table["says"]
        worse, better = (ours == RED) & (theirs == GREEN), (ours == GREEN) & (theirs == RED)
        table["how"] = np.select([worse, better], ["worse", "better"], "")
        table = table.sort_values(["account_id", "as_of"])
        before = table.groupby("account_id", sort=False)["how"].shift(1)
        new = table[(table["how"] != "") & before.notna() & (before != table["how"])]
        moved = [
            f"{source.replace('_', ' ')} of {score:,.4g} is {_said(says, cuts)}, "
            f"here it is {band} (risk {risk:.0%})"
            for score, says, band, risk in zip(new["theirs"], new["says"], new["band"], new["risk"], strict=True)
        ]
        day = new["as_of"].dt.strftime("%Y-%m-%d")
        new = new.assign(scored_on=new["as_of"], moved=moved, episode=source + "@" + day)
        for look in looks:
            own = new[scored_lately(new["scored_on"], look, rules.fresh_days)]
            parts.append(of_accounts("disagree", own.assign(as_of=look, began_at=own["scored_on"])))
    found = joined(parts)
    return found[~found["rule"].isin(rules.off)].reset_index(drop=True)


def _colours(own: pd.DataFrame, cuts: SourceCuts | None) -> pd.Series:
    """What the source says of each account: by its cuts, else as many red and green as the model has, or fewer."""
    theirs = own["theirs"]
    if cuts is not None:
        red, green = theirs < cuts.red_below, theirs >= cuts.green_from
    else:
        red = theirs.rank(method="max") <= (own["band"] == RED).sum()
        green = theirs.rank(method="max", ascending=False) <= (own["band"] == GREEN).sum()
    return pd.Series(np.select([red, green], [RED, GREEN], "between"), index=own.index)


def _said(colour: str, cuts: SourceCuts | None) -> str:
    """A colour that the source's own cuts give, or where it stands in the book."""
    ranked = {RED: "among the lowest (red)", GREEN: "among the better (green)"}
    return colour if cuts is not None else ranked[colour]
