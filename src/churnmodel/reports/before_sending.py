"""What should whoever sends a review to a customer look at first? (said in the terminal, never on the page)"""

from __future__ import annotations

from churnmodel.reports.review_told import ReviewTold

GOOD_RATING, HALF = 4.0, 0.5


def before_sending(told: ReviewTold) -> list[str]:
    """The figures of the page that the customer may ask about, each in words; empty where there are none."""
    found, support, use, seats = list[str](), told.support, told.use, told.contract.seats
    if support is not None and support.rated and support.csat < GOOD_RATING:
        ratings = f"{support.rated:,} rating{'' if support.rated == 1 else 's'}"
        found.append(f"they rate our support {support.csat:.1f} of 5 ({ratings})")
    if use is not None and use.complete and seats > 0 and use.people / seats < HALF:
        found.append(f"{use.people:,} of {seats:,.0f} seats were in use in the last 28 days, which is under half")
    return found
