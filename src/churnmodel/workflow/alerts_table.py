"""As which table do the alerts of a morning leave? (a row per candidate, and what became of it)"""

from __future__ import annotations

import pandas as pd

from churnmodel.success.alerts_decided import Decided
from churnmodel.workflow.alerts import Morning

FATES = {
    "raised": "told",
    "held_back": "held back by the cap",
    "cooling": "quiet: the rule spoke of it lately",
    "snoozed": "snoozed",
    "told_before": "told before",
}
WOULD_BE_TOLD = "would be told"


def morning_table(found: Morning, decided: Decided, *, kept: bool) -> pd.DataFrame:
    """A row per candidate: what became of it (where nothing was `kept`: would have), and all that is said."""
    fates = FATES if kept else {**FATES, "raised": WOULD_BE_TOLD}
    parts = [getattr(decided, name).assign(fate=told) for name, told in fates.items()]
    table = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    known = found.about.reindex(table["account_id"])
    for name in ("name", "band", "risk", "renews_at", "reason"):
        table[name] = known[name].to_numpy()
    first = ["as_of", "fate", "alert_id", "rule", "account_id", "name", "csm", "mrr", "at_risk", "band", "risk"]
    return table[[*first, "renews_at", "began_at", "moved", "detail", "reason", "subject", "episode"]]
