"""A small company's raw tables as loaders land them, and the project that `init --from` makes of them.

Three customers of Stripe: cus_a pays monthly, cus_b once a year, cus_c left on 5 April 2025 and was deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from churnmodel.sources.database import Database
from churnmodel.workflow.init import write_starter
from churnmodel.workflow.project import Project

Tables = Mapping[str, pd.DataFrame]
UNTIL = "2025-07-01"


def times(*cells: str | None) -> pd.Series[Any]:
    return pd.Series(pd.to_datetime(list(cells), format="ISO8601"), dtype="datetime64[us]")


def rows(columns: str, *cells: tuple[Any, ...]) -> pd.DataFrame:
    """A raw table; a column that begins with ``@`` holds times."""
    names = columns.split()
    table = pd.DataFrame(list(cells), columns=[n.lstrip("@") for n in names])
    for name in names:
        if name.startswith("@"):
            table[name[1:]] = times(*table[name[1:]])
    return table


def project(folder: Path, presets: str, tables: Tables, *, kind: str = "parquet", **edits: str) -> Project:
    """What `churnmodel init --from PRESETS` gives over `tables`, with words of the file replaced."""
    (folder / "data").mkdir(parents=True)
    for name, table in tables.items():
        if kind == "csv":
            table.to_csv(folder / "data" / f"{name}.csv", index=False)
        else:
            table.to_parquet(folder / "data" / f"{name}.parquet", index=False)
    config = write_starter(folder, presets.split(","))
    text = config.read_text(encoding="utf-8").replace("2026-01-01     #", f"{UNTIL}     #")
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    config.write_text(text, encoding="utf-8")
    return Project.open(config)


def told(db: Database, table: str, columns: str, *, at: str | None = None) -> list[tuple[Any, ...]]:
    """The rows of a table of the contract, sorted: days or times as text, None where unknown."""
    frame = (db if at is None else db.cut(at)).frame(table)[columns.split()].astype("object")
    cells = [tuple(_cell(cell) for cell in row) for row in frame.itertuples(index=False)]
    return sorted(cells, key=lambda row: [str(cell) for cell in row])


def _cell(cell: Any) -> Any:
    if pd.isna(cell):
        return None
    if isinstance(cell, pd.Timestamp):
        return str(cell).removesuffix(" 00:00:00")
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


STRIPE: Tables = {
    "stripe_customer": rows(
        "id name description email @created address_country is_deleted metadata _fivetran_synced",
        ("cus_a", "Acme", None, "a@acme.io", "2025-01-01", "DE", False, '{"account_id": "101"}', "2025-06-30"),
        ("cus_b", None, None, "b@bolt.io", "2025-01-15", "US", False, '{"account_id": "102"}', "2025-06-30"),
        ("cus_c", "Cray", None, "c@cray.io", "2025-01-10", None, True, '{"account_id": "103"}', "2025-06-30"),
    ),
    "stripe_subscription": rows(
        "id customer_id status @created @start_date @trial_end @canceled_at @ended_at @current_period_end",
        ("sub_a", "cus_a", "active", "2025-01-01", "2025-01-01", None, None, None, "2025-08-01"),
        ("sub_b", "cus_b", "active", "2025-01-01", "2025-01-01", "2025-01-15", None, None, "2026-01-15"),
        ("sub_c", "cus_c", "canceled", "2025-01-10", "2025-01-10", None, "2025-03-20", "2025-04-05", "2025-04-10"),
        # a trial that was never paid, and a first payment that never came
        ("sub_t", "cus_b", "canceled", "2025-02-01", "2025-02-01", "2025-02-15", "2025-02-10", "2025-02-10", None),
        ("sub_i", "cus_b", "incomplete_expired", "2025-02-01", "2025-02-01", None, None, "2025-02-02", None),
    ),
    "stripe_subscription_item": rows(
        "id subscription_id price_id quantity",
        ("si_1", "sub_a", "price_m", 5),
        ("si_2", "sub_a", "price_x", 1),
        ("si_3", "sub_b", "price_y", 10),
        ("si_4", "sub_c", "price_m", 2),
        ("si_5", "sub_t", "price_m", 1),
        ("si_6", "sub_i", "price_m", 1),
    ),
    "stripe_price": rows(
        "id nickname currency unit_amount recurring_interval recurring_interval_count",
        ("price_m", "Team", "usd", 3000, "month", 1),
        ("price_x", "Add-on", "usd", 9000, "month", 3),
        ("price_y", None, "usd", 12000, "year", 1),
    ),
    "stripe_invoice": rows(
        "id customer_id status currency total @created @status_transitions_finalized_at @due_date "
        "@status_transitions_paid_at @status_transitions_voided_at",
        ("in_1", "cus_a", "paid", "usd", 9000, "2025-01-01", "2025-01-01 01:00", None, "2025-01-03", None),
        ("in_2", "cus_a", "open", "usd", 13200, "2025-02-01", "2025-02-01 01:00", "2025-02-15", None, None),
        ("in_3", "cus_b", "paid", "usd", 120000, "2025-01-15", "2025-01-15", "2025-02-14", "2025-02-20", None),
        ("in_4", "cus_c", "paid", "usd", 5000, "2025-01-10", "2025-01-10", None, "2025-01-10", None),
        ("in_5", "cus_c", "paid", "usd", 5000, "2025-02-10", "2025-02-10", None, "2025-02-10", None),
        ("in_6", "cus_c", "void", "usd", 5000, "2025-03-10", "2025-03-10", None, None, "2025-04-01"),
        ("in_7", "cus_a", "draft", "usd", 9000, "2025-03-01", None, None, None, None),
    ),
    "stripe_invoice_line_item": rows(
        "id invoice_id subscription_id price_id amount currency quantity proration @period_start @period_end",
        ("l1", "in_1", "sub_a", "price_m", 9000, "usd", 3, False, "2025-01-01", "2025-02-01"),
        ("l2", "in_2", "sub_a", "price_m", 9000, "usd", 3, False, "2025-02-01", "2025-03-01"),
        ("l3", "in_2", "sub_a", "price_x", 3000, "usd", 1, False, "2025-02-01", "2025-03-01"),
        # a change in the middle of January, and metered use of January: both billed in February
        ("l4", "in_2", "sub_a", "price_m", 500, "usd", 1, True, "2025-01-20", "2025-02-01"),
        ("l5", "in_2", "sub_a", "price_x", 700, "usd", 7, False, "2025-01-01", "2025-02-01"),
        ("l6", "in_3", "sub_b", "price_y", 120000, "usd", 10, False, "2025-01-15", "2026-01-15"),
        ("l7", "in_4", "sub_c", "price_m", 5000, "usd", 2, False, "2025-01-10", "2025-02-10"),
        ("l8", "in_5", "sub_c", "price_m", 5000, "usd", 2, False, "2025-02-10", "2025-03-10"),
        ("l9", "in_6", "sub_c", "price_m", 5000, "usd", 2, False, "2025-03-10", "2025-04-10"),
        ("l10", "in_7", "sub_a", "price_m", 9000, "usd", 3, False, "2025-03-01", "2025-04-01"),
        # a subscription that is metered only
        ("l12", "in_2", "sub_u", "price_x", 400, "usd", 4, False, "2025-01-01", "2025-02-01"),
        # a one-off charge is no subscription
        ("l11", "in_1", None, None, 100, "usd", 1, False, "2025-01-01", "2025-02-01"),
    ),
    "stripe_charge": rows(
        "id invoice_id customer_id status @created",
        ("ch_1", "in_2", "cus_a", "failed", "2025-02-04"),
        ("ch_2", "in_2", "cus_a", "failed", "2025-02-01 02:00"),
        ("ch_3", "in_1", "cus_a", "succeeded", "2025-01-03"),
    ),
    "stripe_refund": rows("id charge_id amount currency @created", ("re_1", "ch_3", 1000, "usd", "2025-02-10")),
}
