"""How is each line of the checklist scored? (one function per line: its score, what it rests on, what is next)"""

from __future__ import annotations

from dataclasses import dataclass

from churnmodel.explanation.formats import counted, percent, print_date
from churnmodel.settings.tiers import TIERS
from churnmodel.success.cadences import OVERDUE, UNKNOWN
from churnmodel.success.rollout_board import board_candidates
from churnmodel.success.rollout_feeds import FRESH, STALE, lost_words
from churnmodel.success.rollout_stand import CHAMPION, SCORECARD, WEIGHTS, Stand, almost, named

BACKTEST, TIERS_AGREED = "alerts_backtest", "tiers_stated"
"""What a person marks as done: no table tells it."""


@dataclass(frozen=True)
class Read:
    """A line as it was read: the score (None: nobody can tell), whether it is done, words, what is next."""

    score: float | None
    is_done: bool
    words: str
    do: str


def owners(stand: Stand) -> Read:
    """The mean of the shares of accounts and of MRR that have a CSM, of the tiers that are to have one."""
    rows = stand.accounts[stand.to_own]
    if rows.empty:
        return Read(None, False, "no account is of a tier that is to have a CSM", "rollout.owned_tiers names them")
    has = stand.owner.reindex(rows.index).notna()
    accounts, mrr = float(has.mean()), float(rows["mrr"].sum())
    of_mrr = float(rows.loc[has, "mrr"].sum()) / mrr if mrr > 0 else accounts
    free = rows[~has & rows["high_value"]].sort_values("mrr", ascending=False)
    words = f"{int(has.sum()):,} of {len(rows):,} accounts with {almost(of_mrr)} of MRR have a CSM"
    managed = stand.accounts["account_manager"].notna()
    words += f"; {almost(float(managed.mean()))} of accounts have an account manager" if managed.any() else ""
    if len(free):
        words += f"; high-value without one: {named(free)}"
    done = free.empty and accounts >= stand.rules.owned_from
    return Read((accounts + of_mrr) / 2, done, words, "churnmodel success tiers --owners  (suggests who)")


def health(stand: Stand) -> Read:
    """Half for what speaks (champion 1, scorecard 1/2, weights alone 1/4), half for scores that are fresh."""
    by, age = stand.scored.by, stand.days_since_scored
    if by is None:
        words = "nothing was scored by then, so no account has a band"
        return Read(0.0, False, words, "churnmodel train, then churnmodel score")
    speaks = {CHAMPION: 1.0, SCORECARD: 0.5, WEIGHTS: 0.25}[by]
    told = {
        CHAMPION: f"a model scores the book ({stand.scored.model or stand.scored.version})",
        SCORECARD: "no model has earned the title, the scorecard speaks",
        WEIGHTS: "no model was trained, only weights set by hand speak",
    }[by]
    words = f"{told}; scored on {print_date(stand.scored.on)}" if stand.scored.on is not None else told
    if not stand.is_fresh and age is not None:
        words += f", {age} days before: not fresh (rollout.fresh_days = {stand.rules.fresh_days})"
    do = "churnmodel score" if by == CHAMPION else "churnmodel train, then churnmodel compare"
    return Read((speaks + stand.is_fresh) / 2, by == CHAMPION and stand.is_fresh, words, do)


def alerts(stand: Stand) -> Read:
    """A third each for a channel, for messages that arrive, and for a backtest somebody has looked at."""
    told, seen = stand.alerting, BACKTEST in stand.marks
    arrive = told.sent > 0 and not told.given_up
    words = [counted(len(told.channels), "channel") + " named" if told.channels else "no channel is named"]
    words.append(f"{counted(told.sent, 'message')} sent" if told.sent else "nothing was sent yet")
    if told.waiting or told.given_up:
        words.append(f"{told.waiting} waiting, {told.given_up} given up")
    who = stand.marks.get(BACKTEST)
    words.append(f"backtest looked at by {who[0]}" if who else "nobody said that the backtest was looked at")
    if not seen:
        do = f"churnmodel success alerts --backtest, then churnmodel success rollout --mark {BACKTEST}"
    elif not told.channels:
        do = "add [alerts.channels.NAME] with url = '...' to churnmodel.toml"
    else:
        do = "churnmodel success alerts --send"
    parts = (bool(told.channels), arrive, seen)
    return Read(sum(parts) / 3, all(parts), "; ".join(words), do)


def onboarding(stand: Stand) -> Read:
    """The share of milestones the tables can tell of, and of tiers with a template."""
    said, lack, parts, shares = [], [], [], []
    for name, reached in stand.milestones.items():
        parts.append(reached is not None)
        if reached is None:
            lack.append(name)
        elif reached[1]:
            shares.append(f"{name} {percent(reached[0] / reached[1])} of {reached[1]}")
    if shares:
        said.append(f"in time, of those that came lately: {', '.join(shares)}")
    if lack:
        said.append(f"no table tells of {', '.join(lack)}")
    bare = [tier for tier in TIERS if not stand.templates.get(tier)]
    parts += [tier not in bare for tier in TIERS]
    said.append(f"no template for {', '.join(bare)}" if bare else "a template for each tier")
    if lack:
        do = f"bring in what tells of {', '.join(lack)}, or leave them out of [onboarding]"
    else:
        do = f"write an onboarding template for {', '.join(bare)}"
    return Read(sum(parts) / len(parts), all(parts), "; ".join(said), do)


