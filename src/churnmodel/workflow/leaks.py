"""Is this project proven not to have seen the future? (`churnmodel check --leaks`)"""

from __future__ import annotations

import json as json_text
from pathlib import Path

from churnmodel.evaluation.leaks import LeakProof, prove
from churnmodel.models.spec import read_model_specs
from churnmodel.reports.leaks_page import leaks_page, verdict
from churnmodel.reports.leaks_page_words import LIMITS
from churnmodel.scoring.atomic import replace_text
from churnmodel.workflow.past import checked, cohort_of
from churnmodel.workflow.project import Progress, Project, silent, supplied_models

MODEL = "logistic"
"""The supplied model whose skill is put to the test: fast, and it learns from few churners."""


def prove_project(project: Project, *, seed: int = 0, n_as_ofs: int = 3, progress: Progress = silent) -> LeakProof:
    """The proof over the project's own tables, mapping, features (its own ones too) and labels.

    Parameters
    ----------
    seed
        Which accounts are looked at, and how labels are shuffled.
    n_as_ofs
        At how many days the features are built again under another future.

    Raises
    ------
    AuditError
        The tables are not fit to learn from, so that there is nothing to prove yet.
    """
    checked(project, progress)
    cohort = cohort_of(project, progress)
    progress("looking at the book", 1, 1)
    (spec,) = read_model_specs(supplied_models(), [MODEL])
    return prove(
        project.db,
        project.features,
        cohort,
        spec,
        project.window,
        seed=seed,
        n_as_ofs=n_as_ofs,
        progress=progress,
    )


def write_proof(
    proof: LeakProof, project: Project, *, html: Path | None = None, json: Path | None = None
) -> tuple[Path, ...]:
    """Write the proof as a page that needs nothing else, and as JSON; the files that were written."""
    written = []
    if json is not None:
        written.append(replace_text(json, proof_json(proof, project)))
    if html is not None:
        written.append(replace_text(html, leaks_page(proof, project.settings.project.name)))
    return tuple(written)


def proof_json(proof: LeakProof, project: Project) -> str:
    """The proof as JSON, with its verdict and limits; the same tables and seed give the same text."""
    told = {
        "project": project.settings.project.name,
        "verdict": verdict(proof),
        **proof.to_json(),
        "limits": list(LIMITS),
    }
    return json_text.dumps(told, indent=1) + "\n"
