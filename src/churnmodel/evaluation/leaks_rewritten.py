"""Does a table hold the state of today where it should hold that of its day? (mrr, renews_at, rows learned late)

Three signs that an export was taken at the end and dated back, each found without any model: MRR that agrees
with the newest invoices and not with those of its own time, terms that end later than they can, and rows of
leavers that became known only once they had left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnmodel.evaluation.checks.finding import Finding
from churnmodel.sources.schemas import CONTRACT

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

CODE = "CHN002"
MRR, RENEWALS, LATE = "MRR is that of its own time", "Every term has its own row", "Rows were learned in time"
FEWEST, AGREES, MONTH = 20, 0.02, 30.44
LATE_DAYS, BEFORE_DAYS = 30, 180
MOST_LATE, TIMES_AS_LATE = 0.2, 5
"""Rows of leavers are strangely late where this share of them is, and so many times the share of other rows."""
SHORT = 0.05
SLACK_DAYS = 92
"""A term may be agreed so long before it begins, or be so much longer than its months say."""


def check_mrr_of_its_time(db: Database) -> Finding:
    """CHN002: where invoices changed size, does MRR agree with the ones of its own time, or only with the newest?

    An account's first and last invoice are compared with the MRR that ran when they were issued; what an invoice
    is of the MRR (1 month, 12) is taken from the last ones of each billing period.
    """
    if not db.has("invoices"):
        return Finding(CODE, MRR, "not applicable", "There are no invoices to compare subscriptions.mrr with.")
    found = _billed(db)
    moved = found[found["moved"]]
    detail = {"accounts_compared": len(found), "accounts_moved": len(moved), "columns": ["subscriptions.mrr"]}
    if len(moved) < FEWEST:
        message = (
            f"Of {len(found):,} accounts with invoices that agree with subscriptions.mrr in the end, {len(moved)} "
            f"had others before; wanted {FEWEST}. Whether MRR is that of its own time cannot be told from them."
        )
        return Finding(CODE, MRR, "not applicable", message, detail)
    then = float(moved["agreed_first"].mean())
    detail["agreed_then"] = then
    looked = (
        f"{len(moved):,} of {len(found):,} accounts have invoices of another size at first than at last. At the "
        f"last subscriptions.mrr agrees with all of them, at the first with {then:.0%}."
    )
    if then < 0.5:
        told = (
            " It is the amount of the end, written back over the past: map one row per version, each with the "
            "MRR of its time."
        )
        return Finding(CODE, MRR, "fired", looked + told, detail)
    return Finding(CODE, MRR, "silent", looked, detail)


def _billed(db: Database) -> pd.DataFrame:
    """Per account whose last invoice agrees with MRR: whether its first was of another size, and agreed."""
    invoices, s = db.table("invoices"), db.table("subscriptions")
    invoices = invoices.filter(invoices.amount > 0).select("invoice_id", "account_id", "issued_at", "amount")
    s = s.select("account_id", "started_at", "ended_at", "mrr", "billing_period")
    pairs = invoices.inner_join(s, "account_id")
    running = pairs.filter(
        pairs.started_at <= pairs.issued_at, pairs.ended_at.isnull() | (pairs.ended_at > pairs.issued_at)
    )
    of_invoice = running.group_by(["account_id", "invoice_id", "issued_at", "amount"])
    rows = db.run(of_invoice.agg(mrr=running.mrr.sum().cast("int64"), period=running.billing_period.max()))
    rows = rows[rows["mrr"] > 0].sort_values(["account_id", "issued_at", "invoice_id"])
    rows["times"] = rows["amount"] / rows["mrr"]
    rows["period"] = rows["period"].fillna("")
    ends = rows.groupby("account_id").agg(["first", "last"])
    last = pd.DataFrame({"period": ends["period"]["last"], "times": ends["times"]["last"]})
    usual = last.groupby("period")["times"].median()

    def agrees(which: str) -> pd.Series[bool]:
        told = ends["times"][which] / ends["period"][which].map(usual)
        return (told - 1).abs() < AGREES

    size = {w: ends["amount"][w] / ends["period"][w].map(usual) for w in ("first", "last")}
    moved = (size["first"] / size["last"] - 1).abs() > AGREES
    found = pd.DataFrame({"moved": moved, "agreed_first": agrees("first"), "agreed_last": agrees("last")})
    return found[found["agreed_last"]]


def check_terms_have_rows(db: Database) -> Finding:
    """CHN002: does ``renews_at`` end the term of its own row, or is it the newest renewal, written over them?

    A row that began long ago and renews after more than its ``term_months`` was written over at a renewal: those
    who left show a past date, those who stayed a coming one. Where no term is told, the longest time to a renewal
    in rows that run today stands for it, or that of short rows if it is longer.
    """
    columns = ["subscriptions.renews_at"]
    s = db.table("subscriptions")
    rows = db.run(s.select("subscription_id", "started_at", "ended_at", "renews_at", "term_months"))
    rows = rows[rows["renews_at"].notna() & (rows["started_at"] < db.until)]
    if rows.empty:
        return Finding(CODE, RENEWALS, "not applicable", "No subscription says when it renews.")
    term = rows["term_months"].astype("float64") * MONTH
    runs = rows["ended_at"].isna() | (rows["ended_at"] >= db.until)
    ahead = (rows["renews_at"] - db.until).dt.days
    lasts = (rows["renews_at"] - rows["started_at"]).dt.days
    untold = term.isna()
    term = term.fillna(max(float(ahead[runs].max()) if runs.any() else 0.0, float(lasts.quantile(SHORT))))
    old = (db.until - rows["started_at"]).dt.days > term + LATE_DAYS
    over = lasts > term + SLACK_DAYS
    asked = rows[old]
    wrong = int((over & old).sum())
    detail: dict[str, Any] = {"rows_asked": len(asked), "rows_over": wrong, "columns": columns}
    if len(asked) < FEWEST:
        message = f"Only {len(asked)} subscriptions with a renews_at are older than one term; wanted {FEWEST}."
        return Finding(CODE, RENEWALS, "not applicable", message, detail)
    stays = int((over & old & runs).sum())
    share = wrong / len(asked)
    by = "the terms of other rows" if untold[old].mean() > 0.5 else "their term_months"
    looked = (
        f"Of {len(asked):,} subscription rows that began more than one term ago, {wrong:,} ({share:.0%}) have a "
        f"renews_at further from their start than {by} allow"
    )
    if share > 0.1 and wrong >= FEWEST:
        told = (
            f": renewals passed and no second rows exist. {stays:,} of them still run and show the next renewal, "
            f"{wrong - stays:,} left and show the last one, so that days_to_renewal tells who stays. Write one "
            "row per term, or do not map subscriptions.renews_at."
        )
        return Finding(CODE, RENEWALS, "fired", looked + told, {**detail, "still_run": stays})
    return Finding(CODE, RENEWALS, "silent", looked + ".", {**detail, "still_run": stays})


def check_learned_in_time(db: Database) -> Finding:
    """CHN002: were rows of leavers, that happened before they left, only learned once they were gone?

    For tables with a ``known_at``: the share of rows of the half year before an exit that were learned after it
    and more than 30 days late, beside the share of rows that late among all others.
    """
    tables = [t for t, reading in db.readings.items() if reading.has_known_at and _has_past(t)]
    if not tables:
        why = (
            "No table says when its rows became known (known_at): a row written late cannot be told from one in "
            "time."
        )
        return Finding(CODE, LATE, "not applicable", why)
    left = _left_at(db)
    found: list[dict[str, Any]] = []
    for table in tables:
        found.append({"table": table, "columns": [f"{table}.known_at"], **_late_shares(db, table, left)})
    bad = [
        f for f in found if f["accounts"] >= FEWEST and f["leavers"] > max(MOST_LATE, TIMES_AS_LATE * f["stayers"])
    ]
    detail = {"tables": found}
    if bad:
        said = "; ".join(
            f"{f['table']}.known_at: {f['leavers']:.0%} of {f['rows']:,} rows ({f['accounts']:,} accounts that "
            f"left), {f['stayers']:.0%} elsewhere"
            for f in bad
        )
        message = (
            f"Rows of the half year before an exit were learned after it, more than {LATE_DAYS} days late: {said}."
            " They were written again after the exit; their earlier versions are not here."
        )
        return Finding(CODE, LATE, "fired", message, detail)
    compared = [f for f in found if f["rows"]]
    if not compared:
        none = "No table with a known_at has rows of the half year before an exit: there is nothing to compare."
        return Finding(CODE, LATE, "not applicable", none, detail)
    said = "; ".join(f"{f['table']} {f['leavers']:.0%} against {f['stayers']:.0%}" for f in compared)
    message = (
        f"Rows learned after the exit of their account and {LATE_DAYS} days late, against rows as late elsewhere: "
        f"{said}."
    )
    return Finding(CODE, LATE, "silent", message, detail)


def _has_past(table: str) -> bool:
    return CONTRACT[table].of_account and table not in ("exits", "accounts")


def _left_at(db: Database) -> Any:
    """An Ibis table of accounts that left, and when."""
    s = db.table("subscriptions")
    per = s.group_by("account_id").agg(runs=s.ended_at.isnull().any(), left_at=s.ended_at.max())
    return per.filter(~per.runs).drop("runs")


def _late_shares(db: Database, table: str, left: Any) -> dict[str, Any]:
    import ibis

    rows = db.versions(table)
    time = rows[CONTRACT[table].time]
    rows = rows.mutate(happened=time, is_late=rows.known_at > time + ibis.interval(days=LATE_DAYS))
    rows = rows.left_join(left, "account_id")
    near = (rows.happened < rows.left_at) & (rows.happened >= rows.left_at - ibis.interval(days=BEFORE_DAYS))
    near = near.fill_null(False)
    found = db.run(
        rows.aggregate(
            rows=rows.count(where=near),
            accounts=rows.account_id.nunique(where=near & rows.is_late & (rows.known_at >= rows.left_at)),
            late=rows.count(where=near & rows.is_late & (rows.known_at >= rows.left_at)),
            others=rows.count(where=~near),
            late_others=rows.count(where=~near & rows.is_late),
        )
    ).iloc[0]
    return {
        "rows": int(found["rows"]),
        "accounts": int(found["accounts"]),
        "leavers": float(np.divide(found["late"], found["rows"])) if found["rows"] else 0.0,
        "stayers": float(np.divide(found["late_others"], found["others"])) if found["others"] else 0.0,
    }
