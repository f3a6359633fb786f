from __future__ import annotations

import pytest

from churnmodel.scoring.scorer import Scorer
from scoring.small_company import MODELS, ONE_OUTCOME, bundle


@pytest.fixture(scope="session", params=MODELS)
def any_bundle(request, tmp_path_factory):
    return bundle(tmp_path_factory.mktemp("bundles") / request.param, request.param)


@pytest.fixture(scope="session")
def any_scorer(any_bundle):
    return Scorer.load(any_bundle)


@pytest.fixture(scope="session", params=["logistic", "blend", ONE_OUTCOME])
def bundle_folder(request, tmp_path_factory):
    return bundle(tmp_path_factory.mktemp("bundles") / request.param, request.param)
