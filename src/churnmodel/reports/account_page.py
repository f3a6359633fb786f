"""What does the page of one account say? (for ten seconds before a call, and for the meeting after it)"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from churnmodel.explanation.added_up import RENEWAL_CODE, added_up
from churnmodel.explanation.formats import percent
from churnmodel.reports.account_card import besides, facts, headline, horizons, how_soon, last_risk, tag
from churnmodel.reports.account_since import changes, history_note
from churnmodel.reports.account_told import AccountTold, day, looks_to_renewal, main_reasons
from churnmodel.reports.bars import Bar, bars, longest_of
from churnmodel.reports.page import printed
from churnmodel.reports.risk_line import HEIGHT, WIDTH, risk_line
from churnmodel.scoring.what_if import NOT_A_PROMISE
from churnmodel.version import VERSION

SHOWN = 8
"""Reasons of each side that are drawn; what is smaller is summed up."""


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
        how_soon=how_soon(told),
        last_risk=last_risk(told),
        main=main_reasons(told.drivers),
        besides=besides(told),
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
        beside_similar=beside_similar(told),
        band_cuts=(percent(told.bands.orange_from), percent(told.bands.red_from)),
    )


def groups(told: AccountTold) -> list[Group]:
    """The reasons as bars on one scale: what can be acted on, what is given, what speaks for the account."""
    shown = {side: drawn(told.drivers, side) for side in ("raises", "lowers")}
    longest = longest_of(*(rows["points"].tolist() for rows in shown.values()))
    acts = shown["raises"]["actionable"].astype(bool)
    parts: tuple[tuple[str, pd.DataFrame], ...] = (
        ("Raises the risk, and can be acted on", shown["raises"][acts]),
        ("Raises the risk, and is given", shown["raises"][~acts]),
        ("Lowers the risk", shown["lowers"]),
    )
    if told.gone_since is not None:  # nothing can be acted on any more
        parts = (("Raised the risk", shown["raises"]), ("Lowered the risk", shown["lowers"]))
    return [Group(title, bars(rows, longest, told.evidence, told.currency)) for title, rows in parts if len(rows)]


def drawn(drivers: pd.DataFrame, side: str) -> pd.DataFrame:
    """The reasons of a side, ``raises`` or ``lowers``, that are drawn."""
    return drivers[drivers["direction"] == side].head(SHOWN)


def rows_note(told: AccountTold) -> str:
    """That rows are missing under some reasons, and why; empty where none are."""
    if not told.rows_were_read:  # why is said in the terminal: it names places of the machine
        return "The rows behind the reasons are not shown: the tables could not be read when this was written."
    if not told.written_over:
        return ""
    some = "One reason rests" if told.written_over == 1 else f"{told.written_over} reasons rest"
    return f"{some} on rows or a definition that changed since this was scored: the rows are not shown."


def sum_up(told: AccountTold) -> str:
    """How the reasons add up to the risk, none left out."""
    if not told.has_risk:
        return ""
    renewal = float(told.points.get(RENEWAL_CODE, 0.0))
    said = added_up(float(told.account["base_risk"]), told.points.tolist(), renewal)
    hidden = sum(max(int((told.drivers["direction"] == side).sum()) - SHOWN, 0) for side in ("raises", "lowers"))
    if not hidden:
        return f"{said} What is too small to be named is counted in."
    return f"{said} {hidden} smaller reason{' is' if hidden == 1 else 's are'} counted in and not drawn."


def within(told: AccountTold) -> list[tuple[str, str, str, float]]:
    """The risk within each horizon: days, the date, the risk, and the width of its bar (0 to 100)."""
    if not told.has_risk or told.gone_since is not None:
        return []
    found = []
    for days in horizons(told.account):
        risk = float(told.account[f"risk_{days}"])
        end = pd.Timestamp(told.as_of) + pd.Timedelta(days=days + told.lead_days)
        found.append((f"{days} days", day(end), percent(risk), round(100 * risk, 1)))
    return found


def otherwise(told: AccountTold) -> list[str]:
    """What would lower its risk most; that this is no promise is said once, under all of them."""
    if told.suggestions is None or told.gone_since is not None:
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


def beside_similar(told: AccountTold) -> str:
    """Which of the account's own risks is over the stretch that similar accounts were followed for.

    Empty where that is the headline's own, or where no risk over it is known.
    """
    found, account = told.similar, told.account
    own = None if found is None else account.get(f"risk_{found.days}")
    if found is None or found.rows.empty or own is None or pd.isna(own) or found.days == account["risk_days"]:
        return ""
    looks = f"looks {float(account['risk_days']) + told.lead_days:.0f} days ahead"
    if looks_to_renewal(account, told.lead_days):
        looks = f"looks to {day(account['renews_at'])}"
    return (
        f"Compare this with its own risk within {found.days} days, {percent(float(own))}, not with the "
        f"{percent(told.risk)}, which {looks}."
    )
