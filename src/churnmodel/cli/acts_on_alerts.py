"""Which act tells a customer success manager what moved? (success alerts)"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnmodel.cli.leave import Into, Parquet, leave, places_named
from churnmodel.cli.options import HERE, AsOf, Config, Data, csm_option, days_named, open_project

if TYPE_CHECKING:
    from churnmodel.workflow.alerts import Morning


def alerts(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    csm: Annotated[str | None, csm_option("Only what this CSM is told.")] = None,
    top: Annotated[int, typer.Option(help="How many accounts are printed.", min=1)] = 20,
    send: Annotated[
        bool, typer.Option("--send", help="Keep and send them, and what earlier runs could not. Else nothing is.")
    ] = False,
    backtest: Annotated[
        bool,
        typer.Option("--backtest", help="Replay the rules week by week: alerts per CSM, the churners caught."),
    ] = False,
    digest: Annotated[
        bool, typer.Option("--digest", help="The week of each CSM; with --send also to the channels.")
    ] = False,
    snooze: Annotated[
        str | None,
        typer.Option(help="Silence an alert by its id, or an account by its id or name.", metavar="ID"),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Up to this day, YYYY-MM-DD, with --snooze.", metavar="DAY")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write them, and what was not told.", metavar="FILE")] = None,
    parquet: Parquet = None,
    into: Into = None,
) -> None:
    """What moved? Turned red or orange, champion left, invoice overdue, use fell, and what else a CSM should hear.

    Each is told once, then its rule is quiet about the account; a CSM hears of few a week, by MRR x risk.

    Nothing is kept or sent without --send. Look at --backtest before you switch it on.

    How each rule works, and its settings: docs/alerts.md.
    """
    from churnmodel.cli import edge, show_alerts, show_alerts_past
    from churnmodel.cli.console import say
    from churnmodel.cli.options import never_with, only_with
    from churnmodel.cli.progress import progress
    from churnmodel.errors import SettingsError
    from churnmodel.workflow import alerts as work
    from churnmodel.workflow import alerts_sent as sent
    from churnmodel.workflow.alerts_table import morning_table
    from churnmodel.workflow.layer import tier_of_book
    from churnmodel.workflow.named_csm import csm_named

    places_named(config, csv=csv, parquet=parquet, into=into, narrowed={"csm": csm})
    only_with("--snooze", snooze is not None, until=until)
    never_with("--backtest", backtest, send=send or None, digest=digest or None, snooze=snooze, as_of=as_of)
    never_with("--csm", csm is not None, send=send or None, backtest=backtest or None, snooze=snooze)
    never_with("--snooze", snooze is not None, send=send or None, digest=digest or None)
    project = open_project(config, data)
    days = days_named(as_of)
    day = days[0] if days else None

    def look() -> Morning:
        return work.look_this_morning(project, day, tier_of_book(project, day))

    if snooze is not None:
        quiet = days_named(until, "--until")
        if quiet is None:
            raise SettingsError("--snooze wants to know how long: --until 2026-03-01")
        say(sent.snooze(project, snooze, quiet[0], by=edge.user(), at=edge.now(), morning=look))
        return
    if backtest:
        from churnmodel.workflow.alerts_past import replay_alerts

        with progress() as step:
            found = replay_alerts(project, progress=step)
        show_alerts_past.replayed(found, project)
        table, looked_on = show_alerts_past.replayed_table(found), project.until
    else:
        urls = sent.channel_urls(project, edge.environment()) if send else {}
        morning = look()
        if send:
            decided, queued = work.raise_alerts(project, morning, edge.now())
        else:
            decided, queued = work.would_raise(project, morning), 0
        texts = work.weekly_digest(project, morning, decided) if digest else {}
        if csm is not None:
            csm = csm_named(csm, morning.about["csm"])
            decided, texts = decided.of_csm(csm), {csm: texts[csm]} if digest else {}
        show_alerts.morning(morning, decided, top, is_sent=send, csm=csm)
        if digest:
            show_alerts.digest(texts)
            if send:
                queued += work.queue_digest(project, texts, morning.as_of.date(), edge.now())
        if send:
            show_alerts.delivered(queued, sent.send_due(project, urls, clock=edge.now, sleep=edge.sleep))
        table, looked_on = morning_table(morning, decided, kept=send), morning.as_of
    leave(project, table, looked_on, csv=csv, parquet=parquet, into=into)
