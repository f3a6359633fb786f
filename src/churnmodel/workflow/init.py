"""What does a new project start from? (a commented churnmodel.toml)"""

from __future__ import annotations

from pathlib import Path

from churnmodel.errors import SettingsError

STARTER = '''\
# churnmodel: your project in one file. Every key but project.data_until has a default.
# Next: churnmodel check, then train, compare, score, explain ACCOUNT.

[project]
name = "my company"
data_until = 2026-01-01     # everything before this midnight is in your tables. CHANGE THIS.
timezone = "UTC"            # the zone of times that do not say theirs
currency = "USD"

[data]
folder = "data"             # Parquet or CSV files, one per table; or: duckdb = "warehouse.duckdb"

# Tables named and shaped as in the contract need no mapping. Otherwise rename columns (contract = yours) ...
#
# [tables.accounts]
# source = "customers"
# columns = { account_id = "customer_id", created_at = "signed_up", name = "company" }
#
# ... or select them with SQL over your own tables:
#
# [tables.subscriptions]    # one row per version: any change ends a row and starts another at the same moment
# sql = """
# SELECT id AS subscription_id, customer_id AS account_id, start AS started_at, stop AS ended_at,
#        cancel_requested AS cancelled_at, mrr, seats, plan, billing AS billing_period,
#        term AS term_months, term_end AS renews_at
# FROM contracts
# """
#
# Required: accounts, subscriptions. Used when there: invoices, usage_events, tickets, surveys, metrics, exits.

# A gauge you already track (rows of the metrics table) becomes level, change and slope:
#
# [metrics.weekly_active_users]
# label = "weekly active users"
# raises_risk = "low"       # which end is bad news: low, high, either

[snapshots]
every = "month"             # when the book is looked at for training: month or week
min_tenure_days = 30        # younger accounts are scored, but do not train

[labels]
lead_days = 0               # churn nearer than this is too near to act on
horizon_days = 180          # how far ahead churn counts
grace_days = 30             # a renewal up to this late is not churn
pause_days = 90             # a pause up to this long is not churn

[features]
static = []                 # attributes of accounts that never change: "segment", "industry", "country"

[training]
models = ["base_rate", "scorecard", "logistic", "lightgbm"]
folds = 4
capacity = 0.1              # the share of the book your team can work in one period

[output]
folder = "var"              # features, models, scores, runs
'''


def write_starter(folder: Path) -> Path:
    """Write a churnmodel.toml into `folder` (SettingsError where there is one already: it is never replaced)."""
    path = folder / "churnmodel.toml"
    if path.exists():
        raise SettingsError(f"{path} is there already; wanted a folder without one. Remove it or name another.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(STARTER, encoding="utf-8")
    return path
