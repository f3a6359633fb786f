"""Do the three reasons of a red account name what really drives its risk? (companies whose truth is known)

For each seed a demo company is simulated and models are trained on the first two of its three years; the books
of the third are scored, out of time. Of every red account the truth says which cause makes at least half of its
excess risk (`sources.synthetic.effects`), through the same days as the risk it explains. It is named where one of
the three reasons that people see, the near renewal apart, is among its traces (`sources.synthetic.traces`).
Beside it:

* the three largest single features by raw SHAP values, ungrouped, the renewal apart as well;
* chance: what the three reasons of the other red accounts would name of it;
* one a family: the three reasons, if only the strongest of each family were told.

All of it for red accounts, whatever share of the book that is, and for those in the riskiest tenth of their book.

How firm the reasons are is asked of the same accounts: each number is moved by up to 1 % of its spread (counts and
flags stay), and the three reasons compared with those before by their Jaccard index, the mean over turns.

``python benchmarks/reasons.py`` trains (minutes a company) and writes ``benchmarks/results/reasons.json``. Trained
companies are kept in ``--work`` and not trained again. The seeds of `DEVELOPED_ON` were looked at while reasons
were made, those of `HELD_OUT` never.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.evaluation.named_causes import Share, is_named, named_by_chance, share_of
from churnmodel.explanation.drivers import driver_code
from churnmodel.explanation.shapley import shapley_values
from churnmodel.scoring.bundle import write_bundle
from churnmodel.scoring.concept_points import concept_points, input_cards
from churnmodel.scoring.firmness import APART, TOLD, firmness, first_reasons
from churnmodel.scoring.scorer import LEAVING, Scorer
from churnmodel.sources.synthetic import TRACES, Company, cause_effects, dominant_cause, write_company
from churnmodel.sources.synthetic.effects import LEAST_EXCESS
from churnmodel.workflow.demo import SETTINGS
from churnmodel.workflow.project import Project
from churnmodel.workflow.train import bundle_parts
from churnmodel.workflow.training import learn
from features import _commit

HERE = Path(__file__).parent
DEVELOPED_ON = (101, 102)
HELD_OUT = (201, 202, 203, 204)
MODELS = ("logistic", "lightgbm")
CAPACITY = 0.1
TRAINED_UNTIL = pd.Timestamp("2025-01-01")
LOOKED_AT = [pd.Timestamp(day) for day in ("2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01")]
TRAINING = '\n[training]\nmodels = ["base_rate", "logistic", "lightgbm"]\nfolds = 2\ndraws = 50\nthreads = 1\n'


def main() -> None:
    """Train, score, ask the truth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default=",".join(map(str, HELD_OUT)))
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument("--futures", type=int, default=256)
    parser.add_argument("--work", type=Path, default=HERE / "scratch-reasons")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "reasons.json")
    parser.add_argument("--only-train", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    asked = [int(seed) for seed in options.seeds.split(",")]
    tables = []
    for seed in asked:
        folder = options.work / f"{seed}_{options.accounts}"
        company = trained(folder, seed, options.accounts)
        if not options.only_train:
            tables.append(looked_at(folder, company, options.futures))
            print(f"company {seed}: {len(tables[-1])} red rows", file=sys.stderr, flush=True)
    if tables:
        rows = pd.concat(tables)
        rows.to_pickle(options.work / f"rows_{options.seeds.replace(',', '_')}.pkl")
        told = {
            "work": f"{len(asked)} demo companies of {options.accounts:,} accounts (seeds {options.seeds}), "
            f"trained until {TRAINED_UNTIL.date()}, red accounts of the books of "
            f"{', '.join(str(day.date()) for day in LOOKED_AT)}; truth from {options.futures} futures",
            **by_model(rows),
            "commit": _commit(),
        }
        options.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        print(json.dumps(told, indent=1))


def trained(folder: Path, seed: int, accounts: int) -> Company:
    """The company; its models in the folder, trained if they are not there."""
    company = write_company(folder / "data", accounts=accounts, seed=seed)
    for name, until in (("train", TRAINED_UNTIL), ("look", company.until)):
        (folder / f"{name}.toml").write_text(SETTINGS.format(until=until.date()) + TRAINING, encoding="utf-8")
    if not all((folder / model).is_dir() for model in MODELS):
        project = Project.open(folder / "train.toml")
        learned = learn(project)
        for model in MODELS:
            write_bundle(folder / model, bundle_parts(project, learned, model, "benchmark"))
        print(f"company {seed}: trained", file=sys.stderr, flush=True)
    return company


def looked_at(folder: Path, company: Company, futures: int) -> pd.DataFrame:
    """A row for each red account, book and model: its true cause, what is told of it, how firm that is."""
    project = Project.open(folder / "look.toml")
    scorers = {model: Scorer.load(folder / model) for model in MODELS}
    parts = []
    for day in LOOKED_AT:
        book = scorers[MODELS[0]].score_book(project.db, day.date(), project.features, reader=project.reader)
        X = book.X[(book.scores["status"] != LEAVING).to_numpy()]
        scores = {model: scorer.score_features(X) for model, scorer in scorers.items()}
        red = {model: (table["band"] == "red").to_numpy() for model, table in scores.items()}
        either = np.logical_or.reduce(list(red.values()))
        effects = truth(company, X[either], scorers[MODELS[0]], futures)
        for model, scorer in scorers.items():
            own = X[red[model]]
            table = effects.reindex(own.index).add_prefix("true_").assign(
                model=model,
                risk=scores[model]["risk"],
                # within what a team can work, whatever band the cut points of an early fold gave
                worked=scores[model]["risk"].rank(pct=True) > 1 - CAPACITY,
                cause=dominant_cause(effects).reindex(own.index),
                ours=first_reasons(concept_points(scorer, own)),
                one_a_family=one_a_family(concept_points(scorer, own)),
                raw=first_features(scorer, own),
                firm=firmness(scorer, own, turns=10),
            )
            parts.append(table)
    rows = pd.concat(parts)
    names = [f"{company.seed}-{name}" for name in rows.index.get_level_values(0)]
    days = rows.index.get_level_values(1)
    return rows.set_axis(pd.MultiIndex.from_arrays([names, days], names=rows.index.names))


def truth(company: Company, X: pd.DataFrame, scorer: Scorer, futures: int) -> pd.DataFrame:
    """What each cause makes of the true risk through the same days as the headline risk, for the rows of X."""
    curve = scorer.bundle.curve
    edges = np.array(curve.edges)[curve.headline_period(X)]
    parts = [
        cause_effects(company, X.index[edges == edge], int(edge), curve.lead_days, futures)
        for edge in np.unique(edges).tolist()
    ]
    return pd.concat(parts).reindex(X.index)


def one_a_family(points: pd.DataFrame) -> list[list[str]]:
    """Only the strongest concept of each family, and of these the first three: what a wider view would name."""
    found = []
    for ranked in first_reasons(points, told=points.shape[1]):
        strongest: dict[str, str] = {}
        for code in ranked:
            strongest.setdefault(code.partition(".")[0], code)
        found.append(list(strongest.values())[:TOLD])
    return found


def first_features(scorer: Scorer, X: pd.DataFrame) -> list[list[str]]:
    """The concepts of the three largest single features of each row by raw SHAP values on the margin.

    Of the period in which the headline ends, as a plot of `shap` would rank them.
    """
    inputs = X[list(scorer.bundle.manifest.inputs)]
    phi = shapley_values(scorer.bundle.model, inputs).phi
    own = phi[np.arange(len(X)), scorer.bundle.curve.headline_period(X)]
    codes = np.array([driver_code(card) for card in input_cards(scorer)])
    own = np.where(np.isin(codes, APART), -np.inf, own)
    order = np.argsort(-own, axis=1, kind="stable")[:, :TOLD]
    return [sorted(set(codes[places][row[places] > 0])) for row, places in zip(own, order, strict=True)]


def figures(rows: pd.DataFrame) -> dict[str, Any]:
    """Shares with intervals by accounts: of all red rows with a dominant cause, and cause by cause."""
    known = rows[rows["cause"].notna()]
    cause = known["cause"]
    told = {of: dict(zip(known.index, known[of], strict=True)) for of in ("ours", "raw", "one_a_family")}
    named = {
        "ours": is_named(cause, told["ours"], TRACES),
        "raw_shap": is_named(cause, told["raw"], TRACES),
        "chance": named_by_chance(cause, told["ours"], TRACES),
        "one_a_family": is_named(cause, told["one_a_family"], TRACES),
    }
    missed = cause[~named["ours"]]
    # through the value it takes: what the customer does less of, not why
    symptom = is_named(pd.Series("value_loss", missed.index), told["ours"], TRACES)
    of_value = cause.isin(["value_loss", "redesign"])
    return {
        "red_rows": len(rows),
        "red_accounts": rows.index.get_level_values(0).nunique(),
        "excess_not_known": int(rows["true_excess"].isna().sum()),
        "excess_under_5_points": int((rows["true_excess"] < LEAST_EXCESS).sum()),
        "no_cause_dominates": int((rows["cause"].isna() & (rows["true_excess"] >= LEAST_EXCESS)).sum()),
        "named": {who: _told(share_of(of)) for who, of in named.items()},
        "ours_less_raw_shap": _told(share_of(named["ours"].astype(float) - named["raw_shap"].astype(float))),
        "named_where_it_is_no_loss_of_value": {who: _told(share_of(of[~of_value])) for who, of in named.items()},
        "missed_but_told_by_its_symptom": _told(share_of(symptom)),
        "concepts_in_three": {
            who: round(float(rows[of].map(lambda codes: len(set(codes))).mean()), 2)
            for who, of in (("ours", "ours"), ("raw_shap", "raw"))
        },
        "by_cause": {
            name: {who: _told(share_of(of[cause == name])) for who, of in named.items()}
            for name in sorted(cause.unique())
        },
        "firmness": _told(share_of(rows["firm"])),
    }


def by_model(rows: pd.DataFrame) -> dict[str, Any]:
    """Of all red rows, and of those among the riskiest tenth of their day's book."""
    own = {model: rows[rows["model"] == model] for model in MODELS}
    return {model: {**figures(of), "riskiest_tenth": figures(of[of["worked"]])} for model, of in own.items()}


def _told(share: Share) -> dict[str, Any]:
    told = {"value": share.value, "low": share.low, "high": share.high}
    return {**{k: round(v, 3) for k, v in told.items()}, "rows": share.rows, "accounts": share.accounts}


if __name__ == "__main__":
    main()
