"""A book that fits on paper: six accounts with their reasons, as a published score table would hold them."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from churnmodel.scoring.score_table import ScoreTable
from churnmodel.settings.plays import PlaySettings
from churnmodel.success.play_accounts import play_accounts
from churnmodel.success.play_choice import fitting_plays, raising_drivers
from churnmodel.success.play_files import Library, read_library
from churnmodel.success.play_tasks import Filling
from churnmodel.success.triage import Triage, triage

AS_OF = pd.Timestamp("2026-01-01")  # a Thursday
SECRET = "SPOKE-OF-A-COMPETITOR"
#       id    name     csm    mrr  risk  band      renews in  status     reasons (code, points)
BOOK = [
    ("a", "Acme", "Ines", 1000.0, 0.50, "red", 96.0, "at_risk", [("usage.active_users", 0.20)]),
    ("b", "Bolt", "Ines", 2000.0, 0.40, "red", 20.0, "at_risk", [("financial.overdue_invoices", 0.05),
                                                             ("usage.active_users", 0.03)]),
    ("c", "Cora", "Kofi", 500.0, 0.30, "orange", 200.0, "at_risk", [("sentiment.talk_of_a_competitor", 0.10)]),
    ("d", "Dune", "Kofi", 800.0, np.nan, None, np.nan, "leaving", []),
    ("e", "Echo", None, 300.0, 0.20, "orange", 300.0, "young", [("relationship.onboarding", 0.04)]),
    ("f", "Fern", "Kofi", 9000.0, 0.01, "green", 300.0, "at_risk", [("usage.active_users", 0.001)]),
]  # fmt: skip
READY = pd.Series({"f": "first value reached on 1 May 2025, seats nearly full: 60 of 63 seats active in 28 days"})
"""Whom `success expansion` calls ready, and why."""
LEAVING_ON = pd.Timestamp("2026-01-11")
FEATURES = {
    "active_users_28d": [8.0, 3.0, 5.0, 2.0, 1.0, 60.0],
    "active_users_previous_28d": [15.0, 3.0, 5.0, 2.0, 1.0, 58.0],
    "overdue_count": [0.0, 2.0, 0.0, 0.0, 0.0, 0.0],
    "overdue_amount": [0.0, 4000.0, 0.0, 0.0, 0.0, 0.0],
    "milestones_reached": [3.0, 3.0, 3.0, 3.0, 0.0, 3.0],
    "no_first_value": [0.0, 0.0, 0.0, 0.0, 1.0, 0.0],
    "seat_utilisation_28d": [0.4, 0.3, 0.5, 0.2, 0.1, 0.95],
    "tenure_days": [400.0, 500.0, 600.0, 700.0, 10.0, 900.0],
}
FEATURE_OF = {"usage.active_users": "active_users_28d", "financial.overdue_invoices": "overdue_count"}


def table(book: list[tuple] = BOOK) -> ScoreTable:
    index = pd.MultiIndex.from_tuples([(row[0], AS_OF) for row in book], names=["account_id", "as_of"])
    scores = pd.DataFrame(
        [row[1:8] for row in book],
        columns=["name", "csm", "mrr", "risk", "band", "days_to_renewal", "status"],
        index=index,
    )
    scores["renews_at"] = AS_OF + pd.to_timedelta(scores["days_to_renewal"], unit="D")
    scores["leaving_on"] = [LEAVING_ON if row[7] == "leaving" else pd.NaT for row in book]
    rows = []
    for account, *_, reasons in book:
        for rank, (code, points) in enumerate(reasons, start=1):
            family, concept = code.split(".")
            rows.append((account, AS_OF, rank, code, concept.replace("_", " "), family, "raises", points,
                         FEATURE_OF.get(code, "milestones_reached"), 1.0,
                         f"{SECRET} {code}"))  # fmt: skip
    names = ["account_id", "as_of", "rank", "code", "concept", "family", "direction", "points", "feature", "value",
             "sentence"]  # fmt: skip
    drivers = pd.DataFrame(rows, columns=names).set_index(["account_id", "as_of"])
    X = pd.DataFrame({name: values[: len(book)] for name, values in FEATURES.items()}, index=index)
    return ScoreTable(date(2026, 1, 1), "0" * 12, scores, drivers, X)


@cache
def _library(off: tuple[str, ...], send: tuple[str, ...]) -> Library:
    return read_library(PlaySettings(off=off, send=send))


def world(rules: PlaySettings | None = None, *, found: ScoreTable | None = None, tiers=None, edits=None,
          contacts=None, library=None, gone=None, held=None, answers=None, ready=READY,
          **past) -> tuple[Triage, Filling, pd.DataFrame]:
    """Triage of the book, what texts are filled from, and every play that fits."""
    rules, found = rules or PlaySettings(), found or table()
    library = library or _library(rules.off, rules.send)
    accounts = play_accounts(found, tiers=tiers, gone=gone, held=held, ready=ready)
    drivers, X = raising_drivers(found), found.X.reset_index("as_of", drop=True)
    fitting = fitting_plays(library.plays, accounts, drivers, X, rules.least_points, answers)
    filling = Filling(library, rules, AS_OF, "USD", "Our Company", accounts, drivers, X, edits, contacts,
                      tell_tier=tiers is not None)  # fmt: skip
    return triage(library, accounts, fitting, AS_OF, rules, **past), filling, fitting


def chosen(found: Triage) -> dict[str, str]:
    return dict(zip(found.chosen["account_id"], found.chosen["play"], strict=True))


def because(found: Triage) -> dict[str, str]:
    return dict(zip(found.waiting["account_id"], found.waiting["because"], strict=True))
