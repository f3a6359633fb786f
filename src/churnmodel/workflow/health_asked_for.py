"""Which part of the book's health is asked for, and as which table does it leave? (a segment, a CSM)"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.success.health_parts import AS_RISK, PARTS
from churnmodel.workflow.health import Health

LEFT = "left"
FIRST = (
    "account_id", "name", "segment", "csm", "status", "mrr", "mrr_at_risk", "health", "band", "risk",
    "model_health", "model_band", "starts_at", *PARTS, "column", "exception_points",
    "exception", "exception_since", "rule", "rules_met", "reason", "health_before", "band_before", "renewed",
    "renews_at", "days_to_renewal", "leaving_on", "own_cuts", *AS_RISK.values(), "column_risk",
    "as_of", "scored_on", "last_seen", "gone_by", "model_version",
)  # fmt: skip
"""The columns of the table, in order, as far as there are such."""


def only_of(health: Health, segment: str | None = None, csm: str | None = None) -> Health:
    """The same of the accounts of one segment, of one CSM, or both.

    Raises
    ------
    ScoreError
        No account of the book is; says which segments or CSMs there are.
    """
    frame = rows_of(health.frame, segment, csm)
    if frame.empty:
        for option, column, wanted in (("--segment", "segment", segment), ("--csm", "csm", csm)):
            if wanted is not None and rows_of(health.frame, **{column: wanted}).empty:
                known = health.frame.get(column, pd.Series(dtype="object"))
                there = sorted(known.dropna().astype(str).unique())
                raise ScoreError(
                    f"{option} {wanted!r}: wanted one of {', '.join(there) or 'none, the accounts name none'}."
                )
        raise ScoreError(f"no account of segment {segment!r} is in the care of {csm!r}. Name one of them only.")
    return replace(health, frame=frame)


def rows_of(frame: pd.DataFrame, segment: str | None = None, csm: str | None = None) -> pd.DataFrame:
    """The rows of one segment, of one CSM, or both; none where the frame does not say."""
    keep = np.ones(len(frame), dtype=bool)
    for column, wanted in (("segment", segment), ("csm", csm)):
        if wanted is not None:
            keep &= (frame[column].astype("object") == wanted).to_numpy() if column in frame else False
    return frame[keep]


def health_table(health: Health, left: pd.DataFrame) -> pd.DataFrame:
    """One row per account of the book, and per account that left with its last health (status "left")."""
    day, table = str(health.as_of), health.driver.table
    here = health.frame.reset_index().assign(as_of=day, scored_on=day)
    gone = left.reset_index().assign(status=LEFT, as_of=day)
    whole = pd.concat([here, gone.astype({"mrr": "float64"})] if len(gone) else [here], ignore_index=True)
    whole["model_version"] = "" if table is None else table.version
    columns = [name for name in FIRST if name in whole]
    return whole[columns]
