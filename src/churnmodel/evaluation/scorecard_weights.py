"""What should the rules of the team's own health score count for, and what would that gain?

The weights are fitted on every outcome known today. What they gain is told by their twin in the backtest, whose
weights were fitted anew in every fold, so no outcome speaks for weights that were made of it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from churnmodel.evaluation.incumbents import reweighed_name
from churnmodel.evaluation.verdict import Verdict, verdict_of
from churnmodel.evaluation.verdict_words import gained
from churnmodel.models.reweigh import Reweighed, reweigh, taken_out
from churnmodel.models.rules import Rule
from churnmodel.models.training_rows import training_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest
    from churnmodel.features.feature import Feature
    from churnmodel.models.spec import ModelSpec

COLUMNS = ("rule", "about", "worst", "best", "weight_now", "weight_fitted")


@dataclass(frozen=True)
class NewWeights:
    """A scorecard with fitted weights beside the ones it has.

    Parameters
    ----------
    card, title
        The scorecard's name and title.
    include, exclude
        Its globs over features.
    rules
        In its order.
    about
        For each rule what it is about: the concepts of its features.
    churned_accounts
        How many accounts that churned the weights were fitted to.
    gain
        The twin with fitted weights (`model`) against the scorecard as it is, out of time; None where either was
        not judged.
    """

    card: str
    title: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    rules: tuple[Reweighed, ...]
    about: tuple[str, ...]
    churned_accounts: int
    gain: Verdict | None

    @property
    def sentence(self) -> str:
        """What the weights gain, with the interval; and that they gain nothing where they do not."""
        return gained(self.gain, self.card)

    def to_frame(self) -> pd.DataFrame:
        """One row per rule that applies, the weightiest first; columns are `COLUMNS`.

        Weights are percent, the fitted ones whole, and sum to 100.
        """
        rows = [
            (r.rule.feature, about, r.rule.worst, r.rule.best, r.now, r.percent)
            for r, about in zip(self.rules, self.about, strict=True)
            if r.features
        ]
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        return table.sort_values(
            ["weight_fitted", "weight_now"], ascending=False, kind="stable", ignore_index=True
        )

    def to_csv(self) -> str:
        """The same as a CSV for a spreadsheet, or for the tool the team keeps its health score in."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in self.to_frame().to_dict("records"):
            named = [_inert(str(row[key])) for key in ("rule", "about")]
            writer.writerow(
                [
                    *named,
                    *(f"{row[end]:g}" for end in ("worst", "best")),
                    f"{row['weight_now']:.1f}",
                    row["weight_fitted"],
                ]
            )
        return text.getvalue()

    def to_toml(self) -> str:
        """A model file in the form of ``models/scorecard.toml``: saved in its place, it is the scorecard."""
        out = [*self.exclude, *taken_out(self.rules)]
        lines = [
            f"# Weights fitted to the {self.churned_accounts} accounts that churned; the ends of each rule stay.",
            *(f"# {line}" for line in self.sentence.split("\n")),
            f"title = {_quoted(self.title)}",
            'estimator = "scorecard"',
            "",
            "[features]",
            f"include = [{', '.join(map(_quoted, self.include))}]",
            "# what counts for nothing must not fall to a later rule",
            f"exclude = [{', '.join(map(_quoted, out))}]",
        ]
        for r in self.rules:
            if r.percent:
                lines += [
                    "",
                    "[[parameters.rules]]",
                    f"feature = {_quoted(r.rule.feature)}",
                    f"worst = {r.rule.worst!r}",
                    f"best = {r.rule.best!r}",
                    f"weight = {r.percent}   # percent; was {r.now:.0f}",
                ]
        nothing = [f"#   {r.rule}, was {r.now:.0f}" for r in self.rules if r.features and not r.percent]
        absent = [f"#   {r.rule}" for r in self.rules if not r.features]
        lines += ["", "# Rules that count for nothing:", *nothing] if nothing else []
        lines += ["", "# Rules that no feature here fits:", *absent] if absent else []
        return "\n".join(lines) + "\n"

    def to_json(self) -> dict[str, Any]:
        """The weights as JSON types."""
        return asdict(self) | {"gain": None if self.gain is None else self.gain.to_json()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> NewWeights:
        """The weights `to_json` wrote."""
        rules = tuple(
            Reweighed(Rule(**r["rule"]), tuple(r["features"]), float(r["now"]), int(r["percent"]))
            for r in body["rules"]
        )
        lists = {key: tuple(body[key]) for key in ("include", "exclude", "about")}
        gain = None if body["gain"] is None else Verdict.from_json(body["gain"])
        return cls(**{**body, **lists, "rules": rules, "gain": gain})


def fit_new_weights(
    X: pd.DataFrame,
    outcomes: ArrayLike,
    card: ModelSpec,
    features: Sequence[Feature],
    backtest: Backtest,
    *,
    currency: str = "USD",
    seed: int = 0,
) -> NewWeights:
    """Weights for the rules of `card` from every outcome there is, and what such weights gained in the backtest.

    Parameters
    ----------
    X, outcomes
        (n, any) features by snapshot, and (n, k) outcomes per period (`known_outcomes`).
    card
        A spec whose estimator is ``scorecard``.
    backtest
        With the scorecard and its twin (`churnmodel.evaluation.incumbents.competitors`).

    Raises
    ------
    ModelError
        No rule fits any feature, or there are no rows.
    """
    chosen = card.choose(features)
    rows = training_rows(X, np.asarray(outcomes, dtype=np.float64))
    found = reweigh(rows, chosen, card.settings.rules)  # type: ignore[union-attr]
    concept = {f.name: f.concept for f in chosen}
    about = (", ".join(dict.fromkeys(concept[name] for name in r.features)) for r in found)
    played = set(backtest.predictions["model"])
    twin = reweighed_name(card.name)
    gain = None
    if {twin, card.name} <= played:
        gain = verdict_of(
            backtest,
            twin,
            scorecards=(card.name,),
            incumbents=False,
            currency=currency,
            is_champion=False,
            seed=seed,
        )
    return NewWeights(
        card=card.name,
        title=card.title,
        include=card.include,
        exclude=card.exclude,
        rules=found,
        about=tuple(about),
        churned_accounts=rows.churners,
        gain=gain,
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _inert(text: str) -> str:
    # a glob may begin as a formula does
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
