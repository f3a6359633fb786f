"""Would an export made earlier have told the same of its own past? (no preset carries an end state back)"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.sources.schemas import CONTRACT
from churnmodel.workflow.presets.read import every_preset

from .landed import STRIPE, project, told
from .test_presets_answers import CHURNZERO, DELIGHTED, GAINSIGHT, TYPEFORM, WOOTRIC
from .test_presets_crm import HUBSPOT, SALESFORCE
from .test_presets_events import AMPLITUDE, MIXPANEL, SEGMENT
from .test_presets_support import INTERCOM, ZENDESK

RAW = {
    **STRIPE,
    **(ZENDESK | INTERCOM | HUBSPOT | SALESFORCE | SEGMENT | AMPLITUDE | MIXPANEL),
    **(DELIGHTED | TYPEFORM | WOOTRIC | GAINSIGHT | CHURNZERO),
}
TOGETHER = (
    "stripe,zendesk,hubspot,segment,delighted,gainsight",
    "stripe,intercom,salesforce,amplitude,wootric,churnzero",
    "stripe_items,mixpanel,typeform",
)
MOMENTS = ("2025-02-06", "2025-03-21")

BORN = (  # the first of these that a raw table has says when a row of it was first landed
    *(
        "received_at",
        "server_received_time",
        "mp_processing_time_ms",
        "landed_at",
        "updated",
        "property_hs_createdate",
    ),
    *("updated_at", "created", "created_at", "created_date", "snapshot_date", "score_date", "property_createdate"),
)
PLANNED = ("due_date", "period_start", "period_end", "current_period_end", "trial_end", "start_date")
PLANNED += ("start_date_time", "property_hs_meeting_start_time")
TODAY = {"stripe_items": {"mrr"}}
"""What a preset says is today's, and keeps out of the features."""


def landed_before(moment: str) -> dict[str, pd.DataFrame]:
    """The raw tables as an export just before `moment` had found them."""
    at = pd.Timestamp(moment)
    found = {}
    for name, whole in RAW.items():
        born = next((c for c in BORN if c in whole), None)
        # Delighted moves updated_at for tags; its answers are born when created
        born = "created_at" if name == "delighted_survey_responses" else born
        since = whole[born].fillna(whole["server_upload_time"]) if name == "amplitude_event" else whole.get(born)
        table = whole.copy() if since is None else whole[_times(since) < at].copy()
        for column in table.select_dtypes("datetime").columns.difference(PLANNED):
            table[column] = table[column].where(table[column] < at)
        found[name] = table
    invoices = found["stripe_invoice"]
    invoices.loc[invoices["status_transitions_finalized_at"].isna(), "status"] = "draft"
    lines = found["stripe_invoice_line_item"]
    found["stripe_invoice_line_item"] = lines[lines["invoice_id"].isin(invoices["id"])]
    forms = found["typeform_responses"]
    forms["submitted_at"] = forms["submitted_at"].where(_times(forms["submitted_at"]) < at, "0001-01-01T00:00:00Z")
    return found


def _times(cells: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(cells):
        return pd.to_datetime(cells, unit="ms" if cells.max() > 1e11 else "s")
    if pd.api.types.is_datetime64_dtype(cells):
        return cells.fillna(pd.Timestamp(0))
    return pd.to_datetime(cells.str.replace("0001", "1970"), format="ISO8601").dt.tz_localize(None)


@pytest.fixture(scope="module", params=TOGETHER)
def whole(request, tmp_path_factory):
    return request.param, project(tmp_path_factory.mktemp("whole"), request.param, RAW).db


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_export_of_then_tells_the_same_past(whole, tmp_path, moment):
    presets, db = whole
    then = project(tmp_path, presets, landed_before(moment)).db
    today = {column for name in presets.split(",") for column in TODAY.get(name, ())}
    seen = 0
    for table in db.tables:
        columns = " ".join(c for c in (*CONTRACT[table].names, "known_at") if c not in today)
        expected = told(then, table, columns, at=moment)
        assert told(db, table, columns, at=moment) == expected, table
        seen += len(expected)
    assert seen > 5


def test_every_preset_is_asked():
    asked = {name for together in TOGETHER for name in together.split(",")}
    # Airbyte's shapes run the same selects over renamed tables (test_presets_airbyte)
    assert asked == {p.name for p in every_preset() if not p.name.endswith("_airbyte")}
