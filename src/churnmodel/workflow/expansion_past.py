"""Did the rule of readiness help on a project's earlier days? (`churnmodel success expansion --past`)"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import SNAPSHOT
from churnmodel.sources.feeds import read_feeds
from churnmodel.success.expansion import expansion_of
from churnmodel.success.expansion_facts import Given, build_growth_features
from churnmodel.success.expansion_judged import judged_expansion, outcomes
from churnmodel.success.health_judged import band_by_rules
from churnmodel.success.health_observed import bands_of
from churnmodel.success.health_rules import met
from churnmodel.success.ledger import DAY
from churnmodel.success.paid import paid_spans
from churnmodel.workflow.expansion import Expansion
from churnmodel.workflow.growth import facts_of
from churnmodel.workflow.health import own_cuts
from churnmodel.workflow.health_asked import asked_of
from churnmodel.workflow.health_replayed import replayed
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.similar import PAST

MOST_LOOKS = 12


@dataclass(frozen=True)
class ExpansionPast:
    """What became of those the rule would have called ready.

    Parameters
    ----------
    groups
        `churnmodel.success.expansion_judged.judged_expansion`.
    rows
        Each account of each earlier day: account_id, as_of, band, status, sign, expanded, left, gain.
    why_none
        Why there are no rows; empty where there are.
    """

    groups: pd.DataFrame = field(repr=False)
    rows: pd.DataFrame = field(repr=False)
    why_none: str = ""


def expansion_past(project: Project, found: Expansion, *, progress: Progress = silent) -> ExpansionPast:
    """The rule on earlier days: bands as they were said out of time, everything else as it was known then.

    Days are those training kept out-of-time risks of, as far as their outcome is known; at most `MOST_LOOKS`.
    """
    rows, why_none = _looks(project, found)
    if rows.empty:
        return ExpansionPast(judged_expansion(_NOTHING), _NOTHING, why_none)
    rules, labels = found.rules, project.settings.labels
    days = {"grace_days": labels.grace_days, "pause_days": labels.pause_days}
    looks = sorted(rows["as_of"].unique())
    book = build_book(
        project.db, looks, min_tenure_days=project.settings.snapshots.min_tenure_days, **days
    )
    feeds = read_feeds(project.db, max(looks))
    X = build_growth_features(project.db, pd.MultiIndex.from_tuples(book.index, names=SNAPSHOT), feeds)
    earlier = pd.to_timedelta(project.settings.adoption.retained_days, unit="D")
    before = build_book(project.db, [pd.Timestamp(look) - earlier for look in looks], **days)
    parts = []
    for done, look in enumerate(looks):
        progress("looking at earlier days", done, len(looks))
        day = pd.Timestamp(look)
        own = rows[rows["as_of"] == look].set_index("account_id")
        known = Given(of_day(book, day), of_day(X, day), feeds, of_day(before, day - earlier))
        then = facts_of(project, day, known)
        said = expansion_of(then, own[["band"]], rules, found.currency)
        said = said.loc[said.index.intersection(own.index), ["band", "status", "sign"]]
        parts.append(said.assign(as_of=day).reset_index())
    whole = pd.concat(parts, ignore_index=True).sort_values(["as_of", "account_id"], ignore_index=True)
    spans = paid_spans(project.db, found.as_of, **days)
    whole = whole.join(outcomes(spans, whole, rules.outcome_days, rules.outcome_growth))
    return ExpansionPast(judged_expansion(whole), whole)


_NOTHING = pd.DataFrame(
    {
        **{name: pd.Series(dtype="object") for name in ("account_id", "band", "status", "sign")},
        "as_of": pd.Series(dtype="datetime64[us]"),
        **{name: pd.Series(dtype="float64") for name in ("before", "after", "expanded", "left", "gain")},
    }
)


def _looks(project: Project, found: Expansion) -> tuple[pd.DataFrame, str]:
    """account_id, as_of, band (exceptions counted) of earlier days with known outcomes; or why there are none."""
    past = replayed(project, found.health)
    scorer = found.health.driver.scorer
    if past.folder is None or past.bands is None or scorer is None:
        return pd.DataFrame(columns=["account_id", "as_of", "band"]), past.why_none
    kept = pd.read_parquet(past.folder / "predictions.parquet")
    mine = kept[(kept["model"] == scorer.bundle.manifest.model.name) & kept["risk_renewal"].notna()]
    rows = pd.DataFrame(
        {
            "account_id": mine["account_id"].astype("object"),
            "as_of": mine["as_of"].astype("datetime64[us]"),
            "segment": mine.get("segment"),
            "risk": mine["risk_renewal"].astype("float64"),
        }
    )
    grace = project.settings.labels.grace_days
    over = rows["as_of"] + (found.rules.outcome_days + grace) * DAY < found.as_of
    if not over.any():
        why = f"no day with kept risks lies {found.rules.outcome_days + grace} days back"
        return rows.iloc[:0], why
    rows = rows[over].sort_values(["as_of", "account_id"], ignore_index=True)
    days = np.array(sorted(rows["as_of"].unique()))
    chosen = days[np.unique(np.linspace(0, len(days) - 1, min(MOST_LOOKS, len(days))).round().astype(int))]
    rows = rows[rows["as_of"].isin(chosen)].reset_index(drop=True)
    band = bands_of(rows, past.bands, own_cuts(project))
    rules = project.settings.health.exceptions
    place = past.folder / PAST
    if rules and place.is_file():
        X = pd.read_parquet(place)
        X = X.assign(as_of=X["as_of"].astype("datetime64[us]")).set_index(SNAPSHOT)
        at = pd.MultiIndex.from_frame(rows[SNAPSHOT])
        there = at.isin(X.index)
        rows, band = rows[there].reset_index(drop=True), band[there]
        asked = asked_of(project, X.loc[at[there]], rows["segment"])
        band = band_by_rules(band, rules, [met(rule.condition, asked.rows) for rule in rules])
    return rows.assign(band=band)[["account_id", "as_of", "band"]], ""


def of_day(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The rows of one day, indexed by account_id alone."""
    return rows[rows.index.get_level_values("as_of") == day].droplevel("as_of")
