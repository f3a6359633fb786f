"""Who moved towards orange or red, and whose MRR at risk rose? (from scores as they were published)

*Hysteresis*: an account counts as orange or red from the day its band says so, and until its health stands
``health_margin`` points above the cut (70, 40). One that wavers about a cut is told once, until it was clearly
better.

*By a rule*: an account that a rule of health holds down ("champion left: never better than orange") has turned
when the rule began to, whatever its risk did.

*Comparable*: where a renewal has passed, or the risk looks over another stretch for another reason, two risks are
of two things (`churnmodel.scoring.stretch`), and a band between them is no movement; nor is what a new model made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.scoring.band_moves import DEGREES
from churnmodel.scoring.bands import HEALTH_AT_ORANGE, HEALTH_AT_RED, ORANGE, RED
from churnmodel.scoring.stretch import SAME, stretches
from churnmodel.settings.alerts import AlertSettings
from churnmodel.success.alert import DAY, joined, of_accounts, of_all, of_csms

EARLIEST, WANTED = 20, 28
"""MRR at risk is compared with the latest score that is at least so many days older, wanted the other."""
LATEST = 70
NAMED = 3


def alerts_on_scores(
    scores: pd.DataFrame,
    looks: pd.DatetimeIndex,
    rules: AlertSettings,
    *,
    lead_days: int = 0,
    currency: str = "USD",
) -> pd.DataFrame:
    """Candidates of turned_red, turned_orange, book_at_risk and csm_at_risk on each look.

    Parameters
    ----------
    scores
        Indexed by snapshot, the days that were scored up to the last look: risk, band, health, mrr, csm, name,
        risk_days, days_to_renewal, and version (of what is comparable: the model, or the fold of a replay). With
        model_band (before any rule) and exception (of the rule that lowered it), turns by a rule are told as such.
    """
    scores = scores[scores["risk"].notna()] if len(scores) else scores
    if scores.empty:
        return joined([])
    scores = scores.sort_index(level=["as_of", "account_id"])
    turned = turned_worse(scores, rules.health_margin, lead_days)
    turned = turned.assign(
        rule="turned_" + turned["band"],
        episode=turned["band"] + "@" + turned["scored_on"].dt.strftime("%Y-%m-%d"),
        moved=[
            f"Turned {band} from {was}" + (_by_rule(said) if is_ruled else f": {_risks(then, now, since, day)}")
            for band, was, said, is_ruled, then, now, since, day in zip(
                *(turned[name] for name in ("band", "was", "exception", "by_rule", "risk_before", "risk")),
                *(turned[name] for name in ("since", "scored_on")),
                strict=True,
            )
        ],
    )
    parts = []
    for look in looks:
        still = _still(turned, scores, look, rules.fresh_days)
        for rule, own in still.groupby("rule"):
            parts.append(of_accounts(str(rule), own.assign(as_of=look, began_at=own["scored_on"])))
    rises = rising(scores, rules, currency)
    for look in looks:
        own = rises[scored_lately(rises["scored_on"], look, rules.fresh_days)] if len(rises) else rises
        if len(own):
            day = own["scored_on"].dt.strftime("%Y-%m-%d")
            own = own.assign(as_of=look, began_at=own["scored_on"], episode=day)
            parts.append(of_all("book_at_risk", own[own["csm"].isna()]))
            parts.append(of_csms("csm_at_risk", own[own["csm"].notna()]))
    found = joined(parts)
    return found[~found["rule"].isin(rules.off)].reset_index(drop=True)


def _by_rule(exception: str) -> str:
    """The rule that made it so, and what it met.

    >>> _by_rule("champion left: Every champion has left, the last on 4 December 2025")
    ' by the rule "champion left": Every champion has left, the last on 4 December 2025'
    """
    name, _, words = exception.partition(": ")
    return f' by the rule "{name}"' + (f": {words}" if words else "")


def _risks(then: float, now: float, since: pd.Timestamp, day: pd.Timestamp) -> str:
    """Both risks, as finely as they differ.

    >>> _risks(0.166, 0.171, pd.Timestamp("2025-12-15"), pd.Timestamp("2025-12-22"))
    'risk 16.6% on 2025-12-15, 17.1% on 2025-12-22'
    """
    digits = next((d for d in (0, 1) if f"{then:.{d}%}" != f"{now:.{d}%}"), 2)
    return f"risk {then:.{digits}%} on {since:%Y-%m-%d}, {now:.{digits}%} on {day:%Y-%m-%d}"


def _still(turned: pd.DataFrame, scores: pd.DataFrame, look: pd.Timestamp, fresh_days: int) -> pd.DataFrame:
    """Each account's latest fresh turn, if its latest score before the look is not better again."""
    own = turned[scored_lately(turned["scored_on"], look, fresh_days)].sort_values("scored_on", kind="stable")
    own = own.drop_duplicates("account_id", keep="last")
    days = scores.index.get_level_values("as_of")
    bands = scores[days <= look].groupby(level="account_id")["band"].last()  # in the order of days
    now = own["account_id"].map(bands).map(DEGREES)
    return own[(now >= own["band"].map(DEGREES)).to_numpy(dtype=bool)]


