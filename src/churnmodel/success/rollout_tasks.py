"""Which tasks can a plan of 90 days hold, and when is each done? (a rule asks the stand of a day what is left)"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from churnmodel.explanation.formats import counted
from churnmodel.settings.tiers import TIERS
from churnmodel.success.cadences import OVERDUE
from churnmodel.success.rollout_board import board_candidates
from churnmodel.success.rollout_feeds import ABSENT, EMPTY, STALE, lost_words
from churnmodel.success.rollout_lines import BACKTEST, TIERS_AGREED
from churnmodel.success.rollout_stand import CHAMPION, Stand, named

LEAD, OF_ACCOUNT, DATA, FINANCE, BOSS = "success_lead", "csm", "data", "finance", "executive"
ROLES: Mapping[str, str] = {
    LEAD: "head of customer success", OF_ACCOUNT: "each account's CSM", DATA: "data team", FINANCE: "finance",
    BOSS: "executive sponsor",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One task the plan may hold.

    Parameters
    ----------
    day
        Due so many days after day 0.
    left
        How much is left to do on a day: 0 is done; None where no table tells (then a mark closes it).
    title
        The task in words, of so much that is left; what it says of the company is of that day.
    once
        Whether no table can ever tell: then it is in every plan, and marks made before day 0 do not count.
    """

    name: str
    day: int
    role: str
    left: Callable[[Stand], int | None]
    title: Callable[[Stand, int | None], str]
    do: str
    once: bool = False


def _not_fresh(stand: Stand) -> int:
    return int(not stand.is_fresh)


def _unowned(stand: Stand, high_value: bool) -> pd.DataFrame:
    rows = stand.unowned
    return rows[rows["high_value"]] if high_value else rows


def _unowned_title(stand: Stand, high_value: bool) -> str:
    rows = _unowned(stand, high_value)
    if high_value:
        return f"Assign a CSM to {counted(len(rows), 'high-value account')} without one: {named(rows)}"
    of_tier = rows["tier"].value_counts()
    tiers = ", ".join(f"{of_tier[t]} {t}" for t in TIERS if t in of_tier)
    whole = int(stand.to_own.sum())
    return f"Assign a CSM to {len(rows):,} of {counted(whole, 'account')} that have none ({tiers})"


def _feeds(stand: Stand, *statuses: str) -> pd.DataFrame:
    return stand.feeds[stand.feeds["wanted"] & stand.feeds["status"].isin(statuses)]


def _untold(stand: Stand) -> int:
    rows = stand.contracts
    return int((~((rows["has_end"] | rows["short"]) & rows["has_term"] & rows["has_auto"])).sum())


def _unwritten(stand: Stand) -> list[str]:
    return [kind for kind, reached in stand.milestones.items() if reached is None]


def _bare(stand: Stand) -> list[str]:
    return [tier for tier in TIERS if not stand.templates.get(tier)]


def _overdue(stand: Stand, tier: str) -> pd.DataFrame:
    rows = stand.meetings[stand.meetings["status"] == OVERDUE]
    late = stand.accounts.loc[stand.accounts.index.isin(rows["account_id"])]
    return late[late["tier"] == tier].sort_values("mrr", ascending=False)


def _meet(tier: str, day: int) -> Rule:
    return Rule(
        f"meet_{tier}", day, OF_ACCOUNT, lambda s: len(_overdue(s, tier)),
        lambda s, n: f"Meet {counted(n or 0, f'{tier} account')} overdue by cadence: {named(_overdue(s, tier))}",
        "churnmodel success tiers --overdue",
    )  # fmt: skip


def _headline_title(stand: Stand, count: int | None) -> str:
    rows = stand.accounts.reindex(list(stand.headline or ()))
    said = counted(count or 0, "red or orange account renews", "red or orange accounts renew")
    return f"{said} soon and nobody works at them: begin with {named(rows)}"


def _able(found: pd.DataFrame) -> pd.DataFrame:
    return found[found["candidate"]].set_index("account_id")


def _ask_title(stand: Stand, _: int | None) -> str:
    found = board_candidates(stand)
    count = int(found["candidate"].sum())
    if not count:
        return "Find whom to ask onto a customer advisory board: there is no candidate"
    return f"Ask {counted(count, 'candidate')} onto a customer advisory board: {named(_able(found))}"


def _unknown(_: Stand) -> None:
    return None


