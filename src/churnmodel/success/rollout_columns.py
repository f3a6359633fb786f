"""What does each figure of a rollout mean? (its formula and source; docs/rollout.md prints these)"""

from __future__ import annotations

from collections.abc import Mapping

from churnmodel.success.definitions import BY_NAME as _KPIS
from churnmodel.success.definitions import Definition

_AS_KNOWN = "everything known before the day"

LINES: tuple[Definition, ...] = (
    Definition("score", "score of a line", "0 to 1, the mean of its parts; empty where nobody can tell", "share"),
    Definition(
        "checklist_score", "checklist score",
        "100 x sum(weight x score) / sum(weight) over the lines that can be told; weights by [rollout.weights]",
        "points",
    ),
    Definition(
        "owners", "owners assigned",
        "mean of the shares of accounts and of MRR with a CSM who is not away, of the tiers in "
        "rollout.owned_tiers; done where every high-value account and rollout.owned_from of all have one", "share",
        "accounts",
    ),
    Definition(
        "health", "health on",
        "mean of: a champion speaks 1, the scorecard 1/2, its weights alone 1/4; and scores no older than "
        "rollout.fresh_days", "share", "scores",
    ),
    Definition(
        "alerts", "alerts on",
        "mean of: a channel in the settings; a message sent and none given up; somebody said that the backtest "
        "was looked at", "share", "settings, state database",
    ),
    Definition(
        "onboarding", "onboarding templates",
        "share of the milestones of onboarding that the tables tell of for anybody, and of tiers that have a "
        "template", "share", "touchpoints, goals",
    ),
    Definition(
        "plays", "tiers and plays",
        "mean of: rules of tiers stated in the settings (or marked as agreed); a play begun within "
        "rollout.lately_days; 1 - red or orange accounts up for renewal with nobody at work / red or orange "
        "accounts",
        "share", "settings, state database, interventions",
    ),
    Definition(
        "cadence", "review cadence",
        "share of the accounts with a cadence none of whose meetings is overdue, of those of which that is known",
        "share", "touchpoints",
    ),
    Definition(
        "feeds", "data feeds",
        "mean over rollout.feeds: there 1, stale 1/2 (no row for rollout.stale_days, or an outage that goes on), "
        "empty or absent 0", "share",
    ),
    Definition(
        "contracts", "contract terms",
        "mean of four shares: of the running paid subscriptions not under notice that tell the end of the term "
        "(or renew every three months or oftener), the term (stated, or by the billing period), auto-renewal; and "
        "of accounts whose notice is known (accounts.notice_days, or renewals.notice_days)", "share",
        "subscriptions",
    ),
    Definition(
        "board", "board candidates",
        "candidates / rollout.board.candidates, at most 1; a candidate is high-value, green, not leaving, a "
        "customer for board.tenure_days, without an open play and, where asked for, referenceable, its champion "
        "there", "share",
    ),
)  # fmt: skip

FIGURES: tuple[Definition, ...] = (
    Definition("accounts", "accounts", "accounts of the book", "count", _AS_KNOWN),
    Definition("mrr", "MRR", "what their running subscriptions pay a month", "money", "subscriptions"),
    *(one for one in LINES if one.name == "checklist_score"),
    Definition("red_share", "red", "share of the accounts that have a band", "share", "scores"),
    Definition("orange_share", "orange", "the same", "share", "scores"),
    Definition("green_share", "green", "the same", "share", "scores"),
    Definition(
        "mrr_at_risk", "MRR at risk", "sum of MRR x risk by the next renewal, over accounts with one", "money",
        "scores",
    ),
    Definition(
        "owned_share", "with a CSM", "share of the accounts of rollout.owned_tiers; an owner away is none",
        "share", "accounts",
    ),
    Definition("owned_high_value_share", "high-value with a CSM", "the same of the roster", "share", "accounts"),
    Definition("met_share", "met in time", "as the line review cadence", "share", "touchpoints"),
    Definition("met_share_platinum", "platinum met in time", "the same of that tier", "share", "touchpoints"),
    Definition("met_share_gold", "gold met in time", "the same of that tier", "share", "touchpoints"),
    Definition("met_share_standard", "standard met in time", "the same of that tier", "share", "touchpoints"),
    *(
        Definition(f"{name}_12m", f"{_KPIS[name].title}, 12 months",
                   f"{_KPIS[name].formula}; over the last twelve whole months (docs/kpis.md)", "share",
                   _KPIS[name].source)
        for name in ("grr", "nrr", "logo_churn")
    ),
)  # fmt: skip

ROSTER: tuple[Definition, ...] = (
    Definition("opening", "day 0", "cents a month it paid on day 0, as frozen", "count"),
    Definition("closing", "now", "cents a month it pays now; 0 where it is not in the book", "count"),
    Definition("expansion", "expansion", "closing - opening, where it stayed and pays more", "count"),
    Definition("contraction", "contraction", "opening - closing, where it stayed and pays less", "count"),
    Definition("churn", "churn", "opening, where it is not in the book, or in another tenure", "count"),
    Definition("back", "back", "closing, where it left (longer than labels.grace_days) and came back", "count"),
    Definition("became", "what became of it", "stayed, grew, shrank, left, or left and came back", "text"),
    Definition(
        "kept", "kept", "(opening - contraction - churn) / opening over the roster; with expansion: + expansion",
        "share", _KPIS["grr"].source,
    ),
    Definition(
        "expected", "expected to leave",
        "sum over the roster of 1 - (1 - risk(s + t)) / (1 - risk(s)), t days after day 0 by scores s days older; "
        "risk(t) from the published risks with a hazard that is constant between their edges; who was under "
        "notice counts 1 from the day told. The interval (renewals.interval) draws who leaves, with one "
        "effect that all share, as wide as the renewals before day 0 said", "count", "scores of day 0",
    ),
    Definition(
        "year_before", "a year before", "the book 365 days before day 0 against 365 days before now, each as "
        "known then", "text", "subscriptions",
    ),
)  # fmt: skip

SECTIONS: Mapping[str, tuple[Definition, ...]] = {
    "Checklist": LINES, "Figures of the book": FIGURES, "The frozen roster": ROSTER,
}  # fmt: skip
BY_NAME = {one.name: one for section in SECTIONS.values() for one in section}


def as_markdown() -> str:
    """The tables of docs/rollout.md."""
    parts = []
    for title, columns in SECTIONS.items():
        rows = [f"| {one.title} | `{one.name}` | {one.formula} | {one.source} |" for one in columns]
        head = [f"## {title}", "", "| figure | in tables | formula | source |", "|---|---|---|---|"]
        parts.append("\n".join([*head, *rows]))
    return "\n\n".join(parts)
