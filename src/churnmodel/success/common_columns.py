"""What do the columns mean that many tables share? (`churnmodel.success.definitions` has the figures)"""

from __future__ import annotations

from churnmodel.success.definitions import Definition

ACCOUNTS = "accounts, as known before as_of"
SUBSCRIPTIONS = "subscriptions"
FEATURES = "docs/features.md"
WILSON_OF_ACCOUNTS = (
    "95 % interval: Wilson (1927), JASA 22, at the effective number of independent accounts (Kish 1965)"
)

AS_OF = Definition("as_of", "day of looking", "everything was known before this midnight", "text")
ACCOUNT = Definition("account_id", "account", "the account", "text", ACCOUNTS)
ANY_ACCOUNT = Definition("account_id", "account", "the account", "text")
"""Of a log, which may name one that accounts does not know."""
NAME = Definition("name", "name", "its name", "text", ACCOUNTS)
SEGMENT = Definition("segment", "segment", "its segment", "text", ACCOUNTS)
CSM = Definition("csm", "CSM", "who looks after it", "text", ACCOUNTS)
CSM_STATED = Definition("csm", "CSM", "as accounts says", "text", ACCOUNTS)
ACCOUNT_MANAGER_STATED = Definition("account_manager", "account manager", "as accounts says", "text", ACCOUNTS)
ACTIVE_USERS = Definition(
    "active_users_28d", "active users", "users with an event in the last 28 days", "count", FEATURES
)
RENEWS_AT = Definition("renews_at", "renews on", "the nearest end of a running term", "text", SUBSCRIPTIONS)
DAYS_TO_RENEWAL = Definition("days_to_renewal", "days to renewal", "renews_at less as_of", "days", SUBSCRIPTIONS)
