"""How well do we keep what we have? (every figure of retention over a span of months, for all and per group)"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from churnmodel.settings.kpis import KpiSettings
from churnmodel.settings.onboarding import FirstValueRule
from churnmodel.settings.tiers import TierSettings
from churnmodel.sources.database import Database
from churnmodel.success.active import active_figures
from churnmodel.success.figure import Figure, as_table
from churnmodel.success.first_value import waiting_figures, waits
from churnmodel.success.groups import ALL, Entry, entry_cohorts, groups_of
from churnmodel.success.ledger import DAY, Ledger
from churnmodel.success.lifetime import curve_figures, retention_curves, value_figures
from churnmodel.success.movement import BRIDGE, COUNTS, account_months, bridge, movement
from churnmodel.success.retention import retention_figures
from churnmodel.success.survival import Survival
from churnmodel.success.voice import voice_figures

YEAR = 12


@dataclass(frozen=True)
class Kpis:
    """The figures of a span of months, as known on a day.

    Parameters
    ----------
    ledger
        What they were made from.
    by
        How accounts were grouped; None: not at all.
    opens, closes
        The edges of the span in ``ledger.months``.
    bridge
        Indexed by (month, group): the lines of the bridge in cents, and counts of accounts. The group ``all`` is
        always there.
    figures
        One row per figure, group and span: figure, group, first_month, last_month, value, low, high, accounts.
        Over the whole span for every group; over each month, and over the twelve that end with it, for ``all``.
        Money in currency units.
    curves
        The retention curve of each entry cohort, and of ``all``.
    provisional
        (accounts, cents) lost so recently that they may still renew late.
    lacking
        Figures that could not be made, and why.
    """

    ledger: Ledger = field(repr=False)
    by: str | None
    opens: int
    closes: int
    bridge: pd.DataFrame = field(repr=False)
    figures: pd.DataFrame = field(repr=False)
    curves: dict[str, Survival] = field(repr=False)
    provisional: tuple[int, int]
    lacking: dict[str, str]

    @property
    def groups(self) -> list[str]:
        """The groups in order, ``all`` first."""
        return list(dict.fromkeys(self.bridge.index.get_level_values("group")))

    def figure(self, name: str, group: str = ALL) -> pd.Series | None:
        """A figure of a group over the whole span: value, low, high, accounts; None where it was not made."""
        f = self.figures
        rows = f[(f["figure"] == name) & (f["group"] == group) & (f["first_month"] == self.first_month)]
        rows = rows[rows["last_month"] == self.last_month]
        return None if rows.empty else rows.iloc[0]

    @property
    def first_month(self) -> str:
        """The first month of the span."""
        return str(self.ledger.months.names[self.opens])

    @property
    def last_month(self) -> str:
        """The last month of the span."""
        return str(self.ledger.months.names[self.closes - 1])

    def table(self) -> pd.DataFrame:
        """All of it as one long table, the lines of the bridge included (per month, in currency units)."""
        lines = self.bridge.reset_index().melt(["month", "group"], [*BRIDGE, *COUNTS], "figure", "value")
        money = lines["figure"].isin(BRIDGE)
        lines["value"] = lines["value"].astype("float64").where(~money, lines["value"] / 100)
        lines["figure"] = lines["figure"].where(~money, lines["figure"] + "_mrr")
        months = lines["month"].astype(str)
        lines = lines.assign(first_month=months, last_month=months)
        whole = pd.concat([lines, self.figures], ignore_index=True)
        whole["accounts"] = whole["accounts"].astype("Int64")
        return whole.assign(by=self.by or ALL)[["by", *self.figures.columns]]

    def account_months(self) -> pd.DataFrame:
        """The ledger of the span, a row per account and month; see `churnmodel.success.movement`."""
        return account_months(self.ledger, self.opens, self.closes)


def kpis(
    db: Database,
    ledger: Ledger,
    *,
    first: str | None = None,
    last: str | None = None,
    by: str | None = None,
    entry: Entry = "year",
    rules: KpiSettings | None = None,
    tiers: TierSettings | None = None,
    currency: str = "USD",
    value: FirstValueRule | None = None,
) -> Kpis:
    """Every figure over the months `first` to `last` (``2025-03``; the last twelve whole ones by default).

    Law: as the ledger, nothing learned at or after ``ledger.as_of`` changes a figure.

    Parameters
    ----------
    by
        ``"cohort"``, ``"size"``, ``"segment"``, ``"owner"`` or ``"tier"``: for each of them as well
        (`churnmodel.success.groups`).
    entry
        How finely entry cohorts are told apart.
    value
        What of use is first value, beside a touchpoint and a goal reached.

    Raises
    ------
    SettingsError
        A month or `by` is none there is.
    """
    rules = rules or KpiSettings()
    opens, closes = ledger.months.span(first, last)
    names, edges = ledger.months.names, ledger.months.edges
    groupings = [groups_of(db, ledger, None, opens)]
    if by is not None:
        bands = rules.size_bands
        groupings.append(
            groups_of(
                db, ledger, by, opens, entry=entry, size_bands=bands, currency=currency, tiers=tiers
            )
        )
    cut = db.cut(ledger.as_of)
    moved = movement(ledger, opens, closes)
    cohorts = retention_curves(ledger, groupings[0]) | retention_curves(ledger, entry_cohorts(ledger, entry))
    waited = waits(db, ledger, value or FirstValueRule())
    customers = pd.Index(moved.index[moved["customers_after"] > 0])
    over_span: list[Figure] = []
    lacking = {} if len(waited) else {"time_to_value": "no first value and no goal reached is on record"}
    for groups in groupings:
        curves = retention_curves(ledger, groups)
        over_span += retention_figures(moved, groups, rules.top_share)
        over_span += curve_figures(curves)
        over_span += value_figures(moved, groups, curves, rules.gross_margin, rules.lifetime_months)
        over_span += waiting_figures(waited, groups)
        said, why = voice_figures(cut, groups, edges[opens], edges[closes])
        used, why_not = active_figures(cut, customers, groups, edges[closes], rules.active_days)
        over_span += said + used
        lacking |= why | why_not
    tables = [as_table(over_span, str(names[opens]), str(names[closes - 1]))]
    for start, end in _spans(opens, closes):
        of_span = retention_figures(movement(ledger, start, end), groupings[0], rules.top_share)
        tables.append(as_table(of_span, str(names[start]), str(names[end - 1])))
    return Kpis(
        ledger=ledger,
        by=by,
        opens=opens,
        closes=closes,
        bridge=pd.concat([bridge(ledger, opens, closes, g) for g in groupings]),
        figures=pd.concat(tables, ignore_index=True),
        curves=cohorts,
        provisional=_provisional(ledger, closes),
        lacking=lacking,
    )


def _spans(opens: int, closes: int) -> Iterable[tuple[int, int]]:
    """Each month, and the twelve that end with it; not the whole span, which is told for every group."""
    months = [(k, k + 1) for k in range(opens, closes)]
    years = [(k + 1 - YEAR, k + 1) for k in range(opens, closes) if k + 1 >= YEAR]
    return [span for span in (*months, *years) if span != (opens, closes)]


def _provisional(ledger: Ledger, closes: int) -> tuple[int, int]:
    edges, settled = ledger.months.edges, ledger.as_of - ledger.grace_days * DAY
    over = ledger.tenures.drop_duplicates("account_id", keep="last").set_index("account_id")["over_at"]
    over = over.reindex(ledger.accounts)
    late = ((over >= settled) & (over < edges[closes])).to_numpy()
    # what each paid at the last edge at which it still ran
    last = edges.searchsorted(over[late].to_numpy(), side="right") - 1
    return int(late.sum()), int(ledger.mrr[late, last].sum())
