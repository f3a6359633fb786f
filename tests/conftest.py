"""How thorough are the laws, and which demo company do tests share?

``CHURNMODEL_PROFILE=proof`` asks for the full figures of the promises (hours); the default, ``ci``, for fewer
repetitions of the same laws. A law that packs many histories into one database divides the number of examples.
"""

from __future__ import annotations

import gc
import os

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from churnmodel.sources.synthetic import Company, simulate_company
from trained_project import TrainedProject, train_lean_project, trained_before

_PLAIN = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
# as the command does: most of what a query is built from stays
gc.set_threshold(50_000, 20, 100)
_WHOLE = ("tests/workflow/", "tests/engines/")
"""Folders whose files share what takes a minute to make: one worker has them all, and makes it once."""
_LONG = ("docs/test_readme.py", "examples/test_leadforge.py", *("workflow/", "cli/", "engines/", "pipelines/"))
settings.register_profile("ci", max_examples=100, derandomize=True, **_PLAIN)
settings.register_profile("proof", max_examples=600, print_blob=True, **_PLAIN)
settings.load_profile(os.environ.get("CHURNMODEL_PROFILE", "ci"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that train come first, so that no worker is left with one of them when the others are done."""
    for part in reversed(_LONG):
        items.sort(key=lambda item: not item.nodeid.startswith(f"tests/{part}"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer | None) -> LoadFileScheduling:
    """Which tests go to a worker together: those of a file, or of a folder in `_WHOLE`."""
    return ByWhatTheyShare(config, log)


class ByWhatTheyShare(LoadFileScheduling):
    """Deals files, but folders in `_WHOLE` as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        return next((part for part in _WHOLE if nodeid.startswith(part)), super()._split_scope(nodeid))


@pytest.fixture(scope="session")
def demo_company() -> Company:
    """Two years of 200 accounts."""
    return simulate_company(accounts=200, years=2)


@pytest.fixture(scope="session")
def trained_project(tmp_path_factory: pytest.TempPathFactory) -> TrainedProject:
    """300 accounts, trained and scored by the command line. Not to be changed: `copy` it first.

    One for all workers: whoever comes first trains it, the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "trained"
    with FileLock(folder.with_suffix(".lock")):
        return trained_before(folder) or train_lean_project(folder)
