"""Who left, when, paying what, for which stated reason, and who of them came back? (a row per departure)

A departure is the end of a tenure of `churnmodel.success.ledger`, so that these and the KPIs count the same: a
pause, a trial or a late renewal is none. Whoever ran out within the grace days may still renew late, and is
told as such.

Why they left is what `exits` says of that tenure; where it says nothing, what somebody wrote down who asked
(`churnmodel.state.winback`). A row of `exits` belongs to the tenure that had begun last before it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.settings.winback import as_reason
from churnmodel.sources.database import Database
from churnmodel.success.ledger import DAY, Ledger
from churnmodel.success.paid import levels, paid_spans

PEOPLE = ("name", "segment", "csm", "account_manager")
KEY = ["account_id", "tenure"]
HELD, REASON_ONLY, NO_INTERVIEW = "held", "reason only", "none"
INTERVIEW = "interview"
WORDS = ("account_id", "kind", "day", "reason", "note", "by", "on")
"""What must be known of each word of people: as `churnmodel.state.winback` keeps them."""


def departures(
    db: Database, ledger: Ledger, words: pd.DataFrame | None = None, *, pause_days: int = 90
) -> pd.DataFrame:
    """Every departure up to ``ledger.as_of``, as known before it.

    Law: no row that became known at or after it changes any.

    Parameters
    ----------
    words
        `WORDS`, in the order in which they were said; up to that day.

    Returns
    -------
    DataFrame
        By left_at and account: account_id, tenure, began_at, left_at, days_gone, in_grace (it may still renew
        late), mrr (the last it paid a month, currency units), back_at, mrr_back (what it paid on the first day
        back), here (the tenure after it still runs), away_since_back (the day that one ended); reason (one of
        `churnmodel.settings.winback`, unknown where none is on record), said (the word itself), comment, told_by
        (who asked, where `exits` says no reason), interview (held; reason only: a reason and not a word on it;
        none); and `PEOPLE`.
    """
    as_of, ends = ledger.as_of, ledger.tenures
    nxt = ends.groupby("account_id")[["began_at", "over_at"]].shift(-1)
    nxt = nxt.where(nxt["began_at"] < as_of)  # who has signed for a later day is not back yet
    found = ends.rename(columns={"over_at": "left_at"}).assign(back_at=nxt["began_at"], over_again=nxt["over_at"])
    found = found[found["left_at"].notna() & (found["left_at"] <= as_of)]
    found = found.sort_values(["left_at", "account_id"], ignore_index=True)
    found["days_gone"] = (as_of - found["left_at"]).dt.total_seconds() / 86_400
    found["in_grace"] = found["back_at"].isna() & (found["days_gone"] <= ledger.grace_days)
    found["here"] = found["back_at"].notna() & ~(found["over_again"] <= as_of)
    found["away_since_back"] = found.pop("over_again").where(~found["here"])
    steps = levels(paid_spans(db, as_of, grace_days=ledger.grace_days, pause_days=pause_days))
    found["mrr"], found["mrr_back"] = _paid(found, steps[steps["cents"] > 0])
    found = found.join(_stated(db, ledger, words).set_index(KEY), on=KEY)
    found["reason"] = found["said"].map(as_reason)
    for name in ("said", "comment", "told_by"):
        found[name] = found[name].fillna("")
    asked = (found["comment"] != "") | (found["told_by"] != "")
    found["interview"] = np.select([asked, found["said"] != ""], [HELD, REASON_ONLY], NO_INTERVIEW)
    cut = db.cut(as_of)
    accounts = cut.table("accounts")
    about = cut.run(accounts.select(*[c for c in ("account_id", *PEOPLE) if c in accounts.columns]))
    about = about.drop_duplicates("account_id", keep="last").set_index("account_id").reindex(columns=list(PEOPLE))
    about = about.astype("object").where(about.notna(), None)
    return found.join(about, on="account_id")


def of_tenure(rows: pd.DataFrame, at: str, ledger: Ledger) -> pd.DataFrame:
    """Rows with the tenure of their account that had begun last before the moment `at`; none where none had."""
    begun = ledger.tenures[["account_id", "tenure", "began_at"]]
    both = rows.reset_index(names="place").merge(begun, on="account_id")
    both = both[both["began_at"] < both[at]].sort_values(["place", "tenure"])
    return both.drop_duplicates("place", keep="last").drop(columns=["place", "began_at"]).reset_index(drop=True)


def words_of(words: pd.DataFrame | None, ledger: Ledger, kinds: tuple[str, ...]) -> pd.DataFrame:
    """The latest word of these kinds on each departure (`WORDS` and tenure), said since it ended."""
    if words is None or words.empty:
        return pd.DataFrame(columns=[*WORDS, "tenure"])
    mine = words[words["kind"].isin(kinds)].reset_index(drop=True)
    mine = mine.assign(until=pd.to_datetime(mine["on"]).astype("datetime64[us]") + DAY)
    mine = mine[mine["until"] <= ledger.as_of + DAY]
    found = of_tenure(mine, "until", ledger).merge(ledger.tenures[[*KEY, "over_at"]], on=KEY)
    found = found[found["over_at"] < found["until"]]
    return found.drop_duplicates(KEY, keep="last").drop(columns=["until", "over_at"]).reset_index(drop=True)


def _paid(found: pd.DataFrame, paying: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The last amount before each departure and the first after it, in currency units."""
    both = found.reset_index(names="place")[["place", "account_id", "began_at", "left_at", "back_at"]]
    both = both.merge(paying, on="account_id").sort_values(["place", "at"])
    last = both[(both["at"] >= both["began_at"]) & (both["at"] < both["left_at"])].groupby("place")["cents"].last()
    first = both[both["at"] >= both["back_at"]].groupby("place")["cents"].first()
    return last.reindex(found.index) / 100, first.reindex(found.index) / 100


def _stated(db: Database, ledger: Ledger, words: pd.DataFrame | None) -> pd.DataFrame:
    """Per tenure: said, comment, told_by."""
    table = pd.DataFrame(columns=[*KEY, "said", "comment"])
    if db.has("exits"):
        cut = db.cut(ledger.as_of)
        exits = cut.table("exits")
        names = [c for c in ("account_id", "exited_at", "reason", "comment") if c in exits.columns]
        rows = cut.run(exits.select(*names)).reindex(columns=["account_id", "exited_at", "reason", "comment"])
        for name in ("reason", "comment"):
            text = rows[name].astype("object").where(rows[name].notna(), "").astype(str).str.strip()
            rows[name] = text.where(text != "", None)
        # of two at the same moment the same one in every engine
        rows = rows.sort_values(["account_id", "exited_at", "reason", "comment"], ignore_index=True)
        rows = of_tenure(rows, "exited_at", ledger)
        rows["reason"] = rows["reason"].str.lower()
        table = rows.groupby(KEY)[["reason", "comment"]].last().reset_index().rename(columns={"reason": "said"})
    asked = words_of(words, ledger, (INTERVIEW,))[[*KEY, "reason", "note", "by"]]
    both = table.merge(asked, on=KEY, how="outer").astype(dict.fromkeys(("said", "comment", "by"), "object"))
    from_us = both["said"].isna() & both["reason"].notna()
    both["said"] = both["said"].where(~from_us, both["reason"])
    both["comment"] = both["comment"].where(both["comment"].notna(), both["note"])
    both["told_by"] = both["by"].where(from_us)
    return both[[*KEY, "said", "comment", "told_by"]]
