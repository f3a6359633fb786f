"""What do customers speak of, and how much MRR at risk stands behind each theme?

The MRR of the accounts that spoke of a theme, and the part of it at risk (MRR x risk; all of it under notice):
what is at stake where it is spoken of, not what the theme costs. An account that speaks of two themes counts in
both, so themes do not add up.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from churnmodel.scoring.bands import ORANGE, RED
from churnmodel.settings.feedback import FeedbackSettings, Theme
from churnmodel.success.ledger import DAY
from churnmodel.success.said import TICKET
from churnmodel.success.themes import quote

THEMES = {
    "theme": "object", "praise": "bool", "rows": "int64", "accounts": "int64", "accounts_before": "float64",
    "mrr": "float64", "mrr_at_risk": "float64", "mrr_red_orange": "float64", "left_since": "int64",
    "tickets": "int64", "unresolved": "float64", "quotes": "object",
}  # fmt: skip


def with_risk(book: pd.DataFrame) -> pd.DataFrame:
    """`book` (mrr, risk, band, status by account_id) with mrr_at_risk and mrr_red_orange.

    mrr_at_risk is NaN where a risk is not known, of all where none is; mrr_red_orange where no band is either.

    >>> book = pd.DataFrame({"mrr": [100.0, 50.0], "risk": [0.2, None], "status": ["at_risk", "leaving"]})
    >>> with_risk(book.assign(band=["green", None]))["mrr_at_risk"].tolist()
    [20.0, 50.0]
    """
    leaving = book["status"].eq("leaving")
    mrr, risk = book["mrr"].astype("float64"), book["risk"].astype("float64")
    at_risk = (mrr * risk).where(~leaving | bool(risk.isna().all()), mrr)
    low = mrr.where(book["band"].isin([RED, ORANGE]) | leaving, 0.0)
    is_known = book[["risk", "band"]].notna().any(axis=None)
    return book.assign(mrr_at_risk=at_risk, mrr_red_orange=low if is_known else np.nan)


def share_at_risk(book: pd.DataFrame) -> float:
    """The share of the MRR of `with_risk` that is at risk; NaN where no risk is known.

    >>> share_at_risk(pd.DataFrame({"mrr": [100.0, 300.0], "mrr_at_risk": [20.0, 60.0]}))
    0.2
    """
    total = book["mrr"].sum()
    return float(book["mrr_at_risk"].sum(min_count=1) / total) if total > 0 else float("nan")


def feedback_themes(
    rows: pd.DataFrame,
    tags: pd.DataFrame,
    book: pd.DataFrame,
    themes: Mapping[str, Theme],
    as_of: pd.Timestamp,
    rules: FeedbackSettings,
    *,
    knows_before: bool = True,
) -> pd.DataFrame:
    """Every theme that was spoken of in ``[as_of - days, as_of)`` or in as many days before.

    Parameters
    ----------
    rows, tags
        `churnmodel.success.said.said_rows` of both windows, and `churnmodel.success.themes.tagged` of them.
    book
        `with_risk` of the accounts that pay on the day.
    knows_before
        Whether the feeds spoke throughout the window before; else nothing is said of the change.

    Returns
    -------
    DataFrame
        `THEMES`, the most MRR at risk first (the most MRR where no risk and no band is known), praise last. Counts
        of accounts, now and before, are of the book; left_since are others. quotes is a list, missing where there
        is none.
    """
    begins = as_of - rules.days * DAY
    said = tags.join(rows, on="row")
    now, before = said[said["said_at"] >= begins], said[said["said_at"] < begins]
    found, knows_bands = [], bool(book["mrr_red_orange"].notna().any())
    for name, theme in themes.items():
        own, earlier = now[now["theme"] == name], before[before["theme"] == name]
        if own.empty and earlier.empty:
            continue
        spoke = pd.Index(own["account_id"].unique())
        here = book.reindex(spoke.intersection(book.index))
        spoke_before = float(earlier.loc[earlier["account_id"].isin(book.index), "account_id"].nunique())
        tickets = own[own["source"] == TICKET]
        open_share = tickets["unresolved"].astype("float64").mean() if len(tickets) else np.nan
        found.append(
            {
                "theme": name, "praise": theme.praise, "rows": len(own), "accounts": len(here),
                "accounts_before": spoke_before if knows_before else np.nan,
                "mrr": here["mrr"].sum(), "mrr_at_risk": here["mrr_at_risk"].sum(min_count=1),
                "mrr_red_orange": here["mrr_red_orange"].sum() if knows_bands else np.nan,
                "left_since": len(spoke.difference(book.index)),
                "tickets": len(tickets), "unresolved": open_share,
                "quotes": quotes_of(own, book, rules) or None,
            }
        )  # fmt: skip
    table = pd.DataFrame(found, columns=list(THEMES)).astype(THEMES)
    keys = pd.DataFrame({"praise": table["praise"], "risk": -table["mrr_at_risk"].fillna(-1.0)})
    keys = keys.assign(worried=-table["mrr_red_orange"].fillna(0.0), mrr=-table["mrr"], rows=-table["rows"])
    keys = keys.assign(theme=table["theme"])
    return table.loc[keys.sort_values(list(keys.columns)).index].reset_index(drop=True)


def quotes_of(said: pd.DataFrame, book: pd.DataFrame, rules: FeedbackSettings) -> list[str]:
    """Examples of what was said, of the accounts with the most MRR at risk, the latest of each; no words twice."""
    if not rules.quotes:
        return []
    texts = said[said["text"].notna()]
    known = book["mrr_at_risk"] if book["mrr_at_risk"].notna().any() else book["mrr"]
    stake = texts["account_id"].map(known).fillna(0.0)
    order = texts.assign(stake=stake).sort_values(
        ["stake", "said_at", "account_id"], ascending=[False, False, True], kind="stable"
    )
    told: list[str] = []
    for row in order.drop_duplicates("account_id").to_dict("records"):
        words = quote(row["text"], int(row["start"]), int(row["end"]), rules.quote_length)
        if words and words not in told:
            told.append(words)
        if len(told) == rules.quotes:
            break
    return told


def theme_accounts(said: pd.DataFrame, book: pd.DataFrame, rules: FeedbackSettings) -> pd.DataFrame:
    """The accounts of one theme: who spoke of it, how often, when last, and what they said last.

    Parameters
    ----------
    said
        The theme's rows, with start and end.

    Returns
    -------
    DataFrame
        Indexed by account_id, the most MRR at risk first and those that left last: the columns of `book`,
        in_book, times, first_at, last_at, source and quote of the last row, contact_id (the last who answered a
        survey), open (tickets of it that are not resolved; missing where the table does not tell).
    """
    ordered = said.sort_values(["said_at", "row"], kind="stable")
    by = ordered.groupby("account_id")
    last = by.tail(1).set_index("account_id")
    found = pd.DataFrame({"times": by.size(), "first_at": by["said_at"].min(), "last_at": by["said_at"].max()})
    found["source"] = last["source"]
    words = [
        quote(row["text"], int(row["start"]), int(row["end"]), rules.quote_length)
        for row in last.reindex(found.index).to_dict("records")
    ]
    found["quote"] = pd.Series(words, found.index, dtype="object") if rules.quotes else None
    contact = ordered[ordered["contact_id"].notna()].groupby("account_id")["contact_id"].last()
    found["contact_id"] = contact.reindex(found.index).astype("object")
    state = ordered["unresolved"].astype("boolean")
    unknown = (ordered["source"].eq(TICKET) & state.isna()).groupby(ordered["account_id"]).any()
    still_open = state.fillna(False).astype("Int64").groupby(ordered["account_id"]).sum()
    found["open"] = still_open.mask(unknown)
    found["in_book"] = found.index.isin(book.index)
    found = found.join(book.reindex(found.index))
    keys = pd.DataFrame({"gone": ~found["in_book"], "risk": -found["mrr_at_risk"].fillna(0.0)})
    keys = keys.assign(mrr=-found["mrr"].fillna(0.0), account=found.index.astype(str))
    return found.loc[keys.sort_values(list(keys.columns)).index]
