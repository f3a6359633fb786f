"""What does each column of the out-of-time predictions mean? (for whoever reads the Parquet file alone)"""

from __future__ import annotations

import re

MEANINGS = {
    "account_id": "the account",
    "as_of": "the moment of looking; nothing known at or after it was used",
    "model": "which model said it",
    "fold": "the replay it was said in; its models had learned only what was known at its cutoff",
    "risk": "calibrated probability of churn within the judged horizon",
    "margin": "its log-odds before calibration",
    "churned": "whether the account churned within the judged horizon",
    "mrr": "monthly recurring revenue at as_of",
    "mrr_lost": "recurring revenue lost within the judged horizon",
    "renewable": "whether the term ends within the judged horizon",
    "segment": "of the account at as_of",
    "new_account": "whether the fold's models had learned from no snapshot of this account",
    "arm": "of the account's first play before the end of the window: treated or hold_out, else untreated; empty "
    "without a table of interventions",
    "headline_days": "how far ahead the headline risk looks: to the next renewal, 90 days on short terms",
    "risk_renewal": "calibrated probability of churn by the next renewal: the headline",
    "churned_renewal": "1 churned by then, 0 stayed, empty where not known yet",
    "ended_after": "days from as_of to the end of service, empty where no end is certain yet",
}
FLAT = {
    "as_of": "the day of looking, or data_until where the table has none",
    "fold": "the part of the table it was judged in; its models had not learned from that part",
}
"""What the same columns mean where they are of a flat table."""
_BY_EDGE = (
    (r"margin_(\d+)", "log-odds of leaving in the period that ends after {} days, before calibration"),
    (r"risk_(\d+)", "calibrated probability of churn within {} days"),
    (r"churned_(\d+)", "1 churned within {} days, 0 stayed, empty where not known yet"),
)


def meaning_of(column: str, caveat: str = "") -> str:
    """What the column holds, in words; empty for one that nobody documented.

    `caveat` is what a training of a flat table cannot prove; it is said of the risk.

    >>> meaning_of("risk_90")
    'calibrated probability of churn within 90 days'
    """
    if caveat and column in FLAT:
        return FLAT[column]
    if caveat and column == "risk":
        return f"{MEANINGS[column]} ({caveat})"
    if column in MEANINGS:
        return MEANINGS[column]
    found = ((re.fullmatch(pattern, column), words) for pattern, words in _BY_EDGE)
    return next((words.format(match.group(1)) for match, words in found if match), "")
