"""Who stands lower by a rule, and is each rule worth it? (today's exceptions, and the replayed past)"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import (
    band_text,
    console,
    headline,
    money,
    printable,
    say,
    spoken_day,
    text_or,
)
from churnmodel.cli.show_health import title, unasked
from churnmodel.cli.show_health_accounts import whole_health
from churnmodel.explanation.formats import percent
from churnmodel.success.health_judged import AGAINST, ANY, EARNED, FEW, FEWEST, NEVER, UNSHOWN

if TYPE_CHECKING:
    from churnmodel.workflow.health import Health
    from churnmodel.workflow.health_replayed import JudgedRules, Replayed
    from churnmodel.workflow.project import Project

UNTOLD = "cannot be told"
MEANING = {
    EARNED: "those it would have lowered left more often than the rest of their band, beyond chance",
    UNSHOWN: "those it would have lowered left no more often than the rest of their band, beyond chance: the "
    "model knows it already, or there are too few to tell",
    AGAINST: "those it would have lowered left less often than the rest of their band, beyond chance",
    FEW: f"it would have lowered fewer than {FEWEST} accounts",
    NEVER: "it was never met by an account of a better band",
    UNTOLD: "what it asks is not in the tables",
}


def exceptions(
    found: Health, told: JudgedRules, past: Replayed, project: Project, count: int, of: str = ""
) -> None:
    """Today's exceptions, the largest accounts first, and how each rule was judged (`of`: of whose accounts)."""
    title(found)
    rules = project.settings.health.exceptions
    if not rules:
        say("No rule is set: [[health.exceptions]] in churnmodel.toml.")
        return
    frame = found.frame
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("rule", "asks"):
        table.add_column(head, vertical="top", overflow="fold")
    for head in ("never better\nthan", "met\nby", "lowers"):
        table.add_column(head, justify="right", vertical="top")
    met = frame["rules_met"].fillna("").str.split("; ")
    for rule in rules:
        by = int(met.map(lambda names, name=rule.name: name in names).sum())
        table.add_row(
            Text(printable(rule.name)),
            Text(printable(rule.when), style="dim"),
            band_text(rule.never_better_than),
            "-" if not by and rule.name in found.unasked else f"{by:,}",
            f"{int((frame['rule'] == rule.name).sum()):,}",
        )
    console.print(table)
    unasked(found)
    _lowered(frame[frame["rule"].notna()], project.settings.project.currency, count)
    _judged(told, past, found, of)


def log_end(log: pd.DataFrame, new: int, project: Project) -> None:
    """What was written down, and where."""
    place = project.home / "health" / "exceptions.jsonl"
    say(f"\n{new:,} written down now, {len(log):,} up to this day, in {place} (it only grows; --csv writes it)")


def _lowered(rows: pd.DataFrame, currency: str, count: int) -> None:
    by_mrr = "mrr" in rows and rows["mrr"].notna().any()
    ranked = rows.sort_values(["mrr"] if by_mrr else ["health"], ascending=not by_mrr, kind="stable")
    headline(f"Lowered by a rule: {len(rows):,}{', the largest first' if by_mrr else ''}")
    for account_id, row in ranked.head(count).to_dict("index").items():
        line = Text("  ").append(text_or(row.get("name"), printable(account_id)), style="bold")
        line.append(f" ({printable(account_id)})  {whole_health(row['model_health'], row['model_band'])} ")
        line.append_text(band_text(row["model_band"])).append(" held at ")
        line.append(f"{whole_health(row['health'], row['band'])} ").append_text(band_text(row["band"]))
        if by_mrr and row["mrr"] == row["mrr"]:
            line.append(f"  {money(float(row['mrr']), currency)} MRR")
        line.append(f", CSM {text_or(row['csm'], '-')}" if "csm" in row else "")
        console.print(line)
        console.print(Padding(Text(printable(row["exception"])), (0, 0, 0, 4), expand=False))
    if len(rows) > count:
        say(f"  and {len(rows) - count:,} more (--top {len(rows)} lists all)")


def _judged(told: JudgedRules, past: Replayed, found: Health, of: str) -> None:
    headline(f"Is each rule worth it? Asked of the replayed past{of}")
    if not told.looks:
        say(f"It cannot be told: {past.why_none or 'the training kept no features of its past'}.")
        return
    say(
        f"{told.looks:,} looks at {told.accounts:,} accounts from {spoken_day(told.first)} to "
        f"{spoken_day(told.last)}, each rule asked of what was known then"
    )
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("rule", vertical="top")
    heads = ("lowers\na look", "of them\nleft", "of the rest\nof the band", "difference,\nin points", "risk\nsaid")
    for head in heads:
        table.add_column(head, justify="right", vertical="top")
    table.add_column("", vertical="top")
    for row in told.rules.to_dict("records"):
        low, high = float(row["difference_low"]), float(row["difference_high"])
        gap = float(row["difference"])
        interval = "" if math.isnan(low) else f"\n{low * 100:+.1f} to {high * 100:+.1f}"
        table.add_row(
            Text(printable(row["rule"])).append(f"\nfrom {row['from_band']}", style="dim"),
            f"{row['per_look']:,.1f}",
            Text(percent(float(row["share"]))).append(f"\n{row['left']} of {row['rows']}", style="dim"),
            Text(percent(float(row["band_share"]))).append(f"\nof {row['band_rows']:,}", style="dim"),
            Text("-" if math.isnan(gap) else f"{gap * 100:+.1f}").append(interval, style="dim"),
            percent(float(row["said"])),
            Text(_verdict(row, found), style="bold" if row["verdict"] in (EARNED, AGAINST) else ""),
        )
    console.print(table)
    before, after = told.without, told.with_rules
    bands = [
        f"{band}, {int(after['rows'][band]):,} looks of which {percent(float(after['share'][band]))} left "
        f"({int(before['rows'][band]):,} and {percent(float(before['share'][band]))} without)"
        for band in before.index
        if after["rows"][band] != before["rows"][band]
    ]
    if bands:
        say(f"What the rules make of the bands: {'; '.join(bands)}.")
    for verdict in dict.fromkeys(_verdict(row, found) for row in told.rules.to_dict("records")):
        say(f"{verdict[0].upper()}{verdict[1:]}: {MEANING[verdict]}.")
    if ANY in set(told.rules["rule"]):
        say("Left: by the next renewal. The rest of the band: those no rule lowers. Intervals are over accounts.")


def _verdict(row: Mapping[Hashable, Any], found: Health) -> str:
    if row["verdict"] == NEVER and row["rule"] in found.unasked:
        return UNTOLD
    return str(row["verdict"])
