"""Where do data come from whose truth is known? From a demo company, simulated cause by cause.

::

    fit, onboarding ----+                                    friction --> tickets (number, urgency, slowness)
    need (value_loss) --+                                    champion --> user 0 is active
    champion_leaves ----+--> value --+--> use, depth, answers and scores of surveys, csat, days late
    support_friction ---+      |     +--> seats grow or shrink, at the renewal or before
    price_rise ---------+      v
          |            decision before each renewal --> notice --> service ends at the renewal
          +-----------------^   ^                   \\-> late renewal, pause, new term (maybe dearer)
    champion, payment trouble --+
    payment_trouble --> unpaid invoices --> cut off 60 days past due (involuntary)
    random_exit --> acquired, or gone without a trace; nothing foretells it

Time moves in weeks; one law of motion (`dynamics.advance`) makes both the history and the futures from which
`true_churn_probability` tells the truth. Every random number has a name and a place, so that a cause can be
switched off under the same random numbers: its effect is the fall in the true probability.

>>> import pandas as pd
>>> company = simulate_company(accounts=200, years=1)
>>> sorted(company.tables)
['accounts', 'exits', 'invoices', 'metrics', 'subscriptions', 'surveys', 'tickets', 'usage_events']
>>> today = pd.MultiIndex.from_product([["A0001", "A0002"], [company.until]], names=["account_id", "as_of"])
>>> bool(true_churn_probability(company, today).between(0, 1).all())
True
"""

from churnmodel.sources.synthetic.causes import Causes
from churnmodel.sources.synthetic.company import Company, simulate_company, true_churn_probability

__all__ = ["Causes", "Company", "simulate_company", "true_churn_probability"]
