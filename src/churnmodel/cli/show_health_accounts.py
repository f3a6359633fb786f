"""How is one account's health told? (who, how healthy, what its health is made of, why, in words)"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.padding import Padding
from rich.text import Text

from churnmodel.cli.console import band_text, console, day, headline, money, printable, say, text_or
from churnmodel.explanation.added_up import apportioned

if TYPE_CHECKING:
    from churnmodel.workflow.health import Health

PARTS = ("usage", "support", "financial", "sentiment", "relationship", "renewal", "column")


def accounts(found: Health, currency: str, count: int) -> None:
    """The red and orange ones, the most MRR at risk first."""
    frame = found.frame
    low = frame[frame["band"].isin(("orange", "red"))]
    by_money = "mrr_at_risk" in low and low["mrr_at_risk"].notna().any()
    # where no revenue or no risk is known the health alone decides
    at_risk = low["mrr_at_risk"].astype("float64") if by_money else 0.0
    order = pd.DataFrame({"at_risk": at_risk, "health": low["health"], "id": low.index.astype(str)})
    order = order.set_axis(low.index).sort_values(["at_risk", "health", "id"], ascending=[False, True, True])
    ranked = low.loc[order.index]
    how = "by MRR at risk" if by_money else "the lowest first"
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
        first = row.get("exception_since")
        written = f" (first written down {first})" if isinstance(first, str) else ""
        _below(f"Held down by {held}{written}")


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
    names = ["its columns" if name == "column" else name for name in names]
    said = ", ".join(f"{name} {gained:+d}" for name, gained in zip(names, points, strict=True) if gained)
    return f"starts at {start}: {said or 'nothing speaks for or against'}"


def whole_health(health: object, band: object) -> int:
    """Health as a whole number on the side of the cut where its band is.

    >>> whole_health(70.2, "green"), whole_health(40.3, "orange"), whole_health(70.0, "orange")
    (71, 41, 70)
    """
    nearest = round(float(health))  # type: ignore[arg-type]
    return max(nearest, {"green": 71, "orange": 41}.get(str(band), 0))
