"""One company for all tests of the room: simulating it takes seconds."""

import pandas as pd
import pytest

from churnmodel.sources.synthetic import Company, simulate_company


@pytest.fixture(scope="session")
def company() -> Company:
    return simulate_company(accounts=400, seed=5, years=3)


@pytest.fixture(scope="session")
def snapshots(company: Company) -> pd.MultiIndex:
    """Every account every 180 days: windows that do not overlap, so that their outcomes are independent."""
    as_ofs = [company.until - pd.Timedelta(days=180 * k + 1) for k in range(1, 6)]
    ids = company.tables["accounts"]["account_id"]
    return pd.MultiIndex.from_product([ids, as_ofs], names=["account_id", "as_of"])
