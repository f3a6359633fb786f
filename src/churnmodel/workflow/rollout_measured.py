"""What became of the roster since day 0? (before and after, beside what was expected and the year before)"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from churnmodel.errors import StateError
from churnmodel.state.rollouts import Frozen
from churnmodel.success.ledger import DAY
from churnmodel.success.renewals_spread import Spread
from churnmodel.success.rollout_bridge import Bridge, band_moves, became, bridge_of
from churnmodel.success.rollout_columns import BY_NAME
from churnmodel.success.rollout_expected import Expected, expected_loss
from churnmodel.success.rollout_plan import EXECUTE_DAYS
from churnmodel.workflow.project import Project
from churnmodel.workflow.rollout import Rollout, books_at, fingerprint

YEAR = 365 * DAY


@dataclass(frozen=True)
class Measured:
    """Day 0 against a later day.

    Parameters
    ----------
    came
        A row per account of the roster: `churnmodel.success.rollout_bridge.became`, and its name, tier, csm, band
        and risk of day 0, csm_now and band_now.
    bridge
        The sums of `came`; they reconcile to the cent.
    year_before
        The same of the book a year before day 0, over as many days; None where the tables do not reach back.
    book_mrr_cents, newcomers
        What the whole book pays now, and how many accounts of it are not on the roster.
    provisional
        Accounts that left so lately that they may still renew late.
    changed
        Sections of the settings that say something else than on day 0.
    """

    rollout: Rollout
    came: pd.DataFrame = field(repr=False)
    bridge: Bridge
    expected: Expected | None
    year_before: Bridge | None
    moves: pd.DataFrame = field(repr=False)
    figures: pd.DataFrame = field(repr=False)
    book_mrr_cents: int
    newcomers: int
    provisional: int
    changed: tuple[str, ...]

    @property
    def frozen(self) -> Frozen:
        """Day 0."""
        assert self.rollout.frozen is not None
        return self.rollout.frozen

    @property
    def day(self) -> int:
        """The day of the rollout."""
        return int(self.rollout.day or 0)

    @property
    def is_so_far(self) -> bool:
        """Whether the days of measuring (from 61 on) have not begun, so that nothing is measured yet."""
        return self.day <= EXECUTE_DAYS

    def table(self) -> pd.DataFrame:
        """A row per account of the roster, amounts in cents."""
        found = self.came.reset_index()
        return found.assign(begun_on=self.frozen.begun_on, as_of=self.rollout.stand.as_of, day=self.day)


def measure_rollout(project: Project, found: Rollout) -> Measured:
    """What became of the frozen roster by the day of `found`.

    Raises
    ------
    StateError
        No rollout had begun by then.
    """
    frozen = found.frozen
    if frozen is None:
        raise StateError("no day 0, so there is nothing to measure against: churnmodel success rollout --begin")
    stand, day_0, roster = found.stand, frozen.begun_on, frozen.accounts
    grace = project.settings.labels.grace_days
    looks = [stand.as_of, stand.as_of - grace * DAY, day_0 - YEAR, stand.as_of - YEAR]
    now, lately, year_then, year_now = books_at(project, looks)
    came = became(roster, now, day_0)
    accounts = stand.accounts
    band = accounts["band"] if "band" in accounts else pd.Series(dtype="object")
    about = roster[["name", "tier", "high_value", "csm", "band", "health", "risk", "status", "leaving_on"]]
    band_now = band.reindex(roster.index).astype("object")
    health_now = accounts["health"] if "health" in accounts else pd.Series(dtype="float64")
    came = about.join(came).assign(
        csm_now=stand.owner.reindex(roster.index), band_now=band_now, health_now=health_now.reindex(roster.index)
    )
    here = pd.Series(roster.index.isin(now.index), roster.index)
    told = json.loads(str(frozen.about["spread"]))
    scored_on = frozen.about["scored_on"]
    settings = project.settings
    expected = expected_loss(
        roster,
        came,
        day_0,
        None if pd.isna(scored_on) else pd.Timestamp(scored_on),
        stand.as_of,
        Spread(tuple(told["weights"]), int(told["months"])),
        lead_days=int(frozen.about["lead_days"]),
        level=settings.renewals.interval,
        seed=settings.training.seed,
    )
    was = json.loads(str(frozen.about["settings"]))
    is_now = fingerprint(settings)
    return Measured(
        found,
        came,
        bridge_of(came),
        expected,
        bridge_of(became(year_then, year_now, day_0 - YEAR)) if len(year_then) else None,
        band_moves(roster["band"], band_now, here),
        then_and_now(frozen, found),
        book_mrr_cents=int(now["mrr_cents"].sum()),
        newcomers=int((~now.index.isin(roster.index)).sum()),
        provisional=int(came.index[~here].isin(lately.index).sum()) if grace else 0,
        changed=tuple(name for name in is_now if was.get(name) != is_now[name]),
    )


def then_and_now(frozen: Frozen, found: Rollout) -> pd.DataFrame:
    """Each figure on day 0 and now: name, then, now, change."""
    now = found.figures.set_index("name")["value"]
    then = frozen.figures["value"].astype("float64").reindex(now.index)
    return pd.DataFrame({"then": then, "now": now, "change": now - then}).rename_axis("name").reset_index()


SHARES = (
    "owned_share", "owned_high_value_share", "met_share", "met_share_platinum", "met_share_gold", "grr_12m",
    "logo_churn_12m",
)  # fmt: skip


def draw_rollout(found: Measured, project: Project, place: Path) -> Path:
    """Draw day 0 and now on one page, as a PNG."""
    from churnmodel.charts.rollout import then_and_now as page

    cells = found.figures[["name", "then", "now"]].itertuples(index=False)
    rows = {str(name): (float(then), float(now)) for name, then, now in cells}
    bands = {name: rows[f"{name}_share"] for name in ("red", "orange", "green")}
    rows = {name: pair for name, pair in rows.items() if not any(map(math.isnan, pair))}
    shares = [(BY_NAME[name].title, *rows[name]) for name in SHARES if name in rows]
    if "checklist_score" in rows:
        then, now = rows["checklist_score"]
        shares.insert(0, ("checklist score / 100", then / 100, now / 100))
    b, said = found.bridge, found.expected
    bridge = {"day 0": b.opening / 100, "expansion": b.expansion / 100, "contraction": b.contraction / 100,
              "churn": b.churn / 100, "back": b.back / 100, "now": b.closing / 100}  # fmt: skip
    lost = None
    if said is not None:
        lost = (said.cents / 100, said.cents_low / 100, said.cents_high / 100, said.churned / 100)
    about = project.settings.project
    word = "so far" if found.is_so_far else "measured"
    title = f"{about.name}: day 0 ({found.frozen.begun_on.date()}) and day {found.day}, {word}"
    foot = "Before and after, without a control: it proves no cause."
    place.parent.mkdir(parents=True, exist_ok=True)
    page(bands, shares, bridge, lost, about.currency, title, foot).savefig(place, format="png")
    return place
