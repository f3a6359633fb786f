"""Build the feature matrix of the book and keep it as Parquet: what a scheduler runs for other consumers.

``python pipelines/build_features.py --config churnmodel.toml [--data PATH] [--until DAY] [--as-of DAY]``

Writes ``<output>/features/as_of=DAY.parquet``, one row per account of the book on that day (by default
data_until); a day that was built before by the same definitions stays as it is. The log and the exit codes are
those of `scheduled`: 0 done, 1 a fault, 2 refused.
"""

from __future__ import annotations

import argparse

import pandas as pd

from scheduled import Arguments, Ended, Log, open_project, run


def job(options: argparse.Namespace, log: Log) -> Ended:
    """Open, build, tell."""

    from churnmodel.workflow.features import build_features

    project = open_project(options)
    days = [pd.Timestamp(options.as_of)] if options.as_of else None
    built = build_features(project, days, progress=lambda table, k, n: log.progress(f"features: {table}", k, n))
    X = built.X
    return Ended(
        {
            "accounts": len(X),
            "features": X.shape[1],
            "known_share": round(float(X.notna().to_numpy().mean()), 4) if X.size else None,
            "wrote": str(built.places[-1]),
            "built_anew": bool(built.anew),
        }
    )


def main() -> int:
    """The exit code."""
    parser = Arguments("build_features", __doc__)
    parser.add_day("--as-of", "the day of looking (default: data_until)")
    return run(parser, job)


if __name__ == "__main__":
    raise SystemExit(main())
