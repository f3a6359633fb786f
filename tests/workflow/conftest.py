"""One small demo project, trained and scored once for all tests of the workflow."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from churnmodel.workflow.demo import write_demo
from churnmodel.workflow.project import Project
from churnmodel.workflow.score import Scored, score
from churnmodel.workflow.train import Trained, train


@dataclass(frozen=True)
class Done:
    project: Project
    trained: Trained
    scored: Scored


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    project = write_demo(tmp_path_factory.mktemp("demo"), accounts=300, seed=11)
    trained = train(project, revision="0" * 40)
    assert trained.champion is not None, trained.learned.choice.reasons
    return Done(project, trained, score(project))
