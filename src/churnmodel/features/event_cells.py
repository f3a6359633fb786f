"""Which cells of a usage event can be added up? (the words the usage measures and their engine share)"""

from __future__ import annotations

from churnmodel.features.aggregate import DAY, Cell

EVENT_DAYS = 180
"""The furthest back a usage measure looks."""

USER = Cell("user", lambda t: t.user_id, reads=("user_id",))
FEATURE = Cell("product feature", lambda t: t.feature, reads=("feature",))
BY_API = Cell("through the API", lambda t: t.channel.lower() == "api", reads=("channel",))
QUANTITY = Cell("quantity", lambda t: t.quantity, reads=("quantity",))
ACTIVE_DAY = Cell("day", lambda t: t.day_number)
AGO = Cell("seconds ago", lambda t: t.ago)
"""From the midnight that began the event's day to ``as_of``; its minimum is the last day of use."""
DAYS_AGO = Cell("days ago", lambda t: t.ago // DAY)
"""The same in whole days; its sum places the events in their window, for a trend."""
