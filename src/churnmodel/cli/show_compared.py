"""What does a terminal show of a comparison beyond the figures? (luck, folds, names, cohorts)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, headline, say
from churnmodel.cli.named import named
from churnmodel.explanation.formats import percent

if TYPE_CHECKING:
    from churnmodel.reports.compared import Compared

STYLES = {"better": "green", "worse": "red"}


def standing(told: Compared) -> None:
    """How the models stand against the one that is meant, and how that one does for whom."""
    from churnmodel.evaluation.cohorts import cohort_figures
    from churnmodel.evaluation.regret import regret_over_folds
    from churnmodel.evaluation.top_lists import kept_to_next_month, overlap_of_models
    from churnmodel.reports.compare_words import practice
    from churnmodel.reports.section import number

    meant = told.meant
    pairs = told.against[(told.against["against"] == meant) & (told.against["metric"] == "log_loss")]
    regret, overlap = regret_over_folds(told.leaderboard), overlap_of_models(told.rows)
    kept = kept_to_next_month(told.rows).mean().dropna()
    headline(f"Against {named(meant)}, on the same rows and accounts")
    table = _table("", "log loss", "", "worst regret", "names", "kept")
    for model in told.by_loss:
        pair = pairs[pairs["model"] == model]
        one = pair.iloc[0] if len(pair) else None
        verdict = "" if one is None else str(one["verdict"])
        worst = number(float(regret["worst"].get(model, float("nan"))), 4)
        names = "" if one is None else percent(float(overlap[meant][model]))
        table.add_row(
            named(model),
            ""
            if one is None
            else _with_interval(
                number(float(one["difference"]), 4), _interval(float(one["low"]), float(one["high"]), 4)
            ),
            Text(verdict, style=STYLES.get(verdict, "dim")),
            worst,
            names,
            percent(float(kept[model])) if model in kept else "-",
        )
    console.print(table)
    say(f"worst regret: behind a fold's best; names: of {named(meant)}'s top list; kept: of the last date's list")
    if told.caveat:  # a flat table tells neither of whom a model had met nor who was helped
        return
    headline(f"{named(meant)} for new accounts, and for those somebody acted on")
    people = _table("", "snapshots", "churned accounts", "said", "happened", "AUROC")
    for name, r in cohort_figures(told.rows, meant, draws=told.draws, seed=told.seed).iterrows():
        people.add_row(
            str(name),
            f"{int(r['snapshots']):,}",
            f"{int(r['churned_accounts']):,}",
            percent(float(r["said"])),
            percent(float(r["happened"])),
            _with_interval(number(float(r["auroc"])), _interval(float(r["auroc_low"]), float(r["auroc_high"]), 3)),
        )
    console.print(people)
    say(practice(told))


def _interval(low: float, high: float, digits: int) -> str:
    from churnmodel.reports.section import number

    dash = " – " if low < 0 else "–"
    return "" if low != low else f"{number(low, digits)}{dash}{number(high, digits)}"


def _with_interval(value: str, interval: str) -> Text:
    return Text.assemble(value, ("\n" + interval if interval else "", "dim"))


def _table(*heads: str) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, no_wrap=head != "")
    return table