def scored_lately(scored_on: pd.Series, look: pd.Timestamp, fresh_days: int) -> pd.Series:
    """Scored on the day of the look, of what was known before it, or in the days before."""
    return (scored_on <= look) & (scored_on > look - fresh_days * DAY)


def held_degrees(band: NDArray[np.object_], health: NDArray[np.float64], margin: float) -> NDArray[np.int64]:
    """Which degree (0 green, 1 orange, 2 red) one account holds on each scored day, with hysteresis.

    >>> bands = np.array(["green", "orange", "green", "orange", "green", "orange"])
    >>> held_degrees(bands, np.array([80.0, 69.0, 72.0, 69.0, 78.0, 69.0]), margin=5.0).tolist()
    [0, 1, 1, 1, 0, 1]
    """
    held: list[int] = []
    for own, points in zip((DEGREES[b] for b in band), health, strict=True):
        at = held[-1] if held else own
        if own < at:  # better, but by enough?
            at = min(at, int(points <= HEALTH_AT_ORANGE + margin) + int(points <= HEALTH_AT_RED + margin))
        held.append(max(own, at))
    return np.array(held, dtype=np.int64)


def turned_worse(scores: pd.DataFrame, margin: float, lead_days: int) -> pd.DataFrame:
    """One row per turn: account_id, scored_on, since, band, was, risk_before, risk, by_rule, exception."""
    table = scores.reset_index()
    table["exception"] = table.get("exception", pd.Series(None, table.index, dtype="object"))
    table["by_rule"] = _is_lowered(table)
    table = table.sort_values(["account_id", "as_of"], ignore_index=True)
    groups = table.groupby("account_id", sort=False).indices
    held = np.zeros(len(table), dtype=np.int64)
    for places in groups.values():
        own = table.iloc[places]
        held[places] = held_degrees(own["band"].to_numpy(), own["health"].to_numpy(dtype=float), margin)
    table["held"] = held
    by = table.groupby("account_id", sort=False)
    before = by.shift(1)
    rose = (table["held"] > before["held"]) & (table["by_rule"] | (table["version"] == before["version"]))
    now, then = table[rose], before[rose].assign(account_id=table.loc[rose, "account_id"])
    same = pd.Series(False, index=now.index)
    for key, places in now.groupby([then["as_of"], now["as_of"]]).groups.items():
        since, day = cast("tuple[pd.Timestamp, pd.Timestamp]", key)
        words = stretches(then.loc[places], now.loc[places], since, day, lead_days)
        same.loc[places] = words["stretch"] == SAME
    names = {degree: band for band, degree in DEGREES.items()}
    found = pd.DataFrame(
        {
            "account_id": now["account_id"],
            "scored_on": now["as_of"],
            "since": then["as_of"],
            "band": now["band"],
            "was": then["held"].map(names),
            "risk_before": then["risk"],
            "risk": now["risk"],
            "by_rule": now["by_rule"],
            "exception": now["exception"],
        }
    )
    told = (same | now["by_rule"]) & found["band"].isin([ORANGE, RED])
    return found[told].reset_index(drop=True)


