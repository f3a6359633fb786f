"""What does a CSM see of the book's health on a Monday? (bands, what they came to, who is least healthy)"""

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
    day,
    headline,
    money,
    percent,
    printable,
    say,
    spoken_day,
    text_or,
)
from churnmodel.explanation.added_up import apportioned

if TYPE_CHECKING:
    from churnmodel.workflow.health import Health
    from churnmodel.workflow.health_replayed import Replayed
    from churnmodel.workflow.project import Project

BANDS = ("green", "orange", "red")
PARTS = ("usage", "support", "financial", "sentiment", "relationship", "renewal", "column")
DEGREE = {"green": 0, "orange": 1, "red": 2}


def health(
    found: Health,
    left: pd.DataFrame,
    past: Replayed,
    cuts: pd.DataFrame,
    project: Project,
    count: int,
    segment: str | None,
) -> None:
    """The whole of it, in the order in which it is read."""
    currency = project.settings.project.currency
    title(found)
    _bands(found, past, currency, segment)
    _own_cuts(cuts)
    _moved(found)
    _left(left)
    _accounts(found, currency, count)
    for rule, gone in found.unasked.items():
        say(f"The rule '{rule}' cannot ask all it wants; missing: {', '.join(gone)}.")
    say("\nAn account starts where nothing speaks for or against it; renewal: how near it is, no doing of theirs.")
    say("How each figure is made: docs/health.md. Rules: --exceptions; from month to month: --trajectory")


def title(found: Health) -> None:
    """Whose health on which day, and what it is told from."""
    table, scorer = found.driver.table, found.driver.scorer
    by = found.driver.name if table is None or scorer is None else f"{found.driver.name} ({table.version})"
    headline(f"Health on {spoken_day(found.as_of)}: {len(found.frame):,} accounts, scored by {printable(by)}")
    if found.driver.instead:
        say(found.driver.instead)
    if found.in_hindsight:
        say("Seen in hindsight: the model has learned from outcomes after this day.")


def _bands(found: Health, past: Replayed, currency: str, segment: str | None) -> None:
    frame = found.frame
    observed = past.observed(segment)
    came_to = ("left when\nreplayed", "95 %\ninterval", "of\nlooks", "risk\nsaid")
    table = _table("band", "accounts", f"MRR\n{currency}", "at risk", *(() if past.why_none else came_to))
    for band in BANDS:
        mine = frame[frame["band"] == band]
        came = observed.loc[band].to_dict()
        share, low, high = (float(came[name]) for name in ("share", "low", "high"))
        shown = (
            Text(percent(share), style="bold"),
            "-" if math.isnan(low) else f"{percent(low)}–{percent(high)}",
            f"{int(came['rows']):,}",
            percent(float(came["said"])),
        )
        table.add_row(band_text(band), f"{len(mine):,}", *_amounts(mine), *(() if past.why_none else shown))
    leaving = frame[frame["status"] == "leaving"] if "status" in frame else frame.iloc[:0]
    if len(leaving):
        table.add_row("notice", f"{len(leaving):,}", _amounts(leaving)[0], "-")
    console.print(table)
    if past.why_none:
        say(f"What the bands came to is not known: {past.why_none}.")
    else:
        whom = f" of {printable(segment)}" if segment is not None else ""
        say(
            f"Left when replayed: of so many looks at accounts{whom} in a past the model had not learned from, "
            "those that left by their next renewal; interval over accounts. Risk said: what it gave them, on "
            "average."
        )
    lowered = frame[frame["rule"].notna()]
    if len(lowered):
        stand = f"{_accounts_counted(lowered)} stand{'s' if len(lowered) == 1 else ''}"
        say(f"{stand} lower here than the model says, by a rule: --exceptions")


def _own_cuts(cuts: pd.DataFrame) -> None:
    if cuts.empty:
        return
    headline("Segments with cuts of their own: left when replayed, by their own cuts and by the model's")
    table = _table("segment", "green", "orange", "red", "green\nmodel", "orange\nmodel", "red\nmodel")
    for name in cuts.index.get_level_values("segment").unique():
        cells = []
        for whose in ("own", "model"):
            rows = pd.DataFrame(cuts.loc[(name, whose)]).reindex(list(BANDS))
            cells += [f"{percent(s)}\nof {n:,}" for s, n in zip(rows["share"], rows["rows"], strict=True)]
        table.add_row(Text(printable(name)), *cells)
    console.print(table)


def _moved(found: Health) -> None:
    if found.since is None or "band_before" not in found.frame:
        return
    frame = found.frame
    step = frame["band"].map(DEGREE) - frame["band_before"].map(DEGREE)
    renewed = frame["renewed"].fillna(False).astype(bool)
    words = []
    for name, moved in (("worse", step > 0), ("better", step < 0)):
        passed = int((moved & renewed).sum())
        over = f" ({passed:,} of them past a renewal, so over another stretch)" if passed else ""
        words.append(f"{int(moved.sum()):,} in a {name} band{over}")
    leaving = frame["status"].eq("leaving") if "status" in frame else pd.Series(False, index=frame.index)
    notice = int((leaving & frame["band_before"].notna()).sum())
    words += [f"{notice:,} gave notice"] if notice else []
    say(f"Since {spoken_day(found.since)}: {', '.join(words)}.")


