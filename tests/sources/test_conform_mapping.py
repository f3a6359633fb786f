"""How a company's own names, or its SQL, become the contract's; and what a mapping that does not fit says."""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.errors import SourceError
from churnmodel.settings import TableSettings
from churnmodel.sources.conform import read_table
from churnmodel.sources.connect import open_frames
from churnmodel.sources.schemas import CONTRACT


def mapped(frames, table, timezone="UTC", **mapping):
    return read_table(open_frames(frames, threads=1), CONTRACT[table], TableSettings(**mapping), timezone)


OWN = {"crm": pd.DataFrame({"id": ["a", "b"], "since": ["2024-01-01", "2024-02-01"], "size": ["smb", None]})}


def test_columns_are_mapped_by_name():
    reading = mapped(
        OWN, "accounts", source="crm", columns={"account_id": "id", "created_at": "since", "segment": "size"}
    )
    found = reading.table.to_pandas()
    assert found["account_id"].tolist() == ["a", "b"]
    assert found["created_at"].dt.strftime("%m-%d").tolist() == ["01-01", "02-01"]
    assert reading.extra == ()


def test_a_table_is_mapped_by_sql_over_the_companys_own():
    sql = "select id as account_id, since as created_at, upper(size) as segment from crm where id <> 'b'"
    found = mapped(OWN, "accounts", sql=sql).table.to_pandas()
    assert found[["account_id", "segment"]].to_numpy().tolist() == [["a", "SMB"]]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"source": "crn"}, r"no table 'crn' in the frames given \(has: crm\). Map it in churnmodel.toml"),
        (
            {"source": "crm"},
            r"accounts: no column 'account_id' \(has: id, since, size\). Map it under \[tables.accounts\]",
        ),
        (
            {"source": "crm", "columns": {"account_id": "ident"}},
            r"no column 'ident' for 'account_id' \(has: id, since, size\). Correct it under \[tables.accounts\]",
        ),
        (
            {"source": "crm", "columns": {"acount_id": "id"}},
            r"\[tables.accounts\] columns.acount_id: the contract has account_id",
        ),
        (
            {"source": "crm", "columns": {"event_id": "id"}},
            r"\[tables.accounts\] columns.event_id: the contract has account_id, (?!.*event_id)",
        ),
        ({"sql": "select * from clients"}, r"the SQL cannot be run over the frames given \(has: crm\): .*clients"),
        ({"sql": "selec"}, r"the SQL cannot be run"),
        ({"sql": "select id as account_id from crm"}, r"accounts: no column 'created_at' \(has: account_id\)"),
    ],
)
def test_a_mapping_that_does_not_fit_says_what_there_is_and_what_to_do(mapping, said):
    with pytest.raises(SourceError, match=said):
        mapped(OWN, "accounts", **mapping)
