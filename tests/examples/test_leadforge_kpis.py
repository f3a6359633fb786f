"""Does SQL that somebody would write over the raw tables find the same bridge, NRR and GRR, to the cent?"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from churnmodel.success.kpis import Kpis
from churnmodel.workflow.kpis import project_kpis
from churnmodel.workflow.project import Project

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "leadforge_seed11"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no {DATA.name} beside the project"),
]

AT_EDGES = """
CREATE TEMP TABLE at_edges AS
WITH edges AS (
    SELECT unnest(generate_series(DATE '{first}', DATE '{end}', INTERVAL 1 MONTH))::DATE AS edge
), told AS (   -- what each customer pays from a day on: the start, renewals and expansions; 0 from the day it left
    SELECT customer_id, customer_start_at::DATE AS day, 0 AS place, round(initial_mrr * 100)::BIGINT AS cents
    FROM '{data}/customers.parquet'
    UNION ALL
    SELECT customer_id, event_timestamp::DATE, 1, round(mrr_after * 100)::BIGINT
    FROM '{data}/subscription_events.parquet' WHERE event_type IN ('renewal', 'expansion')
    UNION ALL
    SELECT customer_id, min(event_timestamp::DATE), 2, 0
    FROM '{data}/subscription_events.parquet' WHERE event_type = 'churn' GROUP BY customer_id
)
SELECT edge, c.customer_id, c.segment,
       coalesce((SELECT arg_max(cents, (day, place, cents)) FROM told
                 WHERE told.customer_id = c.customer_id AND day < edge), 0) AS cents
FROM edges, (SELECT customer_id, employee_band AS segment FROM '{data}/customers.parquet'
             JOIN '{data}/accounts.parquet' USING (account_id)) c
"""
BRIDGE = """
WITH pairs AS (
    SELECT o.segment, o.edge, o.cents AS a, c.cents AS b,
           max(o.cents) OVER (PARTITION BY o.customer_id ORDER BY o.edge) > 0 AS paid_before
    FROM at_edges o JOIN at_edges c ON c.customer_id = o.customer_id AND c.edge = o.edge + INTERVAL 1 MONTH
)
SELECT strftime(edge, '%Y-%m') AS month, {segment} AS "group", sum(a) AS opening,
       sum(b) FILTER (a = 0 AND NOT paid_before) AS "new",
       sum(b) FILTER (a = 0 AND paid_before) AS reactivation,
       sum(b - a) FILTER (a > 0 AND b > a) AS expansion,
       sum(a - b) FILTER (b > 0 AND b < a) AS contraction,
       sum(a) FILTER (b = 0) AS churn, sum(b) AS closing,
       count(*) FILTER (a > 0) AS customers, count(*) FILTER (a > 0 AND b = 0) AS lost
FROM pairs GROUP BY ALL ORDER BY ALL
"""
YEAR = """
SELECT sum(c.cents) / sum(o.cents) AS nrr, sum(least(o.cents, c.cents)) / sum(o.cents) AS grr,
       count(*) FILTER (c.cents = 0) / count(*) AS logo_churn
FROM at_edges o JOIN at_edges c ON c.customer_id = o.customer_id
WHERE o.edge = DATE '{opens}' AND c.edge = DATE '{closes}' AND o.cents > 0
"""


@pytest.fixture(scope="module")
def found() -> Kpis:
    project = Project.open(ROOT / "examples" / "leadforge" / "churnmodel.toml", data=DATA)
    months = project_kpis(project).ledger.months.names
    return project_kpis(project, first=str(months[0]), by="segment")


@pytest.fixture(scope="module")
def sql(found: Kpis) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    edges = found.ledger.months.edges
    connection.execute(AT_EDGES.format(first=edges[0].date(), end=edges[-1].date(), data=DATA))
    return connection


@pytest.mark.parametrize("by", ["all", "segment"])
def test_the_bridge_of_every_month_is_that_of_the_sql_to_the_cent(found, sql, by):
    told = sql.execute(BRIDGE.format(segment="'all'" if by == "all" else "segment")).df().fillna(0)
    told = told.set_index(["month", "group"]).astype("int64").sort_index()
    ours = found.bridge.reset_index()
    ours = ours[(ours["group"].astype(str) == "all") == (by == "all")]
    ours = ours.assign(month=ours["month"].astype(str), group=ours["group"].astype(str))
    ours = ours.set_index(["month", "group"]).sort_index()[told.columns]
    assert len(ours) > 30 and (ours["churn"].sum() > 0) and (ours["expansion"].sum() > 0)
    pd.testing.assert_frame_equal(ours, told, check_dtype=False)


def test_nrr_grr_and_logo_churn_of_every_twelve_months_are_those_of_the_sql(found, sql):
    names, edges = found.ledger.months.names, found.ledger.months.edges
    table = found.figures[found.figures["group"] == "all"]
    table = table.set_index(["figure", "first_month", "last_month"])["value"]
    for k in range(13, len(names) + 1):
        row = sql.execute(YEAR.format(opens=edges[k - 12].date(), closes=edges[k].date())).df().iloc[0]
        for name in ("nrr", "grr", "logo_churn"):
            assert table[name, str(names[k - 12]), str(names[k - 1])] == pytest.approx(row[name], abs=1e-12), name
