"""Score the book with the champion and publish the table: what a scheduler runs every night.

``python pipelines/score.py --config churnmodel.toml [--data PATH] [--until DAY] [--as-of DAY]``

Writes ``<output>/scores/as_of=DAY/<version>/`` and points ``latest.json`` to it in one step. Run twice, it
changes nothing: a published table stays as it was published. The log and the exit codes are those of
`scheduled`: 0 done, 1 a fault, 2 refused (no champion yet, a damaged bundle, a day after data_until).
"""

from __future__ import annotations

import argparse

import pandas as pd

from scheduled import Arguments, Ended, Log, open_project, run


def job(options: argparse.Namespace, log: Log) -> Ended:
    """Open, score, tell."""

    from churnmodel.scoring.expected_loss import expected_mrr_lost
    from churnmodel.workflow.score import score

    project = open_project(options)
    day = pd.Timestamp(options.as_of) if options.as_of else None
    scored = score(project, day, progress=log.progress)
    table = scored.table.scores
    expected = expected_mrr_lost(table)["mrr_lost_by_then"]
    return Ended(
        {
            "as_of": str(scored.table.as_of),
            "version": scored.table.version,
            "horizons": list(scored.scorer.edges),
            "accounts": len(table),
            "status": {str(k): int(v) for k, v in table["status"].value_counts().sort_index().items()},
            "bands": {str(k): int(v) for k, v in table["band"].value_counts().sort_index().items()},
            "currency": project.settings.project.currency,
            "mrr": round(float(table["mrr"].sum()), 2),
            "mrr_at_risk": round(float(table["mrr_at_risk"].sum()), 2),
            "expected_mrr_lost_within": {str(edge): round(float(lost), 2) for edge, lost in expected.items()},
            "wrote": str(scored.place),
        }
    )


def main() -> int:
    """The exit code."""
    parser = Arguments("score", __doc__)
    parser.add_day("--as-of", "the day of looking (default: data_until)")
    return run(parser, job)


if __name__ == "__main__":
    raise SystemExit(main())
