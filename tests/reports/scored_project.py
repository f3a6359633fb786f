"""A small company scored on three days, without training: one account is hostile, one has left, one is leaving."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from churnmodel.scoring.champion import set_champion
from churnmodel.scoring.score_table import publish
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.project import Project
from scoring.small_company import AS_OF, book, bundle, feature_rows

SETTINGS = '[project]\nname = "small"\ndata_until = 2026-03-01\ncurrency = "EUR"\n[output]\nfolder = "home"\n'
DAYS = tuple(AS_OF - pd.Timedelta(days=days) for days in (60, 30, 0))
GONE, LEAVING, YOUNG, HERE = "acc-00003", "acc-00039", "acc-00038", "acc-00005"
RAN = "document.documentElement.setAttribute('data-ran','1')"
HOSTILE = (
    f"<script>{RAN}</script>",
    f'"><img src=x onerror="{RAN}">',
    f"javascript:{RAN}",
    "{{ 7 * 7 }}{% raw %}",
    "</style></title><b>bold</b>",
    "safe\u202egnp.exe\u200b\x00\x1b[31m",
    "=cmd|'/c calc'!A1",
    "W" * 400,
)


def scored_project(folder: Path, name: str | None = None, n: int = 40, away: str | None = None) -> Project:
    """The project; where a `name` is given every account, segment and CSM is called so, and every plan.

    The account `away` is not in the book of the second day.
    """
    (folder / "churnmodel.toml").write_text(SETTINGS, encoding="utf-8")
    home = folder / "home"
    scorer = Scorer.load(set_champion(home, bundle(folder / "made", "logistic")))
    for place, day in enumerate(DAYS):
        X = feature_rows(n, place, day)
        if name is not None:
            X = X.assign(plan=name)
        known = book(X)
        if name is not None:
            known = known.assign(name=name, segment=name, csm=name)
        for missing in {1: [away], 2: [GONE]}.get(place, []):
            if missing is not None:
                known, X = known.drop((missing, day)), X.drop((missing, day))
        scores, drivers = scorer.score_and_explain(X[(known["status"] != "leaving").to_numpy()])
        table = known.join(scores).assign(mrr_at_risk=lambda t: t["mrr"] * t["risk"])
        publish(home / "scores", table, drivers, X, day.date(), scorer.version)
    return Project.open(folder / "churnmodel.toml")