RULES: tuple[Rule, ...] = (
    Rule(
        "scores_fresh", 2, DATA, _not_fresh,
        lambda s, n: "Score the book" + (f": the latest scores are {s.days_since_scored} days old"
                                         if s.days_since_scored is not None else ": nothing was scored yet"),
        "churnmodel score  (nightly: pipelines/score.py)",
    ),
    Rule(
        "champion", 7, DATA, lambda s: int(s.scored.by != CHAMPION),
        lambda s, n: "Train a model that beats the scorecard, or keep the scorecard knowingly",
        "churnmodel train, then churnmodel compare",
    ),
    Rule(
        "owners_high_value", 7, LEAD, lambda s: len(_unowned(s, True)), lambda s, n: _unowned_title(s, True),
        "churnmodel success tiers --owners",
    ),
    Rule(
        "feeds_stale", 7, DATA, lambda s: len(_feeds(s, STALE)),
        lambda s, n: "Find out why tables went silent: " + ", ".join(
            f"{r['table']} ({r['silent_days']} days)" for r in _feeds(s, STALE).to_dict("records")),
        "churnmodel check",
    ),
    Rule(
        TIERS_AGREED, 10, LEAD, lambda s: 0 if s.tiers_stated else None,
        lambda s, n: "Agree on who is platinum and gold: the rules are those that came with the package",
        f"write [tiers] into churnmodel.toml, or --mark {TIERS_AGREED}",
    ),
    Rule(
        "hold_out", 14, LEAD, lambda s: 0 if s.playing.hold_out or s.playing.held_out else None,
        lambda s, n: "Hold a share of accounts out of plays, or decide not to: without one nobody can ever say "
        "what a play did",
        "set plays.hold_out = 0.1, say, or --mark hold_out",
    ),
    Rule(
        BACKTEST, 14, LEAD, _unknown,
        lambda s, n: "Look at what alerts would have said, and caught, before they are switched on",
        f"churnmodel success alerts --backtest, then --mark {BACKTEST}",
    ),
    Rule(
        "owners", 21, LEAD, lambda s: len(_unowned(s, False)), lambda s, n: _unowned_title(s, False),
        "churnmodel success tiers --owners --csv owners.csv",
    ),
    Rule(
        "contract_terms", 21, FINANCE, _untold,
        lambda s, n: f"Complete the terms of {n or 0:,} of {counted(len(s.contracts), 'running subscription')} "
        "(end of term, term, auto-renewal)",
        "subscriptions: renews_at, term_months, auto_renews",
    ),
    Rule(
        "notice", 21, FINANCE, lambda s: int(s.notice < 1),
        lambda s, n: "Say by when a customer must give notice: else a renewal is called on too late",
        "set renewals.notice_days, or add accounts.notice_days",
    ),
    Rule(
        "feeds_absent", 30, DATA, lambda s: len(_feeds(s, ABSENT, EMPTY)),
        lambda s, n: "Bring in tables that are not there: " + "; ".join(
            f"{r['table']} ({lost_words(r)})" for r in _feeds(s, ABSENT, EMPTY).to_dict("records")),  # type: ignore[arg-type]
        "map them under [tables], or leave them out of rollout.feeds",
    ),
    Rule(
        "milestones", 30, LEAD, lambda s: len(_unwritten(s)),
        lambda s, n: f"Bring in what tells of these milestones of onboarding: {', '.join(_unwritten(s))}",
        "docs/onboarding.md; or leave them out of [onboarding]",
    ),
    Rule(
        "onboarding_templates", 30, LEAD, lambda s: len(_bare(s)),
        lambda s, n: f"Write an onboarding template for {', '.join(_bare(s))}", "[onboarding]",
    ),
    Rule(
        "alerts_channel", 33, DATA, lambda s: int(not s.alerting.channels),
        lambda s, n: "Name the channel alerts go to", "add [alerts.channels.NAME] with url = '...'",
    ),
    Rule(
        "plays_begun", 35, OF_ACCOUNT, lambda s: int(not s.playing.begun_lately),
        lambda s, n: "Begin the plays of the week", "churnmodel success plays, then --start",
    ),
    Rule(
        "alerts_sent", 36, LEAD, lambda s: int(not s.alerting.sent or s.alerting.given_up > 0),
        lambda s, n: f"See why {counted(s.alerting.given_up, 'message')} could not be delivered"
        if s.alerting.given_up else "Send the first alerts",
        "churnmodel success alerts --send",
    ),
    Rule(
        "headline", 45, OF_ACCOUNT, lambda s: None if s.headline is None else len(s.headline), _headline_title,
        "churnmodel success renewals, then churnmodel success plays --start",
    ),
    Rule(
        "loads", 45, LEAD, lambda s: len(s.overloaded),
        lambda s, n: f"Take accounts off {counted(n or 0, 'CSM')} with too much: {', '.join(s.overloaded)}",
        "churnmodel success tiers --owners",
    ),
    _meet("platinum", 45),
    _meet("gold", 60),
    _meet("standard", 60),
    Rule(
        "commits", 60, OF_ACCOUNT, lambda s: None if s.words_due is None else s.words_due[0],
        lambda s, n: f"Put a word on {n or 0:,} of {s.words_due[1] if s.words_due else 0:,} renewals that reached "
        "a checkpoint",
        "churnmodel success renewals --checkpoints",
    ),
    Rule(
        "play_tasks", 60, OF_ACCOUNT, lambda s: s.playing.late_tasks,
        lambda s, n: f"Do or skip {counted(n or 0, 'task')} of plays past their day",
        "churnmodel success plays --tasks",
    ),
    Rule(
        "board_asked", 60, LEAD, _unknown, _ask_title,
        "churnmodel success rollout --board, then --mark board_asked", once=True,
    ),
    Rule(
        "first_look", 65, LEAD, _unknown,
        lambda s, n: "Look at what became of the frozen roster, and tell the team",
        "churnmodel success rollout --measure, then --mark first_look", once=True,
    ),
    Rule(
        "rules_reviewed", 80, LEAD, _unknown,
        lambda s, n: "Keep, change or drop each alert rule and play by what it caught",
        "churnmodel success alerts --backtest, then --mark rules_reviewed", once=True,
    ),
    Rule(
        "board_page", 90, BOSS, _unknown,
        lambda s, n: "Bring then and now before the board, with what it proves not",
        "churnmodel success rollout --chart board.png, then --mark board_page", once=True,
    ),
)  # fmt: skip
"""Every task a plan may hold, by the day it is due."""
BY_NAME: Mapping[str, Rule] = {rule.name: rule for rule in RULES}
