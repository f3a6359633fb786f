"""Which row of a user counts? (the newest: a new role, a champion no more, a return after leaving)"""

from __future__ import annotations

from typing import Any

from churnmodel.sources.database import SNAPSHOT


def is_newest_of_user(rows: Any) -> Any:
    """Whether a paired row of ``users`` is the newest of its user: one of them, in every run the same.

    The row that joined last, of those the one learned last, then the one that has not left or left last.
    """
    import ibis

    newest = ibis.window(
        group_by=[*(rows[key] for key in SNAPSHOT), rows.user_id],
        order_by=[
            *(rows.joined_at.desc(), rows.known_at.desc(), rows.left_at.notnull(), rows.left_at.desc()),
            *(rows.role, rows.department, rows.champion),
        ],
    )
    return ibis.row_number().over(newest) == 0
