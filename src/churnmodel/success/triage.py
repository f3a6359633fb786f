"""Which accounts does the team act on this week? (most MRR x risk x time left first, within capacity)

One play per account; none while one is open, for a while after one ended, where the company's own log says that
somebody is at it, or where the account is excluded or held out. An account's turn comes by::

    value = MRR x risk x urgency_days / (urgency_days + days to the renewal)

Whether an account is held out is drawn from its id, the play and the seed alone, and only once its turn came and
its CSM had room: so treated and held out differ by the draw and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from churnmodel.settings.plays import PlaySettings
from churnmodel.success.ledger import DAY
from churnmodel.success.play_draw import HELD_OUT, TREATED, drawn, start_id
from churnmodel.success.play_files import Library
from churnmodel.success.plays import GROW, KEEP, WIN_BACK, Play, workday

WEEK = 7 * DAY
UNKNOWN_DAYS = 90.0
"""A renewal that is not known counts as if it were so many days away, as far as such a risk looks."""
CHOSEN = {
    "account_id": "str", "play": "str", "arm": "str", "share": "float64", "value": "float64", "csm": "str",
    "tasks": "int64", "start_id": "str",
}  # fmt: skip
WAITING = ("account_id", "play", "value", "csm", "because")
STARTED = ("start_id", "account_id", "play", "arm", "share", "as_of", "ended_on")
"""What must be known of earlier plays (and ``csm``, by whom they count)."""
LOGGED = "in interventions"
"""How the reason of a wait ends that was read from the company's own log."""


@dataclass(frozen=True)
class Triage:
    """What a week's triage comes to.

    Parameters
    ----------
    chosen
        One row per account, those at risk first, by turn: account_id, play, arm (``"treated"`` or
        ``"hold_out"``), share (the probability with which it was held out; 0: not drawn at all), value, csm
        (empty for none), tasks (of the CSM, due in the week), start_id.
    waiting
        Accounts a play fits that get none now: account_id, play, value, csm, because.
    room
        By csm: capacity, open (due by the week's end, from before), new, left.
    """

    as_of: pd.Timestamp
    chosen: pd.DataFrame
    waiting: pd.DataFrame
    room: pd.DataFrame

    @property
    def treated(self) -> pd.DataFrame:
        """Those of `chosen` that get their play."""
        return self.chosen[self.chosen["arm"] == TREATED]

    @property
    def held_out(self) -> pd.DataFrame:
        """Those of `chosen` that get none, for comparison."""
        return self.chosen[self.chosen["arm"] == HELD_OUT]


def triage(
    library: Library,
    accounts: pd.DataFrame,
    fitting: pd.DataFrame,
    as_of: pd.Timestamp,
    rules: PlaySettings,
    *,
    started: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
    excluded: Collection[str] = (),
    logged: pd.DataFrame | None = None,
) -> Triage:
    """The accounts to act on in the week from `as_of`.

    Parameters
    ----------
    accounts, fitting
        As `play_accounts` and `fitting_plays` give them.
    started
        Plays of the past, `STARTED`; ``ended_on`` is missing while one is open.
    tasks
        Open tasks: start_id, owner, owner_role, due.
    excluded
        account_ids to leave alone, beside those of the settings.
    logged
        As `churnmodel.success.renewals_plays.open_plays`: what the table ``interventions`` says of each account.
    """
    best = fitting[fitting["rank"] == 1].set_index("account_id")
    rows = best.join(accounts)
    rows["csm"] = rows["csm"].fillna("").astype(str)
    plays = {play.name: play for play in library.plays}
    rows["group"] = rows["play"].map(lambda name: plays[name].group)
    rows["value"] = worth(rows, rules.urgency_days)
    rows["tasks"] = [
        _week_tasks(plays[name], tier, touch, as_of)
        for name, tier, touch in zip(rows["play"], rows["tier"], rows["touch"], strict=True)
    ]
    before = _before(pd.DataFrame(columns=list(STARTED)) if started is None else started, as_of)
    barred = _barred(rows, plays, before, as_of, rules, {*rules.exclude, *excluded})
    if logged is not None:
        barred = _worked_at(logged, before, rows["play"].map(plays)) | barred
    rows = rows.reset_index().sort_values(["value", "risk", "account_id"], ascending=[False, False, True])
    free = rows[~rows["account_id"].isin(barred)]
    busy = _busy(rows["csm"], before, tasks, as_of)
    picked, new = _within_capacity(free, plays, busy, rules)
    order = {KEEP: 0, GROW: 1, WIN_BACK: 2}
    chosen = rows[rows["account_id"].isin(picked)].assign(
        arm=lambda r: r["account_id"].map({account: arm for account, (arm, _) in picked.items()}),
        share=lambda r: r["account_id"].map({account: share for account, (_, share) in picked.items()}),
    )
    chosen["start_id"] = [
        start_id(account, play, as_of) for account, play in zip(chosen["account_id"], chosen["play"], strict=True)
    ]
    rest = rows[~rows["account_id"].isin(picked)].sort_values(
        "group", key=lambda groups: groups.map(order), kind="stable"
    )
    rest["because"] = [
        barred.get(account) or f"no room this week: {csm or 'accounts without a CSM'}"
        for account, csm in zip(rest["account_id"], rest["csm"], strict=True)
    ]
    chosen = chosen.sort_values("group", key=lambda groups: groups.map(order), kind="stable")
    return Triage(
        as_of,
        chosen[list(CHOSEN)].astype(CHOSEN).reset_index(drop=True),
        rest[list(WAITING)].reset_index(drop=True),
        _room(busy, new, rules.tasks_per_csm_per_week),
    )


