"""What does each feature of the catalog mean? (the dictionary as a page, ``docs/features.md``)

``python -m churnmodel.features.dictionary > docs/features.md`` writes it again (``make docs``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import get_args

from churnmodel.features.active_users import FROM
from churnmodel.features.feature import Family, Feature

_HEAD = """# The features

<!-- written by 'make docs' from churnmodel.features.catalog; do not edit -->

{count}. Each is known before `as_of`, and made of whole
numbers up to the last division. A project adds its own metrics, attributes of accounts and features
([own features](own_features.md)); `churnmodel features --dictionary` prints what a project has, and what it lacks.

* **bad end**: which end of the scale raises the risk. `high` and `low` are held by every model (a monotone
  constraint); `either` leaves it to the data.
* **act**: whether the customer or the team can change it.
* **needs**: the tables, and the columns of them that a company may not have. Without them the feature is absent,
  which is another thing than 0.
* *quoted only*: a feature that enters no model and is there for sentences to compare with.
"""


def dictionary_page(features: Sequence[Feature]) -> str:
    """The dictionary as Markdown, by family and concept, in the order of `features`.

    >>> from churnmodel.features.payments import PAYMENTS
    >>> print(dictionary_page(PAYMENTS[:1]).partition("## ")[2])  # doctest: +ELLIPSIS
    financial
    <BLANKLINE>
    ### overdue invoices
    <BLANKLINE>
    | feature | meaning | unit | bad end | act | needs |
    |---|---|---|---|---|---|
    | `overdue_count` | Invoices past ... | count | high | yes | invoices (amount, due_at, paid_at) |
    <BLANKLINE>
    """
    inputs = sum(f.role == "input" for f in features)
    count = f"{inputs} features, and {len(features) - inputs} that are quoted only"
    lines = [_HEAD.format(count=count)]
    for family in get_args(Family):
        of_family = [f for f in features if f.family == family]
        if of_family:
            lines.append(f"## {family}\n")
        for concept in dict.fromkeys(f.concept for f in of_family):
            lines.append(_table(concept, (f for f in of_family if f.concept == concept)))
    return "\n".join(lines)


def needs(feature: Feature) -> str:
    """The tables a feature is made of, with the columns it cannot do without.

    >>> from churnmodel.features.payments import PAYMENTS
    >>> needs(PAYMENTS[0])
    'invoices (amount, due_at, paid_at)'
    """
    tables: dict[str, dict[str, None]] = {}
    for aggregate in feature.measure.needs if feature.measure else ():
        own = FROM.get(aggregate.table, aggregate.table)
        tables.setdefault(own, {})
        for read in aggregate.reads:
            table, _, column = read.rpartition(".")
            tables.setdefault(table or own, {})[column.replace("|", " or ")] = None
    return ", ".join(t + (f" ({', '.join(columns)})" if columns else "") for t, columns in tables.items())


def _table(concept: str, features: Iterable[Feature]) -> str:
    head = ("feature", "meaning", "unit", "bad end", "act", "needs")
    rows = [_row(*head), "|" + "---|" * len(head), *(_row(*_cells(f)) for f in features)]
    return f"### {concept}\n\n" + "\n".join(rows) + "\n"


def _cells(feature: Feature) -> tuple[str, ...]:
    quoted = feature.role == "context"
    meaning = feature.meaning + (" *Quoted only.*" if quoted else "")
    end = "" if quoted or feature.is_category else feature.raises_risk
    acts = "" if quoted else "yes" if feature.actionable else "no"
    return (f"`{feature.name}`", meaning, feature.unit, end, acts, needs(feature))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    from churnmodel.features.catalog import CATALOG

    sys.stdout.write(dictionary_page(CATALOG))