def plays(stand: Stand) -> Read:
    """A third each for tiers somebody agreed to, plays begun lately, and risky renewals that are worked at."""
    agreed, playing = stand.tiers_stated or TIERS_AGREED in stand.marks, stand.playing
    roster = int(stand.accounts["high_value"].sum())
    whose = "your rules" if agreed else "rules nobody has agreed to"
    words = [f"{roster} on the high-value roster, by {whose}"]
    parts = [float(agreed), float(playing.begun_lately > 0)]
    words.append(f"{counted(playing.begun_lately, 'play')} begun in the last {stand.rules.lately_days} days")
    words.append(f"room for {playing.tasks_per_week} tasks per CSM and week, {playing.open_tasks} open")
    if stand.headline is not None:
        band = stand.accounts["band"].isin(["red", "orange"]).sum() if "band" in stand.accounts else 0
        free = len(stand.headline)
        parts.append(1 - free / max(int(band), free, 1))
        words.append(f"{counted(free, 'red or orange account')} up for renewal with nobody at work")
    if not agreed:
        do = f"agree on [tiers] in churnmodel.toml, or: churnmodel success rollout --mark {TIERS_AGREED}"
    elif not playing.begun_lately:
        do = "churnmodel success plays --start"
    else:
        do = "churnmodel success renewals  (who nobody works at)"
    return Read(sum(parts) / len(parts), min(parts) == 1, "; ".join(words), do)


def cadence(stand: Stand) -> Read:
    """The share of accounts with a cadence that were met in time, of those of which that can be told."""
    known = stand.meetings[stand.meetings["status"] != UNKNOWN]
    if known.empty:
        words = "no touchpoint of a kind that [tiers.cadence] names is on record"
        return Read(None, False, words, "write meetings down, or name your kinds under [tiers.cadence]")
    late = known.assign(late=known["status"] == OVERDUE).groupby("account_id")["late"].any()
    tier = stand.accounts["tier"].reindex(late.index)
    said = []
    for name in TIERS:
        own = late[tier == name]
        if len(own):
            said.append(f"{name} {int((~own).sum())} of {len(own)}")
    share = float((~late).mean())
    done = share >= stand.rules.met_from
    return Read(share, done, f"met in time: {', '.join(said)}", "churnmodel success tiers --overdue")


def feeds(stand: Stand) -> Read:
    """The mean over the wanted tables: there 1, stale 1/2, empty or absent 0."""
    wanted = stand.feeds[stand.feeds["wanted"]]
    if wanted.empty:
        return Read(None, False, "no table is wanted", "name them as rollout.feeds")
    scores = wanted["status"].map({FRESH: 1.0, STALE: 0.5}).fillna(0.0)
    stale = wanted[wanted["status"] == STALE]
    gone = wanted[~wanted["status"].isin([FRESH, STALE])]
    words = [f"{int((scores == 1).sum())} of {len(wanted)} tables there"]
    words += [f"stale: {', '.join(stale['table'])}"] if len(stale) else []
    words += [f"no {row['table']}: {lost_words(row)} cannot be told" for row in gone.to_dict("records")]  # type: ignore[arg-type]
    if len(stale):
        do = f"find out why {stale['table'].iloc[0]} went silent (churnmodel check)"
    else:
        do = f"map [tables.{gone['table'].iloc[0]}] in churnmodel.toml" if len(gone) else ""
    return Read(float(scores.mean()), bool((scores == 1).all()), "; ".join(words), do)


def contracts(stand: Stand) -> Read:
    """The mean share of running subscriptions with an end of the term, a term, auto-renewal, and a notice."""
    rows = stand.contracts
    if rows.empty:
        return Read(None, False, "no subscription runs", "")
    parts = {
        "the end of the term": float((rows["has_end"] | rows["short"]).mean()),
        "the term": float(rows["has_term"].mean()),
        "auto-renewal": float(rows["has_auto"].mean()),
        "the notice": stand.notice,
    }
    words = ", ".join(f"{name} {almost(share)}" for name, share in parts.items())
    least = min(parts, key=lambda name: parts[name])
    do = {
        "the end of the term": "map subscriptions.renews_at in churnmodel.toml",
        "the term": "map subscriptions.term_months in churnmodel.toml",
        "auto-renewal": "map subscriptions.auto_renews in churnmodel.toml",
        "the notice": "set renewals.notice_days, or a column accounts.notice_days",
    }[least]
    done = parts[least] >= stand.rules.terms_from
    return Read(sum(parts.values()) / len(parts), done, f"known of running subscriptions: {words}", do)


def board(stand: Stand) -> Read:
    """Candidates for a customer advisory board, of as many as are enough to ask from."""
    if stand.scored.by is None:
        return Read(None, False, "nothing was scored, so nobody is known to be green", "churnmodel score")
    found = board_candidates(stand)
    found, near = found[found["candidate"]], found[~found["candidate"]]
    enough = stand.rules.board.candidates
    words = f"{counted(len(found), 'candidate')} of {enough} wanted"
    words += f": {named(found.set_index('account_id'))}" if len(found) else ""
    words += f"; {len(near)} more lack one thing" if len(near) else ""
    score = min(len(found) / enough, 1.0)
    return Read(score, score == 1, words, "churnmodel success rollout --board")