def worth(rows: pd.DataFrame, urgency_days: int) -> pd.Series:
    """What decides whose turn comes: MRR x risk x nearness; of an account to grow or win back its MRR x nearness.

    Where no revenue is known, the risk alone stands for MRR x risk.
    """
    at_stake = rows["at_risk"].where(rows["group"] == KEEP, rows["mrr"])
    if not rows["mrr"].notna().any():
        at_stake = rows["risk"]
    days = rows["days_left"].where(rows["days_gone"].isna(), rows["days_gone"]).fillna(UNKNOWN_DAYS).clip(lower=0)
    near = (urgency_days / (urgency_days + days)).where(rows["group"] != GROW, 1.0)
    return (at_stake.fillna(0.0) * near).astype("float64")


def _within_capacity(
    free: pd.DataFrame, plays: dict[str, Play], busy: dict[str, int], rules: PlaySettings
) -> tuple[dict[str, tuple[str, float]], dict[str, int]]:
    """Whose turn comes and what is drawn: account -> (arm, share); and the new tasks of each CSM.

    First accounts to keep, up to what is reserved for others; then others; then whoever still fits.
    """
    keep, others = free[free["group"] == KEEP], free[free["group"] != KEEP]
    wanted = {str(csm): int(sum(part)) for csm, part in others.groupby("csm")["tasks"]}
    capacity = rules.tasks_per_csm_per_week
    picked: dict[str, tuple[str, float]] = {}
    new = dict.fromkeys(busy, 0)
    for part, spare in ((keep, True), (others, False), (keep, False)):
        columns = (part[c].tolist() for c in ("account_id", "play", "csm", "tier", "tasks"))
        for account, play, csm, tier, tasks in zip(*columns, strict=True):
            reserve = min(math.floor(capacity * rules.others_share), wanted.get(csm, 0)) if spare else 0
            if account in picked or tasks > capacity - busy[csm] - new[csm] - reserve:
                continue
            own = plays[play].hold_out
            share = 0.0 if tier in rules.never_hold_out else rules.hold_out if own is None else own
            held_out = drawn(account, play, rules.seed) < share
            picked[account] = (HELD_OUT if held_out else TREATED, share)
            if not held_out:
                new[csm] += tasks
    return picked, new


