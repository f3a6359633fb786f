"""Which act shows accounts what their peers use? (success adoption)"""

from __future__ import annotations

from typing import Annotated

import typer

from churnmodel.cli.leave import Csv, Into, Parquet, leave, places_named
from churnmodel.cli.options import HERE, AsOf, Config, Data, OfCsm, days_named, never_with, open_project

SHORT = 8


def adoption(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    csm: OfCsm = None,
    account: Annotated[
        str | None, typer.Option(help="All that one account lacks, by id or name.", metavar="ACCOUNT")
    ] = None,
    feature: Annotated[
        str | None, typer.Option(help="Only the accounts that lack this feature.", metavar="FEATURE")
    ] = None,
    features: Annotated[
        bool, typer.Option("--features", help="Only the features: who uses them, and does it go with staying?")
    ] = False,
    top: Annotated[int | None, typer.Option(min=1, help="So many accounts are listed.", metavar="N")] = None,
    csv: Csv = None,
    parquet: Parquet = None,
    into: Into = None,
    define: Annotated[bool, typer.Option("--define", help="Only print how each column is made.")] = False,
) -> None:
    """Which features does an account lack though its like uses them, and whom could you train?

    Peers are of the same plan (and segment and size, where enough are), were customers half a year ago, and
    stayed.

    Which features go with staying is asked of the past: use before a day, against who left after it. It is an
    association, and no promise.

    How each figure is made: docs/adoption.md.
    """
    from churnmodel.cli import show_adoption
    from churnmodel.workflow.adoption import project_adoption
    from churnmodel.workflow.named_csm import csm_named

    if define:
        show_adoption.definitions()
        return
    narrowed = {"csm": csm, "account": account, "feature": feature}
    places_named(config, csv=csv, parquet=parquet, into=into, narrowed=narrowed)
    never_with("--account", account is not None, csm=csm, feature=feature, features=features or None)
    never_with("--account", account is not None, top=top)
    never_with("--features", features, csm=csm, feature=feature, top=top)
    project = open_project(config, data)
    days = days_named(as_of)
    found = project_adoption(project, days[0] if days else None)
    if feature is not None:
        found = found.of_feature(feature)
    if csm is not None:
        csm = csm_named(csm, found.csms)
        found = found.of_csm(csm)
    table = found.features if features else found.table()
    if account is not None:
        own = found.account(account)
        show_adoption.account(found, own)
        table = table[table["account_id"] == own]
    elif features:
        show_adoption.features(found)
    else:
        show_adoption.summary(found, csm, feature, top or SHORT)
    show_adoption.caveats(found, goes_by_risk=not features)
    leave(project, table, found.as_of, csv=csv, parquet=parquet, into=into)
