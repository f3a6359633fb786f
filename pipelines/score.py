"""Score the book with the champion, publish the table, and say what follows: what a scheduler runs every night.

``python pipelines/score.py --config churnmodel.toml [--data PATH] [--until DAY] [--as-of DAY] [--send] [--start]
[--into PREFIX]``

Writes ``<output>/scores/as_of=DAY/<version>/`` and points ``latest.json`` to it in one step. Then health, alerts
and plays of the day, as tables in ``<output>/success/as_of=DAY/``; ``--send`` keeps the alerts and sends them,
``--start`` begins the plays, and with ``--send`` posts them to ``[plays.channel]``; one channel is enough, and
``without_channel`` in the log says what has none. ``--into churn`` leaves
``churn_scores``, ``churn_health``, ``churn_alerts`` and ``churn_plays`` in the warehouse of the settings as well.
Run twice, it changes nothing: a published table stays as it was published, an alert is told once, a play is
begun once. Without a champion nothing is scored and no play is chosen: health and alerts are told from the
scorecard; ``instead`` in the log says so. The log and the exit codes are those of `scheduled`: 0 done, 1 a fault,
2 refused (a damaged bundle, a day after data_until, a flat table without a champion).
"""

from __future__ import annotations

import argparse
import os
import re
import time
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from churnmodel.workflow.project import Project
from scheduled import Arguments, Ended, Log, open_project, run


def job(options: argparse.Namespace, log: Log) -> Ended:
    """Open, score, tell."""
    from churnmodel.scoring.expected_loss import expected_mrr_lost
    from churnmodel.sources.warehouse import put_table
    from churnmodel.workflow.after_score import refuse_past
    from churnmodel.workflow.health_driver import has_no_champion
    from churnmodel.workflow.score import score

    project = open_project(options)
    day = pd.Timestamp(options.as_of) if options.as_of else None
    if options.send or options.start:
        refuse_past(project, project.until if day is None else day)
    if not project.is_flat and has_no_champion(project):
        return Ended(followed(project, day, options, log))
    scored = score(project, day, progress=log.progress)
    table = scored.table.scores
    if options.into is not None:
        day = pd.Timestamp(scored.table.as_of)
        put_table(project.settings, table.reset_index(), f"{options.into}_scores", day)
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
            **({} if project.is_flat else followed(project, pd.Timestamp(scored.table.as_of), options, log)),
        }
    )


def followed(project: Project, day: pd.Timestamp | None, options: argparse.Namespace, log: Log) -> dict[str, Any]:
    """Health, alerts and plays of the day, in numbers."""
    from churnmodel.workflow.after_score import follow_score
    from churnmodel.workflow.alerts_sent import send_due
    from churnmodel.workflow.channels_set import channels_set

    # an alert that nobody could be told of is not raised
    to = channels_set(project, os.environ) if options.send else None
    tell, post = to is not None and to.alerts, to is not None and to.plays
    wanted = {"tell": tell, "begin": options.start, "post": post, "into": options.into}
    found = follow_score(project, day, now=now(), **wanted, progress=log.progress)
    driver = found.health.driver
    facts: dict[str, Any] = {
        **({"as_of": str(found.health.as_of), "instead": driver.instead} if driver.instead else {}),
        "health": {str(k): int(v) for k, v in found.health.frame["band"].value_counts().sort_index().items()},
        "exceptions": int(found.health.frame["exception"].notna().sum()),
        "alerts": len(found.decided.raised),
        "alerts_held_back": len(found.decided.held_back),
        **(
            {"plays": len(found.plays.triage.treated), "tasks": len(found.plays.tasks)}
            if found.plays is not None
            else {}
        ),
        "wrote_success": str(found.wrote),
    }
    if to is not None:
        sent = send_due(project, to.urls, clock=now, sleep=time.sleep)
        facts |= {"queued": found.queued, "digests": found.digests} if tell else {}
        facts |= {"sent": sent.sent, "waiting": sent.waiting, "given_up": sent.given_up}
        facts |= {"without_channel": to.without} if to.without else {}
        facts |= {"posted": found.posted} if post and options.start else {}
    return facts | ({"begun": found.begun} if options.start else {})


def now() -> datetime:
    """This moment, UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def table_prefix(text: str) -> str:
    """What the names of tables may begin with."""
    if not re.fullmatch("[a-z_][a-z0-9_]{0,50}", text):
        raise argparse.ArgumentTypeError(f"wanted a-z, 0-9 and _, such as churn; got {text!r}")
    return text


def main() -> int:
    """The exit code."""
    parser = Arguments("score", __doc__)
    parser.add_day("--as-of", "the day of looking (default: data_until)")
    send_help = "keep and send the alerts, and post what --start begins, where there are channels"
    parser.add_argument("--send", action="store_true", help=send_help)
    parser.add_argument("--start", action="store_true", help="begin the plays: write their tasks")
    into_help = "leave the tables in [warehouse] as well"
    parser.add_argument("--into", metavar="PREFIX", type=table_prefix, help=into_help)
    return run(parser, job)


if __name__ == "__main__":
    raise SystemExit(main())
