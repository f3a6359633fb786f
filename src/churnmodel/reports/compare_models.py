"""Which model is better, by how much, and for which question? (sections of the comparison)"""

from __future__ import annotations

from collections.abc import Iterator

from churnmodel import charts
from churnmodel.evaluation.curves import lift_curve, reliability_bins
from churnmodel.evaluation.incumbents import is_incumbent
from churnmodel.evaluation.metrics import metric_named
from churnmodel.reports.compared import Compared
from churnmodel.reports.model_names import called, drawn
from churnmodel.reports.section import (
    Cell,
    Picture,
    Section,
    Table,
    between,
    number,
    points,
    points_between,
    row,
    share,
)

SHOWN = (
    *("log_loss", "auroc", "average_precision", "brier", "calibration_slope", "observed_over_expected"),
    "lift_at_capacity",
)
"""Then comes what is on the list at capacity: of churned MRR, of heads where none is known."""
_DIGITS = {"calibration_slope": 2, "observed_over_expected": 2, "lift_at_capacity": 2}
_KINDS = {"better": "good", "worse": "bad"}


def side_by_side(told: Compared) -> Section:
    """Every model, metric by metric, with intervals."""
    lines, shown = [], (*SHOWN, told.caught)
    for model in told.by_loss:
        cells = []
        for metric in shown:
            value, low, high = told.figure_of(model, metric)
            percent = metric == told.caught
            digits = _DIGITS.get(metric, 3)
            text = share(value) if percent else number(value, digits)
            cells.append(Cell(text, between(low, high, digits, percent=percent)))
        lines.append(row(_named(told, model), *cells))
    heads = ("model", *(metric_named(m).title for m in shown))
    return Section(
        "The models side by side",
        (
            "Every model is judged on the same snapshots. Under each figure stands its 95 % interval, drawn over "
            "accounts: the many snapshots of one account are one event.",
        ),
        table=Table(heads, tuple(lines), marked_row=told.by_loss.index(told.meant)),
        note="Lower is better for log loss and the Brier score; slope and happened / said are right at 1.",
    )


def paired(told: Compared) -> Section | None:
    """What is more than luck, seen on the same rows by the same draws."""
    table = told.against
    if table.empty:
        return None
    loss = table[(table["against"] == told.meant) & (table["metric"] == "log_loss")].set_index("model")
    lines = []
    pairs = [(a, m) for a in table["against"].unique() for m in told.by_loss if m != a]
    for against, model in pairs:
        part = table[(table["against"] == against) & (table["model"] == model)]
        by_metric = part.set_index("metric")
        cells = []
        for metric in by_metric.index:
            one = by_metric.loc[metric]
            percent = metric == told.caught
            text = points(one["difference"]) if percent else number(one["difference"], 4)
            low, high = one["low"], one["high"]
            interval = points_between(low, high) if percent else between(low, high, 4)
            cells.append(Cell(text, interval, _KINDS.get(one["verdict"], "quiet")))
        lines.append(row(f"{called(model)} against {called(against)}", *cells))
    heads = ("difference of", *(metric_named(str(m)).title for m in table["metric"].unique()))
    figure = charts.intervals(
        loss[["difference", "low", "high"]]
        .rename(columns={"difference": "value"}, index=lambda m: called(str(m)))
        .sort_values("value"),
        f"Log loss against {called(told.meant)}",
        f"difference: right of 0 is worse than {called(told.meant)}",
        at=0.0,
    )
    says = "; ".join(f"{called(str(m))} {number(d, 4)}" for m, d in loss["difference"].items())
    return Section(
        "More than luck?",
        (
            "Two models that meet the same accounts are lucky and unlucky together. Differences on the same "
            "rows, with the same accounts drawn again and again, are therefore far surer than the two figures "
            "alone. Green is better beyond the interval, red is worse, grey could be luck. Shares differ "
            "in points.",
        ),
        Picture.of(figure, f"Differences of log loss from {called(told.meant)}: {says}"),
        Table(heads, tuple(lines)),
    )


