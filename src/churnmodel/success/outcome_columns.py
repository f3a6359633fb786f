"""What does each column of outcomes mean? (its formula and source; docs/outcomes.md prints these)"""

from __future__ import annotations

from churnmodel.success.common_columns import ANY_ACCOUNT, AS_OF, CSM, NAME
from churnmodel.success.definitions import Definition

_NEWCOMBE = "Newcombe (1998), Statistics in Medicine 17; Zou, Huang and Zhang (2009), CSDA 53"
_LABELS = "docs of churnmodel.snapshots.labels"

EFFECT_COLUMNS: tuple[Definition, ...] = (
    AS_OF,
    Definition("play", "play", "its name; 'all plays': the first draw of an account for any", "text"),
    Definition("horizon_days", "within", "days after the draw in which an outcome counts", "days"),
    Definition(
        "measure",
        "measure",
        "churn: left. mrr: share of the MRR at the draw that was kept, expansion not counted. green: green and "
        "still a "
        "customer. risk: risk by then, 1 for who left or gave notice. The last two by the last scores published "
        "in the "
        "second half of the horizon; only churn is judged",
        "text",
        _LABELS,
    ),
    Definition("look", "look", "the k of the last look there was; 0: none yet", "count"),
    Definition("drawn_until", "drawn until", "the day of the last draw that is counted here", "text"),
    Definition(
        "accounts",
        "accounts",
        "accounts counted: the first [outcomes] first_look * 2 ** (k - 1) that were drawn, those of the last day "
        "whole; "
        "before the first look all whose horizon is over",
        "count",
    ),
    Definition("given", "given", "of them, given the play by the lot, with a known outcome", "count"),
    Definition("held_out", "held out", "of them, held out by the lot, with a known outcome", "count"),
    Definition(
        "not_over", "not over", "of all drawn, those whose horizon and grace are not over", "count", _LABELS
    ),
    Definition(
        "missing", "missing", "of those counted, those without an outcome: merged, or not scored", "count"
    ),
    Definition(
        "given_value",
        "of those given",
        "their share (of MRR: ratio of sums), over strata of one probability",
        "share",
    ),
    Definition(
        "held_out_value", "of those held out", "the same of those held out, with the same weights", "share"
    ),
    Definition(
        "effect",
        "effect",
        "sum over strata of w (given - held out), w ~ n_given n_held_out / (n_given + n_held_out)",
        "share",
        "Cochran (1954), Biometrics 10; Mantel and Haenszel (1959), JNCI 22",
    ),
    Definition("low", "low", "lower end of its interval at `level`", "share", _NEWCOMBE),
    Definition("high", "high", "upper end", "share", _NEWCOMBE),
    Definition("level", "level", "1 - 0.05 / (k (k + 1)); 0.95 before the first look", "share"),
    Definition(
        "p",
        "p of the lot",
        "share of all draws within strata no likelier than what came",
        "share",
        "Fisher (1935); over strata Gart (1970), Biometrika 57",
    ),
    Definition("p_any_look", "p at any look", "least over looks j of p_j j (j + 1), at most 1", "share"),
    Definition(
        "p_adjusted",
        "p adjusted",
        "of p_any_look over all comparisons; one that is not judged yet counts as 1",
        "share",
        "Holm (1979), Scandinavian Journal of Statistics 6",
    ),
    Definition(
        "comparisons", "comparisons", "plays with a lot, and all of them together, times horizons", "count"
    ),
    Definition(
        "verdict",
        "verdict",
        "fewer left, or more left: p_adjusted at most 0.05, by strongest_effect. no longer: shown at an earlier "
        "look, and at the last one the effect has the other sign or its interval holds 0. not shown: p above. so "
        "far: no look yet. one arm: nobody of one arm is over",
        "text",
    ),
    Definition(
        "effect_adjusted",
        "effect at like risk",
        "either share less slope * (mean risk at the draw of the arm - of all), slope within arms and strata",
        "share",
        "CUPED: Deng, Xu, Kohavi and Walker (2013), WSDM",
    ),
    Definition("low_adjusted", "low at like risk", "lower end, at the accounts the line is worth", "share",
    _NEWCOMBE), Definition("high_adjusted", "high at like risk", "upper end", "share", _NEWCOMBE),
    Definition(
        "detectable",
        "could have shown",
        "the smallest fall of churn that shows with [outcomes] power at this look and so many comparisons",
        "share",
        "Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, section 4",
    ),
    Definition(
        "draws_needed",
        "draws needed",
        "accounts drawn, at the share held out so far, for a fall by [outcomes] effect to show",
        "count",
        "Fleiss, Levin and Paik (2003), section 4",
    ),
    Definition("strongest_look", "strongest look", "the look that p_any_look comes from; 0: none", "count"),
    Definition("strongest_p", "p at it", "`p` at that look", "share"),
    Definition("strongest_given", "given at it", "`given` at that look", "count"),
    Definition("strongest_held_out", "held out at it", "`held_out` at that look", "count"),
    Definition("strongest_given_value", "of those given at it", "`given_value` at that look", "share"),
    Definition("strongest_held_out_value", "of those held out at it", "`held_out_value` at that look", "share"),
    Definition("strongest_effect", "effect at it", "`effect` at that look; a verdict has its sign", "share"),
)
LOG_TOLD: tuple[Definition, ...] = (
    Definition("occurred_at", "day", "the day the play was begun, or the account held out", "text"),
    ANY_ACCOUNT,
    NAME,
    CSM,
    Definition("play", "play of the log", "its name", "text"),
    Definition("arm", "arm", "treated or hold_out", "text"),
    Definition(
        "share", "drawn", "probability with which it was held out; 0: not drawn; empty: not known", "share"
    ),
    Definition("told_in", "told in", "begun here, interventions (your table), or told by hand", "text"),
    Definition("by", "by", "who began a play here, empty if before that was recorded; or who told it", "text"),
    Definition("note", "note", "why it was chosen, or what was said", "text"),
    Definition(
        "risk",
        "risk at the draw",
        "of the scores it was begun from; else of the latest published in the 45 days up to the day, but for "
        "those made in hindsight",
        "share",
        "scores",
    ),
)


def as_markdown() -> str:
    """The columns as the table of docs/outcomes.md."""
    lines = ["| figure | in tables | formula | source |", "|---|---|---|---|"]
    lines += [f"| {d.title} | `{d.name}` | {d.formula} | {d.source} |" for d in (*EFFECT_COLUMNS, *LOG_TOLD)]
    return "\n".join(lines)
