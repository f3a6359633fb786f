"""What does a newcomer see first? (a made-up company with known truth, as a project of its own)"""

from __future__ import annotations

from pathlib import Path

from churnmodel.errors import SettingsError
from churnmodel.sources.synthetic import write_company
from churnmodel.workflow.project import Progress, Project, silent

SETTINGS = """\
# The demo company: simulated, so that the truth is known. Written by `churnmodel demo`.

[project]
name = "demo company"
data_until = {until}        # everything before this midnight is in the tables
currency = "USD"

[data]
folder = "data"

[metrics.depth_score]           # a gauge the company tracks itself
label = "depth of use"
raises_risk = "low"

[features]
static = ["segment"]

[labels]
horizon_days = 180              # churn within half a year counts
grace_days = 30                 # a renewal up to 30 days late is not churn

[tiers.cost]                    # what it costs to look after an account
ticket = 40
csm_hour = 90

[output]
folder = "."
"""


def write_demo(folder: Path, *, accounts: int = 600, seed: int = 7, progress: Progress = silent) -> Project:
    """Simulate the demo company into `folder`: its tables as Parquet, and a churnmodel.toml that reads them.

    Raises
    ------
    SettingsError
        `folder` holds another project's churnmodel.toml, or the number of accounts is out of range.
    """
    config = folder / "churnmodel.toml"
    if config.exists() and "Written by `churnmodel demo`" not in config.read_text(encoding="utf-8"):
        raise SettingsError(f"{config} is another project's; wanted an empty folder. Name one with --folder.")
    data = folder / "data"

    def report(share: float) -> None:
        progress("simulating the demo company", round(100 * share), 100)

    company = write_company(data, accounts=accounts, seed=seed, progress=report)
    config.write_text(SETTINGS.format(until=company.until.date()), encoding="utf-8")
    progress("wrote its tables", 100, 100)
    return Project.open(config)
