"""What does a new project start from? (a commented churnmodel.toml)"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from churnmodel.errors import SettingsError
from churnmodel.workflow.presets.compose import Composition, heading, mapped_tables
from churnmodel.workflow.presets.read import read_presets

_HEAD = """\
# churnmodel: your project in one file. Every key but project.data_until has a default.
# Next: churnmodel check, then train, compare, score, explain ACCOUNT.

[project]
name = "my company"
data_until = 2026-01-01     # everything before this midnight is in your tables. CHANGE THIS.
timezone = "UTC"            # the zone of times that do not say theirs
currency = "USD"

[data]
folder = "data"             # Parquet or CSV files, one per table; or one of these instead:
# duckdb = "warehouse.duckdb"
# postgres = "postgresql://user@host:5432/database"  # the password stays in PGPASSWORD or ~/.pgpass
# postgres_schema = "public"
# timeout_seconds = 3600    # the longest a statement may run in PostgreSQL; 0 is for ever
# spark = "catalog.database"  # or a folder
# memory_limit = "2GB"      # what DuckDB may use

"""

_BY_HAND = '''\
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
# Required: accounts, subscriptions. Every other table of the contract is used when it is there; those of systems
# in wide use come mapped: churnmodel init --from help

'''

_REST = """\
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
static = []                 # columns of accounts that never change, such as "segment"
# include = ["*"]           # which features are built, by name; exclude = ["csat*"] leaves out
# own = "own_features.py"   # features of yours, beside these
{exclude}
[training]
models = ["base_rate", "scorecard", "logistic", "lightgbm"]
folds = 4
capacity = 0.1              # the share of the book your team can work in one period; or a number of accounts, 25

[money]                     # what a model is worth. CHANGE THESE: only you know them
contact_cost = 500          # of working one account once
incentive_share = 0.0       # a discount on its MRR that whoever stays takes
save_rate = { low = 0.1, likely = 0.3, high = 0.5 }   # of the churners worked, how many stay after all
value_months = 12           # for how many months the MRR of a saved account counts

# [kpis]                    # of `churnmodel success kpis`
# size_bands = [500, 2000]  # MRR at which a contract size ends; else thirds of the accounts
# gross_margin = 0.8        # of MRR, in lifetime value and payback; else it is of revenue

# [tiers]                   # of `churnmodel success tiers`; docs/tiers.md has them all
# platinum = { share = 0.05 }            # or { arr_above = 100000 }, { seats_above = 200 }, { strategic = true }
# cost = { ticket = 40, csm_hour = 90 }  # what it costs you; unknown until you say it

# [renewals]                # of `churnmodel success renewals`
# notice_days = 60          # how long before its end a contract must be cancelled

# [warehouse]               # where `--into TABLE` of `churnmodel success` leaves a part, a day at a time
# duckdb = "churn.duckdb"   # or postgres = "postgresql://user@host:5432/database", as above

[output]
folder = "var"              # features, models, scores, runs
"""


def starter(presets: Sequence[str] = ()) -> str:
    """The text of a churnmodel.toml to start from.

    Parameters
    ----------
    presets
        Systems whose tables come mapped, as ``--from`` names them; without one the file shows how to map by hand.

    Raises
    ------
    SettingsError
        There is no preset of one of the names.

    >>> "[tables.tickets]" in starter(["zendesk", "stripe"])
    True
    """
    if not presets:
        return _HEAD + _BY_HAND + _REST.replace("{exclude}", "")
    composition = Composition(read_presets(presets))
    exclude, why = list(composition.exclude), dict.fromkeys(composition.exclude.values())
    without = f"exclude = {json.dumps(exclude)}          # {'; '.join(why)}\n" if exclude else ""
    tables = f"{heading(composition)}\n\n{mapped_tables(composition)}\n"
    return _HEAD + tables + _REST.replace("{exclude}", without)


def write_starter(folder: Path, presets: Sequence[str] = ()) -> Path:
    """Write a churnmodel.toml into `folder`, with the tables of `presets` mapped.

    Raises
    ------
    SettingsError
        There is one already (it is never replaced), or there is no preset of one of the names.
    """
    path = folder / "churnmodel.toml"
    if path.exists():
        raise SettingsError(f"{path} is there already; wanted a folder without one. Remove it or name another.")
    text = starter(presets)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