def horizons(told: Compared) -> Section | None:
    """The model that is meant, at every horizon that was asked about."""
    table, model = told.leaderboard, told.meant
    judged = f"{told.backtest.window.horizon_days} days"
    asked = [c for c in table["cohort"].unique() if c == "by renewal" or str(c).endswith(" days")]
    if not asked:
        return None
    lines = []
    for cohort in sorted(
        {*asked, judged}, key=lambda c: (c == "by renewal", int(c.split()[0]) if c[0].isdigit() else 0)
    ):
        kept = "all" if cohort == judged else cohort
        here = table[(table["cohort"] == kept) & (table["fold"] == "pooled") & (table["model"] == model)]
        if here.empty:
            continue
        facts = here.iloc[0]
        name = f"{cohort}, judged" if cohort == judged else str(cohort)
        cells = [Cell(f"{int(facts['n']):,}"), Cell(f"{int(facts['churned_accounts']):,}")]
        for metric in ("auroc", "log_loss", "observed_over_expected", "mrr_caught_at_capacity"):
            value, low, high = told.figure_of(model, metric, kept)
            digits, percent = _DIGITS.get(metric, 3), metric == "mrr_caught_at_capacity"
            text = share(value) if percent else number(value, digits)
            cells.append(Cell(text, between(low, high, digits, percent=percent)))
        lines.append(row(name, *cells))
    return Section(
        "From one month to a year, and by the renewal",
        (
            f"One model answers for every horizon. Here is {called(model)} at each; models are chosen by the "
            "judged one. Later horizons have fewer snapshots, because their outcomes are not known yet.",
        ),
        table=Table(
            (
                *("within", "snapshots", "accounts churned", "AUROC", "log loss"),
                *("happened / said", "churned MRR caught at capacity"),
            ),
            tuple(lines),
        ),
    )


def reliability(told: Compared) -> Section:
    """Said against happened."""
    beside = [m for m in (told.challenger,) if m and m in told.rows.risks and m != told.meant]
    bins = {called(m): reliability_bins(told.rows, m) for m in (told.meant, *beside)}
    top = bins[called(told.meant)].iloc[-1]
    return Section(
        "Is a risk of 20 % a risk of 20 %?",
        (
            "Snapshots in ten groups of equal size by the risk that was said. A dot on the dashed line: as "
            "many churned as were said. Above it more did, below it fewer.",
            f"Of the tenth with the highest risks {called(told.meant)} said {share(top['said'])}, and "
            f"{share(top['happened'])} churned.",
        ),
        Picture.of(
            charts.reliability(bins, "Said and happened", styles=told.styles),
            f"Reliability of {called(told.meant)}: in its highest tenth {share(top['said'])} said, "
            f"{share(top['happened'])} seen",
        ),
    )


def lift(told: Compared) -> Section:
    """How many times luck, by the share worked."""
    curve = lift_curve(told.rows)
    at = told.figure_of(told.meant, "lift_at_capacity")
    curve = curve[drawn(told.by_loss, told.meant)].rename(columns=called)
    figure = charts.lift(curve, "Lift", told.rows.capacity, called(told.meant), styles=told.styles)
    return Section(
        "How much better than calling by lot?",
        (
            f"At the capacity the list of {called(told.meant)} holds {number(at.value, 1)} times as many churners "
            f"as one drawn by lot (95 % interval {between(at.low, at.high, 1)}). The advantage shrinks as "
            "more of the book is worked, and is gone when all of it is.",
        ),
        Picture.of(figure, f"Lift by share worked; {called(told.meant)} has {number(at.value, 1)} at capacity"),
    )


def _named(told: Compared, model: str) -> Cell:
    """A model and what it is to us: chosen by this training, its challenger, in use, or only its title."""
    roles = [{told.champion: "chosen", told.challenger: "challenger"}.get(model, "")]
    roles.append("in use" if told.in_use and told.in_use.split(" ")[0] == model else "")
    title = "" if is_incumbent(model) else str(told.titles.get(model, ""))
    return Cell(called(model), ", ".join(r for r in roles if r) or (title if title != model else ""))


def sections_of_models(told: Compared) -> Iterator[Section]:
    """All of them, in the order of reading."""
    for section in (side_by_side(told), paired(told), horizons(told), reliability(told), lift(told)):
        if section is not None:
            yield section