def _barred(
    rows: pd.DataFrame,
    plays: dict[str, Play],
    before: pd.DataFrame,
    as_of: pd.Timestamp,
    rules: PlaySettings,
    excluded: set[str],
) -> dict[str, str]:
    """Accounts that get no play whatever the room, and why."""
    because = {account: "excluded" for account in rows.index if account in excluded}
    latest = before.sort_values("as_of", kind="stable").drop_duplicates(["account_id", "arm"], keep="last")
    for row in latest.to_dict("records"):
        account, play = str(row["account_id"]), str(row["play"])
        if account not in rows.index or account in because:
            continue
        fits = str(rows.at[account, "play"])
        again = plays[fits].despite_cool_down
        day = f"{row['as_of']:%Y-%m-%d}"
        if row["arm"] == HELD_OUT:
            until = row["as_of"] + rules.hold_out_days * DAY
            if until > as_of and not again:
                because[account] = f"held out of {play} until {until:%Y-%m-%d}"
        elif pd.isna(row["ended_on"]):
            changed = f", and {fits} fits better now" if fits != play else ""
            because[account] = f"{play} is open since {day}{changed}"
        elif (until := row["ended_on"] + rules.cool_down_days * DAY) > as_of and not again:
            because[account] = f"left alone until {until:%Y-%m-%d}: {play} ended {row['ended_on']:%Y-%m-%d}"
    return because


def _worked_at(logged: pd.DataFrame, before: pd.DataFrame, fits: pd.Series) -> dict[str, str]:
    """Accounts somebody is at by the company's own log, and what it says.

    A row that tells of a play begun here (the log, loaded back) is left out: of that one more is known.
    """
    ours = set(zip(before["account_id"], before["play"], before["as_of"].dt.normalize(), strict=True))
    because: dict[str, str] = {}
    for row in logged.to_dict("records"):
        account, play, since = str(row["account_id"]), str(row["play"]), pd.Timestamp(row["since"])
        if account not in fits.index or (account, play, since.normalize()) in ours:
            continue
        if fits[account].despite_cool_down:
            continue
        held_out = "held out of " if row["arm"] == HELD_OUT else ""
        because[account] = f"{held_out}{play} since {since:%Y-%m-%d}, {LOGGED}"
    return because


def _before(started: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Plays begun up to that day, those open that ended later."""
    found = started.reindex(columns=[*STARTED, "csm"])
    found = found.astype({"as_of": "datetime64[us]", "ended_on": "datetime64[us]"})
    found = found[found["as_of"] <= as_of].copy()
    found["ended_on"] = found["ended_on"].where(found["ended_on"] <= as_of)
    return found


def _busy(
    csms: pd.Series, before: pd.DataFrame, tasks: pd.DataFrame | None, as_of: pd.Timestamp
) -> dict[str, int]:
    """What each CSM has to do by the week's end: open tasks due by then, and one for a new play without any."""
    busy = dict.fromkeys(sorted(csms.unique()), 0)
    counted: set[str] = set()
    if tasks is not None and len(tasks):
        due = pd.to_datetime(tasks["due"]) < as_of + WEEK
        own = tasks[due & (tasks["owner_role"] == "csm")]
        counted = set(own["start_id"])
        for owner in own["owner"].fillna("").astype(str):
            if owner in busy:
                busy[owner] += 1
    lately = before[(before["arm"] == TREATED) & before["ended_on"].isna() & (before["as_of"] > as_of - WEEK)]
    for start, csm in zip(lately["start_id"], lately["csm"].fillna("").astype(str), strict=True):
        if start not in counted and csm in busy:
            busy[csm] += 1
    return busy


def _room(busy: dict[str, int], new: dict[str, int], capacity: int) -> pd.DataFrame:
    rows = [(capacity, busy[csm], new[csm], max(capacity - busy[csm] - new[csm], 0)) for csm in busy]
    names = pd.Index(list(busy), name="csm", dtype="object")
    return pd.DataFrame(rows, columns=["capacity", "open", "new", "left"], index=names)


def _week_tasks(play: Play, tier: str, touch: str, as_of: pd.Timestamp) -> int:
    """Tasks of the CSM that are due in the first week; at least one, since somebody must look after the play."""
    own = [step for _, step in play.steps_of(tier, touch) if step.owner == "csm"]
    return max(sum(workday(as_of + step.due_days * DAY) < as_of + WEEK for step in own), 1)