def _left(left: pd.DataFrame) -> None:
    if len(left):
        lately = left[left["gone_by"] == left["gone_by"].max()]
        counts = {band: int((lately["band"] == band).sum()) for band in reversed(BANDS)}
        bands = ", ".join(f"{count:,} {band}" for band, count in counts.items() if count)
        say(
            f"{_accounts_counted(left)} left since the first look; their last health stays as it was (--csv). "
            f"Gone by {spoken_day(left['gone_by'].max())}: {len(lately):,}, at their last score {bands}."
        )


def _accounts(found: Health, currency: str, count: int) -> None:
    frame = found.frame
    low = frame[frame["band"].isin(("orange", "red"))]
    by_risk = low["risk"].notna().any()
    # where no revenue is known the health alone decides
    order = pd.DataFrame({
        "at_risk": low["mrr_at_risk"].astype("float64") if by_risk and "mrr_at_risk" in low else 0.0,
        "health": low["health"],
        "id": low.index.astype(str),
    }, index=low.index).sort_values(["at_risk", "health", "id"], ascending=[False, True, True])  # fmt: skip
    ranked = low.loc[order.index]
    how = "by MRR at risk" if by_risk else "the lowest first"
    headline(f"Red and orange, {how}: {min(count, len(ranked)):,} of {len(ranked):,}")
    for place, (account_id, row) in enumerate(ranked.head(count).to_dict("index").items(), start=1):
        account(place, account_id, row, currency)
    if not len(ranked):
        say("Nobody.")


def account(place: int, account_id: Hashable, row: Mapping[Any, Any], currency: str) -> None:
    """One account: who, how healthy, what it pays; what its health is made of; why, in words."""
    line = Text(f"{place:2d}. ", style="dim")
    line.append(text_or(row.get("name"), printable(account_id)), style="bold")
    line.append(f" ({printable(account_id)})  {whole_health(row['health'], row['band'])} ")
    line.append_text(band_text(row["band"]))
    before = row.get("health_before")
    if before is not None and before == before:
        until = ", up to the renewal it passed" if pd.notna(row.get("renewed")) and row["renewed"] else ""
        line.append(f" (was {whole_health(before, row.get('band_before'))}{until})")
    if (mrr := row.get("mrr")) is not None and mrr == mrr:
        line.append(f"  {money(float(mrr), currency)} MRR")
        at_risk = row.get("mrr_at_risk")
        line.append(f", {float(at_risk):,.0f} at risk" if at_risk is not None and at_risk == at_risk else "")
    console.print(line)
    about = [f"renews {day(row.get('renews_at'))}"] if row.get("renews_at") is not None else []
    about += [f"CSM {text_or(row.get('csm'), '-')}"] if "csm" in row else []
    about += ["new: too young to have been learned from"] if row.get("status") == "young" else []
    if about:
        _below(", ".join(about), "dim")
    for words in (added_up_words(row), text_or(row.get("reason"), "")):
        if words:
            _below(words)
    if (held := text_or(row.get("exception"), "")) != "":
        _below(f"Held down by {held}")


def _below(words: str, style: str = "") -> None:
    console.print(Padding(Text(printable(words), style=style), (0, 0, 0, 4), expand=False))


def added_up_words(row: Mapping[Any, Any]) -> str:
    """``starts at 88: usage -9, sentiment -30, renewal +2``: whole points that add up to the health as printed."""
    start = row.get("starts_at")
    if start is None or start != start:
        return ""
    names = [name for name in PARTS if (value := row.get(name)) is not None and value == value]
    values = [float(row[name]) for name in names]
    if row.get("exception_points"):
        names, values = [*names, "the rule"], [*values, float(row["exception_points"])]
    total = whole_health(row["health"], row["band"])
    tenths = apportioned([part / 10 for part in (float(start), *values)], total / 10)
    start, *points = (round(part * 10) for part in tenths)
    said = ", ".join(f"{name} {gained:+d}" for name, gained in zip(names, points, strict=True) if gained)
    return f"starts at {start}: {said or 'nothing speaks for or against'}"


def whole_health(health: object, band: object) -> int:
    """Health as a whole number on the side of the cut where its band is.

    >>> whole_health(70.2, "green"), whole_health(40.3, "orange"), whole_health(70.0, "orange")
    (71, 41, 70)
    """
    nearest = round(float(health))  # type: ignore[arg-type]
    return max(nearest, {"green": 71, "orange": 41}.get(str(band), 0))


def _amounts(rows: pd.DataFrame) -> list[str]:
    return [
        f"{float(rows[name].sum()):,.0f}" if name in rows and rows[name].notna().any() else "-"
        for name in ("mrr", "mrr_at_risk")
    ]


def _accounts_counted(rows: pd.DataFrame) -> str:
    return f"{len(rows):,} account{'' if len(rows) == 1 else 's'}"


def _table(first: str, *heads: str) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(first, vertical="top")
    for head in heads:
        table.add_column(head, justify="right", vertical="top")
    return table
