"""Does Airbyte's shape of the same systems give the same rows of the contract as Fivetran's?"""

from __future__ import annotations

import json

import pandas as pd
import pytest

from churnmodel.sources.schemas import CONTRACT

from .landed import STRIPE, project, told
from .test_presets_crm import HUBSPOT, SALESFORCE
from .test_presets_support import ZENDESK


def epochs(table: pd.DataFrame) -> pd.DataFrame:
    """Times as whole seconds since 1970."""
    seconds = {c: (table[c] - pd.Timestamp(0)) // pd.Timedelta(seconds=1) for c in table.select_dtypes("datetime")}
    return table.assign(**{c: s.astype("Int64") for c, s in seconds.items()})


def as_json(table: pd.DataFrame, **objects: dict[str, str]) -> pd.DataFrame:
    """Columns packed into JSON objects: ``period={"start": "period_start"}``."""
    packed = {}
    for name, fields in objects.items():
        text = table[list(fields.values())].astype("object")
        cells = text.where(text.notna(), None).itertuples(index=False)
        packed[name] = [json.dumps(dict(zip(fields, row, strict=True)), default=str) for row in cells]
    gone = [own for fields in objects.values() for own in fields.values()]
    return table.drop(columns=gone).assign(**packed)


def stripe() -> dict[str, pd.DataFrame]:
    raw = {name: epochs(table) for name, table in STRIPE.items()}
    states = {f"{s}_at": f"status_transitions_{s}_at" for s in ("finalized", "paid", "voided")}
    lines = raw["stripe_invoice_line_item"].rename(columns={"subscription_id": "subscription"})
    period = {"start": "period_start", "end": "period_end"}
    return {
        "stripe_customers": as_json(raw["stripe_customer"], address={"country": "address_country"}),
        "stripe_subscriptions": raw["stripe_subscription"].rename(columns={"customer_id": "customer"}),
        "stripe_prices": raw["stripe_price"],
        "stripe_invoices": as_json(raw["stripe_invoice"], status_transitions=states).rename(
            columns={"customer_id": "customer"}
        ),
        "stripe_invoice_line_items": as_json(lines, period=period, price={"id": "price_id"}),
        "stripe_charges": raw["stripe_charge"].rename(
            columns={"customer_id": "customer", "invoice_id": "invoice"}
        ),
        "stripe_refunds": raw["stripe_refund"].rename(columns={"charge_id": "charge"}),
    }


def zendesk() -> dict[str, pd.DataFrame]:
    history = ZENDESK["zendesk_ticket_field_history"]
    events = [
        json.dumps([{"type": "Comment", "body": "-"}, {"type": "Change", "field_name": field, "value": value}])
        for field, value in zip(history["field_name"], history["value"], strict=True)
    ]
    comments = {"user_id": "author_id", "created": "created_at"}
    return {
        "zendesk_organizations": ZENDESK["zendesk_organization"],
        "zendesk_tickets": ZENDESK["zendesk_ticket"],
        "zendesk_ticket_comments": ZENDESK["zendesk_ticket_comment"].rename(columns=comments),
        "zendesk_ticket_audits": pd.DataFrame(
            {"ticket_id": history["ticket_id"], "created_at": history["updated"], "events": events}
        ),
    }


def hubspot() -> dict[str, pd.DataFrame]:
    def engagements(kind: str) -> pd.DataFrame:
        table = _packed(HUBSPOT[f"hubspot_engagement_{kind}"]).rename(columns={"engagement_id": "id"})
        for name, one in (("companies", "company"), ("contacts", "contact")):
            links = HUBSPOT[f"hubspot_engagement_{one}"]
            told_of = {i: [str(x) for x in g[f"{one}_id"]] for i, g in links.groupby("engagement_id")}
            table[name] = [json.dumps(told_of.get(i, [])) for i in table["id"]]
        return table

    names = {"owner_id": "id", "first_name": "firstName", "last_name": "lastName"}
    return {
        "hubspot_companies": _packed(HUBSPOT["hubspot_company"]),
        "hubspot_owners": HUBSPOT["hubspot_owner"].rename(columns=names),
        "hubspot_engagements_notes": engagements("note"),
        "hubspot_engagements_meetings": engagements("meeting"),
        "hubspot_engagements_calls": engagements("call"),
    }


def _packed(table: pd.DataFrame) -> pd.DataFrame:
    """HubSpot's own properties as one JSON object."""
    own = [c for c in table if c.startswith("property_")]
    # ids are whole numbers as text, as HubSpot's API has them
    texts = table.assign(**{c: table[c].astype("Int64").astype("string") for c in own if c.endswith("owner_id")})
    return as_json(texts, properties={c.removeprefix("property_"): c for c in own})


def salesforce() -> dict[str, pd.DataFrame]:
    return {
        f"{name}s": table.rename(columns={c: c.title().replace("_", "") for c in table})
        for name, table in SALESFORCE.items()
    }


@pytest.mark.parametrize(
    ("fivetran", "airbyte", "own", "other"),
    [
        ("stripe", "stripe_airbyte", STRIPE, stripe()),
        ("stripe,zendesk", "stripe,zendesk_airbyte", STRIPE | ZENDESK, STRIPE | zendesk()),
        ("stripe,hubspot", "stripe,hubspot_airbyte", STRIPE | HUBSPOT, STRIPE | hubspot()),
        ("stripe,salesforce", "stripe,salesforce_airbyte", STRIPE | SALESFORCE, STRIPE | salesforce()),
    ],
    ids=["stripe", "zendesk", "hubspot", "salesforce"],
)
def test_airbytes_shape_gives_the_same_rows(tmp_path, fivetran, airbyte, own, other):
    expected = project(tmp_path / "fivetran", fivetran, own).db
    came = project(tmp_path / "airbyte", airbyte, other).db
    assert expected.tables.keys() == came.tables.keys()
    for table in came.tables:
        columns = " ".join((*CONTRACT[table].names, "known_at"))
        assert told(came, table, columns) == told(expected, table, columns), table
