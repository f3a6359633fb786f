"""The features featuretools makes of the raw tables for `peers.py`: of each snapshot, by what was there before."""

from __future__ import annotations

import sys
from pathlib import Path

import featuretools as ft
import pandas as pd

# table -> (its time, columns that were there at that time; what is written later would tell the future)
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "usage_events": ("occurred_at", ("user_id", "feature", "quantity")),
    "tickets": ("opened_at", ("priority", "category")),
    "invoices": ("issued_at", ("amount",)),
    "surveys": ("answered_at", ("kind", "score")),
    "touchpoints": ("occurred_at", ("kind",)),
    "notes": ("written_at", ("author",)),
}
PRIMITIVES = ["count", "mean", "sum", "std", "max", "num_unique", "time_since_last", "trend", "mode"]


def main() -> None:
    """`peers_features.py TABLES FOLDER THREADS` reads wanted.parquet and writes deep.parquet in its order."""
    tables, folder = Path(sys.argv[1]), Path(sys.argv[2])
    wanted = pd.read_parquet(folder / "wanted.parquet")
    parts = []
    # the whole past and the last quarter, as somebody who knows the tool would ask for both
    for prefix, window in (("", None), ("90d ", "90 days")):
        matrix, _ = ft.dfs(
            entityset=entities(tables),
            target_dataframe_name="accounts",
            cutoff_time=wanted.rename(columns={"as_of": "time"})[["account_id", "time"]],
            agg_primitives=PRIMITIVES,
            trans_primitives=[],
            training_window=window,
            include_cutoff_time=False,
            max_depth=2,
            cutoff_time_in_index=True,
        )
        parts.append(matrix.add_prefix(prefix))
    whole = pd.concat(parts, axis=1)
    whole = whole.loc[list(zip(wanted["account_id"], wanted["as_of"], strict=True))]
    for name in whole:
        if not pd.api.types.is_numeric_dtype(whole[name]):
            top = whole[name].value_counts().index[:12]
            whole[name] = whole[name].astype("object").where(whole[name].isin(top))
        else:
            whole[name] = whole[name].astype("float64")
    whole.reset_index(drop=True).to_parquet(folder / "deep.parquet", index=False)


def entities(tables: Path) -> ft.EntitySet:
    """Accounts, and all that hangs on them, each row at its time."""
    told = ft.EntitySet("company")
    accounts = pd.read_parquet(tables / "accounts.parquet")
    kept = [c for c in ("account_id", "created_at", "segment", "industry", "country") if c in accounts]
    accounts = accounts[kept].drop_duplicates("account_id")
    told.add_dataframe(accounts, "accounts", index="account_id", time_index="created_at")
    for name, (time, columns) in TABLES.items():
        path = tables / f"{name}.parquet"
        if not path.is_file():
            continue
        rows = pd.read_parquet(path)
        rows = rows.dropna(subset=[time])[["account_id", time, *[c for c in columns if c in rows]]]
        rows = rows[rows["account_id"].isin(accounts["account_id"])].reset_index(drop=True)
        told.add_dataframe(rows, name, index=f"{name}_row", make_index=True, time_index=time)
        told.add_relationship("accounts", "account_id", name, "account_id")
    return told


if __name__ == "__main__":
    main()
