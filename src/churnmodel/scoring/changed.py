"""Why is the risk of an account another one than in an earlier score?

The change of the published risk is split exactly, in this order:

1. *a new model*: the earlier features and horizon through the model of the later table;
2. *passing time*: the renewal, and with it the horizon of the headline, as they are now; all else as it was;
3. *drivers*: every feature from its earlier to its later value (`churnmodel.explanation.moved`), by concept.

A feature that the earlier table did not hold is unknown there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.explanation.changed_words import before_and_now, is_telling, renewal_words
from churnmodel.explanation.drivers import drivers
from churnmodel.explanation.formats import percent, print_date
from churnmodel.explanation.moved import Moved, moved_points
from churnmodel.explanation.points import Points
from churnmodel.explanation.wording import quoted
from churnmodel.models.periods import RENEWAL_FEATURES, TO_RENEWAL
from churnmodel.scoring.inputs import conform
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.stretch import stretches

CONTEXT = ("name", "segment", "csm", "mrr")


@dataclass(frozen=True)
class Changed:
    """What became of the risk of every account that has one in two published tables.

    Parameters
    ----------
    since, as_of
        The days of the tables.
    same_model
        Whether one model scored both; if so `new_model` is 0 throughout.
    in_hindsight
        Whether that model had learned from outcomes after `since`: the earlier risks were no forecasts.
    accounts
        Indexed by account_id: what is known of it (name, segment, csm, mrr where the table has them),
        risk_before, risk_after, band_before, band_after; change, new_model, passing_time, drivers (the sum of
        all, named or not) in probability; renewal (in words); stretch, stretch_words and less_time, as
        `churnmodel.scoring.stretch`: only where the stretch is the same are the two risks of one thing.
        ``new_model + passing_time + drivers == change`` within 1e-9.
    drivers
        Long, indexed by account_id, several rows each, by rank: rank, code, concept, family, direction, points,
        feature, value_before and value (NaN for a category or unknown), sentence (before and now; the day of
        "before" is `since`), actionable, telling (whether the sentence tells two states apart, and not against
        the direction).
    then
        Indexed by account_id: risk and band of those the earlier table has a risk for.
    """

    since: date
    as_of: date
    same_model: bool
    in_hindsight: bool
    accounts: pd.DataFrame
    drivers: pd.DataFrame
    then: pd.DataFrame

    def nothing_to_compare(self, account_id: str, leaving: bool) -> str:
        """Why an account is not among `accounts`, in words: which of its two risks is missing."""
        day = print_date(datetime.combine(self.since, time()))
        if account_id not in self.then.index:
            return f"There was no risk for it on {day} to compare with."
        risk, band = self.then["risk"].astype("float64")[account_id], self.then["band"][account_id]
        why = "It has given notice since, so there" if leaving else "There"
        return f"On {day} its risk was {percent(float(risk))} ({band}). {why} is no risk today to compare with."


def changed(
    scorer: Scorer,
    earlier: ScoreTable,
    later: ScoreTable,
    accounts: Sequence[str] | None = None,
    *,
    top: int = 3,
    everything: bool = False,
) -> Changed:
    """The split of ``risk_after - risk_before`` for the accounts that have a risk in both tables.

    Parameters
    ----------
    scorer
        Of the later table; the model of the earlier one is not needed.
    accounts
        Only these; None for all. Those without a risk in either table are left out.
    top
        At most so many drivers that raised the risk, and as many that lowered it.
    everything
        Every concept with points other than 0: an account's drivers then sum to its `drivers`.

    Raises
    ------
    ScoreError
        The scorer is not that of the later table.
    FeatureError
        The later table lacks a feature of the model.
    """
    if scorer.version != later.version:
        raise ScoreError(
            f"what changed: wanted the model of the later table, {later.version}, got {scorer.version}. "
            "Load the bundle of that version."
        )
    ids = _in_both(earlier, later, accounts)
    before, after = _rows(earlier.X, ids), _rows(later.X, ids)
    held = [f.name for f in scorer.features if f.name in before]
    X0 = conform(before, scorer.features, required=())
    X1 = conform(after, scorer.features, required=scorer.bundle.manifest.inputs)
    renewed = X0.assign(**{n: X1[n].to_numpy() for n in RENEWAL_FEATURES if n in X1})
    risks = [scorer.score_features(X)["risk"].to_numpy() for X in (X0, renewed)]
    curve = scorer.bundle.curve
    moved = moved_points(scorer.bundle.model, curve, renewed, X1, curve.headline_period(X1))
    then, now = (_rows(table.scores, ids).droplevel("as_of") for table in (earlier, later))
    risk_before, risk_after = (s["risk"].to_numpy(dtype=np.float64) for s in (then, now))
    table = now[[name for name in CONTEXT if name in now]].assign(
        risk_before=risk_before,
        risk_after=risk_after,
        band_before=then["band"].to_numpy(),
        band_after=now["band"].to_numpy(),
        change=risk_after - risk_before,
        new_model=risks[0] - risk_before,
        passing_time=risks[1] - risks[0] + moved.base,
        drivers=moved.points.sum(axis=1),
        renewal=_renewals(before, after, earlier.as_of, later.as_of),
    )
    table = table.join(stretches(then, now, earlier.as_of, later.as_of, scorer.lead_days))
    told = _drivers(scorer, moved, X0[held], X1, earlier.as_of, top, everything)
    same_model = earlier.version == later.version
    learned = date.fromisoformat(scorer.bundle.manifest.training.trained_until)
    in_hindsight = same_model and learned > earlier.as_of
    known = _known_then(earlier, accounts)
    return Changed(earlier.as_of, later.as_of, same_model, in_hindsight, table, told, known)


def _in_both(earlier: ScoreTable, later: ScoreTable, accounts: Sequence[str] | None) -> list[str]:
    scored = [t.scores.index[t.scores["risk"].notna()].get_level_values("account_id") for t in (earlier, later)]
    wanted = set(scored[0]) if accounts is None else set(scored[0]) & set(accounts)
    return [str(account) for account in scored[1] if account in wanted]


def _known_then(earlier: ScoreTable, accounts: Sequence[str] | None) -> pd.DataFrame:
    known = earlier.scores.loc[earlier.scores["risk"].notna(), ["risk", "band"]].droplevel("as_of")
    return known if accounts is None else known[known.index.isin(list(accounts))]


def _rows(frame: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    """The rows of these accounts in this order; a published table holds an account once."""
    places = frame.index.get_level_values("account_id").get_indexer(pd.Index(ids, dtype="object"))
    return frame.take(places)


def _renewals(before: pd.DataFrame, after: pd.DataFrame, since: date, as_of: date) -> list[str]:
    then, now = pd.Timestamp(since), pd.Timestamp(as_of)
    was, value = (X[TO_RENEWAL].tolist() if TO_RENEWAL in X else [None] * len(X) for X in (before, after))
    return [renewal_words(b, a, then, now) for b, a in zip(was, value, strict=True)]


def _drivers(
    scorer: Scorer, moved: Moved, before: pd.DataFrame, X: pd.DataFrame, since: date, top: int, everything: bool
) -> pd.DataFrame:
    told = drivers(
        Points(moved.points, moved.risk_before, moved.risk_after),
        X,
        scorer.features,
        inputs=scorer.bundle.manifest.inputs,
        top=top,
        protective=top,
        everything=everything,
        currency=scorer.bundle.manifest.currency,
    )
    cards = {feature.name: feature for feature in scorer.features}
    place = X.index.get_indexer(told.index)
    then, currency = pd.Timestamp(since), scorer.bundle.manifest.currency
    columns = [{name: frame[name].tolist() for name in frame} for frame in (before, X)]
    sentences, values, telling = [], [], []
    as_ofs = told.index.get_level_values("as_of")
    for row, name, direction, as_of in zip(place, told["feature"], told["direction"], as_ofs, strict=True):
        was, now = ({n: held[n][row] for n in quoted(cards[name]) if n in held} for held in columns)
        said = before_and_now(cards[name], was, now, then, as_of, currency, direction)
        sentences.append(said)
        telling.append(is_telling(cards[name], was.get(name), now.get(name), direction, said))
        number = was.get(name)
        values.append(number if isinstance(number, float) else np.nan)
    told = told.assign(
        sentence=pd.Series(sentences, index=told.index, dtype="str"), telling=np.array(telling, dtype=np.bool_)
    )
    told.insert(list(told.columns).index("value"), "value_before", np.array(values, dtype=np.float64))
    return told.drop(columns="value_text").droplevel("as_of")
