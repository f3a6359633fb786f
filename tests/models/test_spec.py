from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ModelError, SettingsError, TooFewChurners
from churnmodel.features.catalog import CATALOG
from churnmodel.models.baselines import BaseRate, ScorecardSettings
from churnmodel.models.boosted import BoostedSettings
from churnmodel.models.logistic import LogisticModel, LogisticSettings
from churnmodel.models.spec import ModelSpec, fit_model, read_model_spec, read_model_specs

from .conftest import MODELS, Company


def toml(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def test_the_supplied_models_are_five_simplest_first() -> None:
    specs = read_model_specs(MODELS)
    assert [(spec.name, spec.simplicity) for spec in specs] == [
        ("base_rate", 0),
        ("scorecard", 1),
        ("logistic", 2),
        ("lightgbm", 3),
        ("blend", 4),
    ]


def test_the_supplied_files_say_the_defaults_of_the_code() -> None:
    assert read_model_spec(MODELS / "logistic.toml").settings == LogisticSettings()
    assert read_model_spec(MODELS / "lightgbm.toml").settings == BoostedSettings()


def test_the_readme_names_every_parameter() -> None:
    text = (MODELS / "README.md").read_text()
    for settings in (LogisticSettings(), BoostedSettings()):
        assert [key for key in settings.__dict__ if f"`{key}`" not in text] == []
    assert all(name in text for name in ("`share_of_trees`", "`[parameters.logistic]`", "`[parameters.lightgbm]`"))


def test_models_come_in_the_order_they_are_asked_for() -> None:
    assert [s.name for s in read_model_specs(MODELS, ["lightgbm", "base_rate"])] == ["lightgbm", "base_rate"]


def test_a_new_toml_is_a_new_model(tmp_path: Path, company: Company) -> None:
    path = toml(
        tmp_path,
        'title = "Usage only"\nestimator = "logistic"\n'
        '[features]\ninclude = ["usage_*", "n*"]\nexclude = ["never_*"]\n[parameters]\nhinges = 0\nprior_sd = 1\n',
        "usage_only",
    )
    spec = read_model_spec(path)
    assert (spec.name, spec.title, spec.simplicity) == ("usage_only", "Usage only", 2)
    model = fit_model(spec, company.X, company.churned, company.features, seed=0)
    assert isinstance(model, LogisticModel)
    assert model.features == ("usage_change_28d", "nps_latest")
    assert model.penalty_sd == 0.25, "shared out as among 16"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('titel = "x"', r"unknown key 'titel' \(did you mean 'title'\?\)"),
        ('title = "x"\nestimator = "lightgmb"', r"estimator is 'lightgmb' \(did you mean 'lightgbm'\?\)"),
        ('title = "x"', "wanted estimator = "),
        ('title = "x"\nestimator = "logistic"\n[parameters]\nhinge = 2', r"'hinge' \(did you mean 'hinges'\?\)"),
        (
            'title = "x"\nestimator = "base_rate"\n[parameters]\ntrees = 2',
            r"unknown key 'trees'\. Known keys: none",
        ),
        ('title = "x"\nestimator = "lightgbm"\n[parameters]\ntrees = "many"', "trees: wanted int, found 'many'"),
        ('title = "x"\nestimator = "lightgbm"\n[parameters]\ntrees = true', "trees: wanted int, found True"),
        ('title = "x"\nestimator = "lightgbm"\n[parameters]\ntrees = 0', "trees >= 1"),
        ('title = "x"\nestimator = "lightgbm"\n[parameters]\nrate = nan', "rate > 0"),
        ('title = "x"\nestimator = "logistic"\n[parameters]\nprior_sd = inf', "prior_sd"),
        ('title = "x"\nestimator = "logistic"\n[features]\nincludes = []', r"did you mean 'include'\?"),
        ('title = "x"\nestimator = "logistic"\n[features]\ninclude = "a*"', "wanted a list of globs"),
        ('title = "x"\nestimator = "logistic"\nparameters = 3', r"wanted a table \[parameters\], found 3"),
        ('title = "x"\nestimator = "scorecard"', "at least one"),
        (
            'title = "x"\nestimator = "scorecard"\n[[parameters.rules]]\nfeature = "a"\nworst = 1',
            "rule 1: lacks best",
        ),
        (
            'title = "x"\nestimator = "scorecard"\n[[parameters.rules]]\nfeature = "a"\nworst = 1\nbest = 1',
            "two different numbers",
        ),
        (
            'title = "x"\nestimator = "scorecard"\n[[parameters.rules]]\nfeature = "a"\nwurst = 1',
            r"did you mean 'worst'\?",
        ),
        ("title = ", "is not TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_name(text: str, message: str, tmp_path: Path) -> None:
    path = toml(tmp_path, text)
    with pytest.raises(SettingsError, match=message) as refusal:
        read_model_spec(path)
    assert "mine" in str(refusal.value)


def test_a_model_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no model 'logistics' .* \(did you mean 'logistic'\?\)\. It has"):
        read_model_specs(MODELS, ["logistics"])
    with pytest.raises(SettingsError, match="named more than once"):
        read_model_specs(MODELS, ["logistic", "logistic"])
    with pytest.raises(SettingsError, match=r"no models/\*.toml"):
        read_model_specs(tmp_path)
    with pytest.raises(SettingsError, match="no readable model file"):
        read_model_spec(tmp_path / "none.toml")


def test_context_features_never_enter_a_model(company: Company) -> None:
    from dataclasses import replace

    features = [replace(f, role="context") if f.name == "seats" else f for f in company.features]
    spec = ModelSpec("m", "M", "logistic")
    assert "seats" not in [f.name for f in spec.choose(features)]


def test_no_feature_left_is_refused_but_for_the_base_rate(company: Company) -> None:
    for estimator in ("logistic", "lightgbm"):
        with pytest.raises(ModelError, match=r"none of 7 features is left after include \['x'\]"):
            spec = ModelSpec("m", "M", estimator, include=("x",))
            fit_model(spec, company.X, company.churned, company.features, seed=0)
    spec = read_model_spec(MODELS / "base_rate.toml")
    model = fit_model(spec, company.X, company.churned, company.features, seed=0)
    assert isinstance(model, BaseRate)
    assert model.features == ()
    assert model.terms(company.X).shape == (len(company.X), 0)


def test_too_few_churners_are_refused_through_the_spec(company: Company) -> None:
    churned = np.zeros(len(company.X), dtype=bool)
    with pytest.raises(TooFewChurners):
        fit_model(read_model_spec(MODELS / "lightgbm.toml"), company.X, churned, company.features, seed=0)


def test_a_label_that_has_not_matured_is_refused(company: Company) -> None:
    churned = pd.Series(company.churned, dtype="boolean")
    churned.iloc[:3] = pd.NA
    with pytest.raises(ModelError, match="3 of 1200 outcomes are missing"):
        fit_model(ModelSpec("m", "M", "logistic"), company.X, churned, company.features, seed=0)


def test_only_the_ratio_of_weights_counts(company: Company) -> None:
    draw = np.random.default_rng(0).integers(1, 5, len(company.X)).astype(float)
    spec = ModelSpec("m", "M", "logistic")
    one = fit_model(spec, company.X, company.churned, company.features, seed=0, weights=draw)
    ten = fit_model(spec, company.X, company.churned, company.features, seed=0, weights=8 * draw)
    none = fit_model(spec, company.X, company.churned, company.features, seed=0)
    assert one == ten
    assert one != none


def test_every_rule_of_the_supplied_scorecard_names_a_feature_there_is() -> None:
    rules = read_model_spec(MODELS / "scorecard.toml").settings
    assert isinstance(rules, ScorecardSettings)
    known = {f.name: f for f in CATALOG}
    named = [rule for rule in rules.rules if "*" not in rule.feature]
    assert [rule.feature for rule in named if rule.feature not in known] == []
    for rule in named:  # and never says the opposite of the catalog about which end is bad
        said = "high" if rule.worst > rule.best else "low"
        assert known[rule.feature].raises_risk in (said, "either"), rule.feature
