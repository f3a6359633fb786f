"""Train and compare every model, and publish the champion: what a scheduler runs once a month.

``python pipelines/train.py --config churnmodel.toml [--data PATH] [--until DAY] [--horizon DAYS]``

Exit code 0: a champion was published. 3: the training ended without a champion, as no model earned the title; one
line on stderr says why, what was learned is in MLflow and in the record, and an earlier champion stays in use.
2: refused, for instance by a fatal finding in the tables; nothing changed. 1: a fault. The log is
that of `scheduled`.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from scheduled import DONE, NO_CHAMPION, Arguments, Ended, Log, open_project, run

if TYPE_CHECKING:
    from churnmodel.workflow.train import Trained

METRICS = ("log_loss", "auroc", "average_precision", "brier", "calibration_slope", "mrr_caught_at_capacity")


def job(options: argparse.Namespace, log: Log) -> Ended:
    """Open, train, tell."""
    from churnmodel.workflow.revision import revision
    from churnmodel.workflow.train import train

    trained = train(open_project(options), revision=revision(), progress=log.progress)
    learned, choice = trained.learned, trained.learned.choice
    total = learned.report.iloc[-1]
    facts = {
        "champion": choice.champion,
        "challenger": choice.challenger,
        "version": trained.champion.name if trained.champion else None,
        "snapshots": int(total["snapshots"]),
        "churned": int(total["churned"]),
        "figures": _figures(trained),
        "findings": {finding.code: finding.status for finding in learned.findings},
        "experiment": trained.logged.experiment,
        "wrote": str(trained.record),
    }
    if choice.champion is None:
        return Ended(facts, NO_CHAMPION, said=choice.reasons[-1])
    return Ended(facts, DONE)


def _figures(trained: Trained) -> dict[str, dict[str, Any]]:
    """Model -> metric -> value out of time, on the rows all models share."""
    table = trained.learned.leaderboard
    pooled = table[(table["fold"] == "pooled") & (table["cohort"] == "all") & table["metric"].isin(METRICS)]
    return {
        str(model): {str(m): round(float(v), 6) for m, v in zip(rows["metric"], rows["value"], strict=True)}
        for model, rows in pooled.groupby("model")
    }


def main() -> int:
    """The exit code."""
    parser = Arguments("train", __doc__)
    parser.add_argument("--horizon", type=int, help="days ahead in which churn counts, instead of horizon_days")
    return run(parser, job)


if __name__ == "__main__":
    raise SystemExit(main())
