"""Who was given which play, when, and was it left to chance? (one log out of three, nothing counted twice)

* ``begun here``: plays begun by `churnmodel success plays`, and who was held out of them, with the probability;
* ``interventions``: the company's own table, which says the arm but not the probability: ``[outcomes] drawn``
does;
* ``told by hand``: calls and plays made outside, never drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from churnmodel.success.play_draw import HELD_OUT, TREATED

BEGUN, TABLE, BY_HAND = "begun here", "interventions", "told by hand"
LOG = {
    "occurred_at": "datetime64[us]", "account_id": "object", "play": "object", "arm": "object", "share": "float64",
    "told_in": "object", "by": "object", "note": "object", "risk": "float64", "start_id": "object",
}  # fmt: skip
ONCE = ["account_id", "play", "occurred_at", "arm"]


def intervention_log(
    begun: pd.DataFrame | None,
    table: pd.DataFrame | None,
    told: pd.DataFrame | None,
    drawn: Mapping[str, float],
) -> pd.DataFrame:
    """One row per account, play, day and arm, earliest first: `LOG`.

    ``share`` is the probability with which it was held out: 0 was not drawn, missing is not known.

    Parameters
    ----------
    begun
        account_id, play, as_of, arm, share and (if known) by, why, risk, start_id: of the state database.
    table
        account_id, occurred_at, play, arm: of the contract. What an export of the state database says again counts
        once, with what the database knows of it. Rows of another arm are not of a trial and are left out.
    told
        account_id, play, on, by, note.
    drawn
        By play: the probability with which accounts of `table` were held out of it by lot.

    >>> begun = pd.DataFrame({"account_id": ["a"], "play": ["rescue"], "as_of": [pd.Timestamp("2025-03-01")],
    ...                       "arm": ["hold_out"], "share": [0.2]})
    >>> table = pd.DataFrame({"account_id": ["a", "b"], "play": "rescue", "arm": ["Hold_out", "treated"],
    ...                       "occurred_at": pd.to_datetime(["2025-03-01 08:00", "2025-03-02 09:30"])})
    >>> found = intervention_log(begun, table, None, {})
    >>> found[["account_id", "arm", "share", "told_in"]].values.tolist()
    [['a', 'hold_out', 0.2, 'begun here'], ['b', 'treated', nan, 'interventions']]
    """
    parts = []
    if begun is not None and len(begun):
        own = begun.rename(columns={"as_of": "occurred_at", "why": "note"})
        own["by"] = own["by"].replace("", None) if "by" in own else None
        parts.append(own.assign(told_in=BEGUN))
    if table is not None and len(table):
        share = table["play"].map(dict(drawn)).astype("float64")
        parts.append(table.assign(told_in=TABLE, share=share))
    if told is not None and len(told):
        own = told.rename(columns={"on": "occurred_at"})
        parts.append(own.assign(told_in=BY_HAND, arm=TREATED, share=0.0))
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in LOG.items()})
    whole = pd.concat([part.reindex(columns=list(LOG)).astype("object") for part in parts], ignore_index=True)
    whole["occurred_at"] = pd.to_datetime(whole["occurred_at"]).dt.normalize()
    whole = whole.astype(LOG)
    whole["arm"] = whole["arm"].astype(str).str.strip().str.casefold()
    whole = whole[whole["arm"].isin([TREATED, HELD_OUT])]
    # in the order of the sources: who knows most comes first
    whole = whole.drop_duplicates(ONCE)
    return whole.sort_values(["occurred_at", "account_id", "play", "arm"], kind="stable", ignore_index=True)
