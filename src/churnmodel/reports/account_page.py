"""What does the page of one account say? (for ten seconds before a call, and for the meeting after it)"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from churnmodel.reports.account_told import (
    RENEWAL,
    AccountTold,
    by_when,
    day,
    gained,
    looks_to_renewal,
    money,
    risks_words,
    said,
)
from churnmodel.reports.bars import Bar, bars, longest_of
from churnmodel.reports.page import printed
from churnmodel.reports.risk_line import HEIGHT, WIDTH, risk_line
from churnmodel.reports.section import UNKNOWN, share
from churnmodel.scoring.what_if import NOT_A_PROMISE
from churnmodel.version import VERSION

SHOWN = 8
"""Reasons of each side that are drawn; what is smaller is summed up."""
MAIN = 3
LEAST = 0.0005
"""What prints as 0.0 points is not worth a line of its own."""


@dataclass(frozen=True)
class Group:
    """Reasons that belong together, under a title."""

    title: str
    bars: tuple[Bar, ...]


def account_page(told: AccountTold) -> str:
    """One account as one HTML page that needs nothing else; texts out of the data are only text in it."""
    return printed(
        "account.html.j2",
        told=told,
        version=VERSION,
        day=day,
        tag=tag(told),
        headline=headline(told),
        facts=facts(told),
        main=main_reasons(told),
        groups=groups(told),
        rows_note=rows_note(told),
        sum_up=sum_up(told),
        changes=changes(told),
        line=risk_line(told),
        line_size=(WIDTH, HEIGHT),
        history_note=history_note(told),
        within=within(told),
        otherwise=otherwise(told),
        similar=similar_rows(told),
        band_cuts=(share(told.bands.orange_from), share(told.bands.red_from)),
    )


def tag(told: AccountTold) -> str:
    """The band, or what stands in its place."""
    return str(told.account["band"]) if told.has_risk else "leaving"


def headline(told: AccountTold) -> tuple[str, str]:
    """The largest figure of the page, and what it says."""
    if not told.has_risk:
        on = day(told.account.get("leaving_on"))
        return "Leaving", f"on {on}. Notice was given, so there is no risk to estimate." if on != UNKNOWN else (
            "Notice was given, so there is no risk to estimate."
        )
    return share(told.risk), f"risk of leaving {by_when(told.account, told.lead_days)}"


def facts(told: AccountTold) -> list[tuple[str, str]]:
    """What is known of it, name and value."""
    account, found = told.account, list[tuple[str, str]]()
    if pd.notna(account.get("mrr")):
        found.append(("MRR", money(account["mrr"], told.currency)))
    if pd.notna(account.get("mrr_at_risk")):
        found.append(("MRR x risk", money(account["mrr_at_risk"], told.currency)))
    if not told.is_flat:
        ahead = account.get("days_to_renewal")
        near = "" if ahead is None or pd.isna(ahead) else f" (in {_days(float(ahead))})"
        found.append(("Renewal", f"{day(account.get('renews_at'))}{near}"))
    if told.has_risk:
        found.append(("Health", f"{float(account['health']):.0f} of 100"))
    for title, column in (("CSM", "csm"), ("Segment", "segment")):
        if text := said(account.get(column)):
            found.append((title, text))
    return found


def main_reasons(told: AccountTold) -> list[str]:
    """The largest three that raise the risk, but that the renewal is near."""
    raising = told.drivers[(told.drivers["direction"] == "raises") & (told.drivers["concept"] != RENEWAL)]
    return [str(sentence) for sentence in raising["sentence"].head(MAIN)]


def groups(told: AccountTold) -> list[Group]:
    """The reasons as bars on one scale: what can be acted on, what is given, what speaks for the account."""
    shown = {side: drawn(told.drivers, side) for side in ("raises", "lowers")}
    longest = longest_of(*(rows["points"].tolist() for rows in shown.values()))
    acts = shown["raises"]["actionable"].astype(bool)
    parts = (
        ("Raises the risk, and can be acted on", shown["raises"][acts]),
        ("Raises the risk, and is given", shown["raises"][~acts]),
        ("Lowers the risk", shown["lowers"]),
    )
    return [Group(title, bars(rows, longest, told.evidence)) for title, rows in parts if len(rows)]


def drawn(drivers: pd.DataFrame, side: str) -> pd.DataFrame:
    """The reasons of a side, ``raises`` or ``lowers``, that are drawn."""
    return drivers[drivers["direction"] == side].head(SHOWN)


def rows_note(told: AccountTold) -> str:
    """That rows are missing under some reasons, and why; empty where none are."""
    if not told.written_over:
        return ""
    some = "One reason rests" if told.written_over == 1 else f"{told.written_over} reasons rest"
    return f"{some} on rows that were written over since this was scored: they are not shown."


def sum_up(told: AccountTold) -> str:
    """How the reasons add up to the risk, none left out."""
    if not told.has_risk:
        return ""
    base, points = float(told.account["base_risk"]), pd.to_numeric(told.drivers["points"]).astype("float64")
    raised, lowered = float(points[points > 0].sum()), float(points[points < 0].sum())
    rest = told.risk - base - raised - lowered
    when = ""
    if pd.notna(told.account["risk_days"]):
        to_renewal = looks_to_renewal(told.account, told.lead_days)
        when = " at such a renewal" if to_renewal else " within as many days"
    hidden = sum(max(int((told.drivers["direction"] == side).sum()) - SHOWN, 0) for side in ("raises", "lowers"))
    small = f" {hidden} smaller of these {'is' if hidden == 1 else 'are'} not drawn." if hidden else ""
    return (
        f"They add up: {share(base)}, what the model gives where nothing speaks for or against{when}, "
        f"{gained(raised)} by what raises it, {gained(lowered)} by what lowers it, {gained(rest)} by what is too "
        f"small to be named, makes {share(told.risk)}.{small}"
    )


@dataclass(frozen=True)
class Changes:
    """What became of the risk since an earlier score: a title, bars, and notes under them."""

    title: str
    bars: tuple[Bar, ...]
    notes: tuple[str, ...]


def changes(told: AccountTold) -> Changes | None:
    """The exact split of the change: a new model, passing time, each reason, and all that is too small to name."""
    found = told.changed
    if found is None or not told.has_risk:
        return None
    since = day(found.since)
    if found.accounts.empty:
        nothing = f"There was no risk for it on {since} to compare with."
        return Changes(f"What changed since {since}", (), (nothing,))
    account = found.accounts.iloc[0]
    named = found.drivers[["sentence", "family", "points"]].astype({"points": "float64"})
    rest = float(account["drivers"]) - float(named["points"].sum())
    others = [
        ("Another model scores now", "model", float(account["new_model"])),
        (str(account["renewal"]), "time", float(account["passing_time"])),
        ("All else together", "", rest),
    ]
    first, last = (pd.DataFrame(part, columns=list(named)) for part in (others[:2], others[2:]))
    rows = pd.concat([first, named, last])
    rows = rows[rows["points"].abs() >= LEAST]
    notes = [] if len(rows) else ["Nothing that moves its risk."]
    if found.in_hindsight:
        notes.append("The earlier risk was no forecast: the model has learned from outcomes after that day.")
    moved = risks_words(float(account["risk_before"]), float(account["risk_after"]))
    return Changes(f"What changed since {since}: {moved}", bars(rows, longest_of(rows["points"])), tuple(notes))


def history_note(told: AccountTold) -> str:
    """What is to be known of the history."""
    known = told.history[told.history["risk"].notna()]
    parts = []
    if told.gone_since is not None:
        parts.append(
            f"On {day(told.gone_since)} the account was no longer in the book. Its history ends with the score of "
            f"{day(told.as_of)} and stays as it was."
        )
    if len(known) < 2:
        parts.append("Its risk was scored once so far." if len(known) else "It never had a risk.")
        return " ".join(parts)
    parts.append("Each dot is a score as it was published then; none is computed again.")
    if (known["version"] != told.version).any():
        parts.append("Hollow dots are of another model.")
    own = known.index[known["version"] == told.version]
    late = [at for at in own if at < told.learned_until]
    if late:
        parts.append(
            f"Dots up to {day(late[-1])} are no forecasts: this model has learned from outcomes after those days."
        )
    return " ".join(parts)


def within(told: AccountTold) -> list[tuple[str, str, str, float]]:
    """The risk within each horizon: days, the date, the risk, and the width of its bar (0 to 100)."""
    named = [str(name) for name in told.account.index if re.fullmatch(r"risk_[0-9]+", str(name))]
    if not told.has_risk or not named:
        return []
    found = []
    for name in named:
        days, risk = int(name.removeprefix("risk_")), float(told.account[name])
        end = pd.Timestamp(told.as_of) + pd.Timedelta(days=days + told.lead_days)
        found.append((f"{days} days", day(end), share(risk), round(100 * risk, 1)))
    return found


def otherwise(told: AccountTold) -> list[str]:
    """What would lower its risk most; that this is no promise is said once, under all of them."""
    if told.suggestions is None:
        return []
    return [
        str(sentence).removesuffix(f"; {NOT_A_PROMISE}").replace(" -> ", " → ")
        for sentence in told.suggestions["sentence"]
    ]


def similar_rows(told: AccountTold) -> list[tuple[str, str, str, bool]]:
    """The past accounts most like it: the day, the id, how it ended, whether it left."""
    if told.similar is None:
        return []
    return [
        (
            day(row["as_of"]),
            str(row["account_id"]),
            f"left {row['left_after']:.0f} days later" if row["left"] else f"stayed {told.similar.days} days",
            bool(row["left"]),
        )
        for row in told.similar.rows.reset_index().to_dict("records")
    ]


def _days(count: float) -> str:
    return f"{count:.0f} day{'' if round(count) == 1 else 's'}"