def _is_lowered(table: pd.DataFrame) -> pd.Series:
    """Whether a rule holds the account in a worse band than its risk would."""
    if "model_band" not in table:
        return pd.Series(False, index=table.index)
    return table["exception"].notna() & (table["band"].map(DEGREES) > table["model_band"].map(DEGREES))


def rising(scores: pd.DataFrame, rules: AlertSettings, currency: str) -> pd.DataFrame:
    """Where MRR at risk stands by ``rise`` above that of about four weeks before, and did not a score earlier.

    scored_on, csm (None: the whole book), moved, detail (the accounts that raised it most).
    """
    table = scores.reset_index()
    table["at_risk"] = table["mrr"] * table["risk"]
    of_day = table.drop_duplicates("as_of")
    days: list[pd.Timestamp] = sorted(of_day["as_of"])
    version = dict(zip(of_day["as_of"], of_day["version"], strict=True))
    found: list[dict[str, object]] = []
    csms: set[str] = set(table["csm"].dropna()) if "csm" in table else set()
    for csm in (None, *sorted(csms)):
        own = table if csm is None else table[table["csm"] == csm]
        sums = own.groupby("as_of")[["at_risk", "mrr"]].sum().reindex(days, fill_value=0.0)
        at_risk, paid = (dict(zip(days, sums[name].tolist(), strict=True)) for name in ("at_risk", "mrr"))
        was_up = False
        for day in days:
            earlier = _reference(days, day, version)
            if earlier is None:
                was_up = False
                continue
            then, (now, mrr) = at_risk[earlier], (at_risk[day], paid[day])
            by = now - then
            up = then > 0 and by >= rules.rise * then and by >= rules.rise_least * mrr
            if up and not was_up:
                whose = "the book" if csm is None else f"{csm}'s accounts"
                moved = f"MRR at risk of {whose} rose by {by / then:.0%} since {earlier:%Y-%m-%d}, "
                moved += f"from {then:,.0f} to {now:,.0f} {currency}"
                detail = _raisers(own, earlier, day, currency)
                found.append({"scored_on": day, "csm": csm, "moved": moved, "detail": detail})
            was_up = up
    columns = ["scored_on", "csm", "moved", "detail"]
    return pd.DataFrame(found, columns=columns).astype({"csm": "object", "scored_on": "datetime64[us]"})


def _reference(
    days: list[pd.Timestamp], day: pd.Timestamp, version: Mapping[pd.Timestamp, str]
) -> pd.Timestamp | None:
    """The scored day nearest to four weeks before, of the same model."""
    known = [d for d in days if EARLIEST <= (day - d).days <= LATEST and version[d] == version[day]]
    return min(known, key=lambda d: (abs((day - d).days - WANTED), d)) if known else None


def _raisers(own: pd.DataFrame, earlier: pd.Timestamp, day: pd.Timestamp, currency: str) -> str:
    then, now = (own[own["as_of"] == d].set_index("account_id")["at_risk"] for d in (earlier, day))
    today = own[own["as_of"] == day]
    names = dict(zip(today["account_id"], today["name"], strict=True))
    rose = now.sub(then, fill_value=0.0).reindex(now.index).sort_values(ascending=False, kind="stable").head(NAMED)
    called = {a: names[a] if isinstance(names[a], str) else a for a in rose.index}
    told = [f"{called[a]} +{by:,.0f}" for a, by in rose.items() if by > 0]
    return f"Most of it: {', '.join(told)} {currency}" if told else ""
