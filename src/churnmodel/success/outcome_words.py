"""How is it said what a play did, and that nobody can tell? (sentences, the same on a terminal and in a report)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from churnmodel.explanation.formats import counted, percent
from churnmodel.settings.outcomes import OutcomeSettings
from churnmodel.success.outcomes import FEWER, FEWER_ONCE, MORE, MORE_ONCE, NOT_SHOWN, ONE_ARM, SO_FAR, Judged
from churnmodel.success.trial import Trial
from churnmodel.success.trials import ALL, next_look

HEADS = {
    FEWER: "Shown: with it, fewer left.",
    MORE: "Shown: with it, more left. Find out why before it goes on.",
    FEWER_ONCE: "Shown at an earlier look, and no longer: with it, fewer left.",
    MORE_ONCE: "Shown at an earlier look, and no longer: with it, more left. Find out what changed.",
    NOT_SHOWN: "Not shown.",
    SO_FAR: "No verdict yet.",
    ONE_ARM: "Nothing to compare yet.",
}


def signed(share: float, fewer: str = "fewer", more: str = "more") -> str:
    """A difference as points in a direction.

    >>> signed(-0.123), signed(0.02), signed(0.0001)
    ('12 points fewer', '2.0 points more', '0.0 points more')
    """
    size = abs(100 * share)
    return f"{size:.0f} points {fewer if share < 0 else more}" if size >= 9.95 else (
        f"{size:.1f} points {fewer if share < 0 else more}"
    )


def between(low: float, high: float, fewer: str = "fewer", more: str = "more") -> str:
    """An interval of differences.

    >>> between(-0.21, 0.04), between(-0.3, -0.1)
    ('between 21 points fewer and 4.0 more', 'between 30 and 10 points fewer')
    """
    first, last = signed(low, fewer, more), signed(high, fewer, more)
    if (low < 0) == (high < 0):
        return f"between {first.split()[0]} and {last}"
    return f"between {first} and {last.replace(' points', '')}"


def churn_words(row: dict[Any, Any], trial: Trial, rules: OutcomeSettings) -> list[str]:
    """What a comparison says: the verdict first, then the figures, chance, and what could have been seen."""
    verdict = str(row["verdict"])
    said = [HEADS[verdict]]
    n, held = int(row["given"]), int(row["held_out"])
    if not (n and held):
        lacking = "held out" if n else "given it" if held else "drawn"
        so_many = f" ({n + held:,} {'given it' if n else 'held out'})" if n + held else ""
        said.append(f"No account {lacking} is over yet{so_many}.")
    else:
        said.append(
            f"Of {n:,} given it {percent(row['given_value'])} left, of {held:,} held out "
            f"{percent(row['held_out_value'])}: {signed(row['effect'])} ({between(row['low'], row['high'])})."
        )
    if row["look"]:
        said += [_earlier(row), _chance(row)]
    if n and held and verdict in (NOT_SHOWN, SO_FAR):
        said.append(_could_show(row, trial, rules))
    if row["missing"]:
        merged = int(row["missing"])
        said.append(f"{counted(merged, 'account')} merged into another: neither left nor stayed.")
    return [line for line in (*said, _waits(row, trial, rules.first_look)) if line]


def _earlier(row: dict[Any, Any]) -> str:
    """What the look said that tells most, where it is not the last; empty where nothing is claimed by it."""
    look, verdict = int(row["strongest_look"]), str(row["verdict"])
    if look == row["look"] or verdict not in (FEWER, MORE, FEWER_ONCE, MORE_ONCE):
        return ""
    arms = (
        f"of {int(row['strongest_given']):,} given it {percent(row['strongest_given_value'])} had left, of "
        f"{int(row['strongest_held_out']):,} held out {percent(row['strongest_held_out_value'])}"
    )
    now = "; it still holds" if verdict in (FEWER, MORE) else ", no longer"
    return f"Shown at look {look}: {arms}. At look {int(row['look'])}, above{now}."


def _chance(row: dict[Any, Any]) -> str:
    p, adjusted = float(row["strongest_p"]), float(row["p_adjusted"])
    if p != p:
        return ""
    some = "under 0.1%" if p < 0.001 else percent(p)
    times = "nearly all draws" if p > 0.995 else f"{some} of draws"
    counted = f"{int(row['comparisons'])} comparisons" if row["comparisons"] > 1 else "one comparison"
    looks = f"{int(row['look'])} looks" if row["look"] > 1 else "the first look"
    told = "under 0.001" if adjusted < 0.001 else f"{adjusted:.3f}" if adjusted < 0.1 else f"{adjusted:.2f}"
    earlier = f"At look {int(row['strongest_look'])}, which tells most, chance"
    chance = earlier if row["strongest_look"] != row["look"] else "Chance"
    alone = f"{chance} alone divides them as unevenly in {times}"
    return f"{alone}; with {counted} and {looks} counted, p is {told}."


def _could_show(row: dict[Any, Any], trial: Trial, rules: OutcomeSettings) -> str:
    seen = float(row["detectable"])
    verb = "could have shown" if row["look"] else "could show"
    never = "could not have shown" if row["look"] else "cannot show"
    if seen == seen:
        often = f"in {percent(rules.power)} of such trials"
        first = f"So few {verb} a fall of {100 * seen:.0f} points or more ({often})"
    else:
        first = f"So few accounts {never} any fall, not even to zero"
    return f"{first}; {takes(row, trial, rules.effect)}."


def takes(row: dict[Any, Any], trial: Trial, effect: float) -> str:
    """How many draws it would take to see an effect, and how long at the pace so far."""
    needed = float(row["draws_needed"])
    if needed != needed:
        return f"a fall by {100 * effect:g} points is more than leave at all"
    months = (needed - len(trial.units)) / trial.per_month if trial.per_month else float("nan")
    words = f"{100 * effect:g} points fewer would take about {needed:,.0f} draws"
    if months != months or months <= 0:
        return words
    if months > 120:
        return f"{words}, which at the pace so far is out of reach"
    return f"{words}, {months:.0f} months more at the pace so far"


def _waits(row: dict[Any, Any], trial: Trial, first_look: int) -> str:
    drawn = len(trial.units)
    size = next_look(int(row["accounts"]) if row["look"] else 0, first_look)
    if drawn < size:
        lacking = f"{size - drawn:,} still to be drawn"
        if wait := int(row["not_over"]):
            lacking += f", and {wait:,} of the {drawn:,} drawn {'is' if wait == 1 else 'are'} not over"
        return f"Judged {'next' if row['look'] else 'first'} when {size:,} are drawn and over: {lacking}."
    return f"Judged {'next' if row['look'] else 'first'} when the first {size:,} of {drawn:,} drawn are over."


def conclusion(judged: Judged, rules: OutcomeSettings) -> str:
    """What a leader takes away: what is shown, or what it would take to show something."""
    rows = judged.effects[judged.effects["measure"] == "churn"]
    words = {
        FEWER: "fewer left", MORE: "MORE left", FEWER_ONCE: "fewer left at an earlier look, no longer",
        MORE_ONCE: "MORE left at an earlier look, no longer",
    }  # fmt: skip
    shown = [
        f"{row['play']} within {row['horizon_days']} days: {words[row['verdict']]}"
        for row in rows[rows["verdict"].isin(list(words))].to_dict("records")
    ]
    first = f"Shown beyond chance: {'; '.join(shown)}. " if shown else "Nothing is shown beyond chance so far. "
    waiting = rows[rows["draws_needed"].notna() & rows["verdict"].isin([NOT_SHOWN, SO_FAR])]
    if waiting.empty:
        return first.strip()
    row = waiting.sort_values("draws_needed", kind="stable").to_dict("records")[0]
    trial = judged.trials[str(row["play"])]
    open_ = rows[rows["verdict"].isin([NOT_SHOWN, SO_FAR]) & (rows["given"] > 0) & (rows["held_out"] > 0)]
    best = "With so few accounts no fall could show, not even to zero"
    if open_["detectable"].notna().any():
        least = open_.sort_values("detectable", kind="stable").to_dict("records")[0]
        fall = f"a fall of {100 * least['detectable']:.0f} points or more"
        best = f"With so few accounts only {fall} could show ({least['play']}, {least['horizon_days']} days)"
        if open_["detectable"].isna().any():
            best += ", elsewhere only a larger one or none, not even to zero"
    share = float(trial.units["share"].mean())
    more = "" if share > 0.4 else " Holding out more of them (up to half) needs fewer."
    return (
        f"{first}{best}; {takes(row, trial, rules.effect)} ({row['play']}, {row['horizon_days']} days).{more}"
    )


def beside_words(row: dict[Any, Any]) -> str:
    """One line of what stands beside churn, of which no verdict is made; empty where nothing is known."""
    if row["effect"] != row["effect"]:
        return ""
    n, held = int(row["given"]), int(row["held_out"])
    names = {
        "mrr": ("Of the MRR at the draw was kept", "less", "more"),
        "green": ("Green, and still here", "fewer", "more"),
        "risk": ("Risk by then (1 for who left)", "lower", "higher"),
    }
    name, fewer, more = names[str(row["measure"])]
    return (
        f"{name}: {percent(row['given_value'])} of {n:,} given it, {percent(row['held_out_value'])} of {held:,} "
        "held "
        f"out; {signed(row['effect'], fewer, more)} ({between(row['low'], row['high'], fewer, more)})."
    )


def adjusted_words(row: dict[Any, Any]) -> str:
    """The second line: the same, for accounts of like risk at the draw; empty where no risk was known."""
    effect = float(row["effect_adjusted"])
    if effect != effect:
        return ""
    span = between(float(row["low_adjusted"]), float(row["high_adjusted"]))
    return f"At like risk at the draw: {signed(effect)} ({span})."


def lot_words(trial: Trial) -> list[str]:
    """What can be checked of the lot itself, each a sentence; the first is how many it held out."""
    honest, drawn = trial.honest, len(trial.units)
    said = [
        f"{counted(drawn, 'account')} drawn, {trial.held_out:,} held out; a fair lot holds out "
        f"{honest.expected:.0f} "
        f"on average, and one as far off in {percent(honest.p)} of trials."
    ]
    if honest.checked:
        same = "all come" if honest.agree == honest.checked else f"{honest.agree:,} come"
        said.append(f"{honest.checked:,} were drawn here; drawn again, {same} out the same.")
    risk = honest.risk
    if risk.value == risk.value:
        said.append(
            f"Mean risk at the draw: {percent(risk.given)} of those given it, {percent(risk.held_out)} held out."
        )
    if trial.nothing_done is not None:
        said.append(f"Of those given it, {trial.nothing_done:,} had no task done so far; they count as given.")
    if trial.no_customers:
        said.append(f"{trial.no_customers:,} more were no customers at the draw: churn cannot tell of them.")
    return said


def not_over_words(trials: Sequence[Trial], days: int) -> str:
    """Which plays were drawn for, and when the first of their accounts is over (after `days`)."""
    each = "; ".join(f"{t.play} {len(t.units):,}, {t.held_out:,} held out" for t in trials)
    first = min((t.units["drawn_on"].min() for t in trials if len(t.units)), default=pd.NaT)
    when = "" if pd.isna(first) else f" The first are over on {first + pd.Timedelta(days=days + 1):%Y-%m-%d}."
    return f"Drawn, and nobody over yet: {each}.{when}"


def anyway_words(trial: Trial, names: dict[str, str], most: int = 5) -> str:
    """Which held-out accounts were given the play anyway; empty where none was."""
    if not trial.got_same:
        return ""
    who = ", ".join(names.get(account, account) for account in trial.got_same[:most])
    more = f" and {len(trial.got_same) - most:,} more" if len(trial.got_same) > most else ""
    which = "a play" if trial.play == ALL else "it"
    return (
        f"{len(trial.got_same):,} of {trial.held_out:,} held out were given {which} anyway ({who}{more}). They "
        "stay held "
        "out, so the effect looks smaller than it is."
    )
