"""Where do data come from whose truth is known? From a demo company, simulated cause by cause.

::

    fit, onboarding ----+                      friction --> tickets (number, urgency, slowness), incidents
    need (value_loss, --+                      champion --> user 0 is active, joins and leaves
      redesign)         |
    champion_leaves ----+--> value --+--> use, depth, goals, meetings, answers and scores, csat, days late
    support_friction ---+      |     +--> the tone of tickets, comments and notes; late, the health score
    price_rise ---------+      v     +--> seats grow or shrink, at the renewal or before
                        |  decision before each renewal --> notice --> service ends at the renewal
                        +------^   ^                   \\-> late renewal, pause, new term (maybe dearer)
    champion, payment trouble -----+
    payment_trouble --> unpaid invoices --> cut off 60 days past due (involuntary)
    random_exit --> acquired, or gone without a trace; nothing foretells it

Time moves in weeks; one law of motion (`dynamics.advance`) makes both the history and the futures from which
`true_churn_probability` tells the truth. Every random number has a name and a place, so that a cause can be
switched off under the same random numbers: its effect is the fall in the true probability (`effects`), and where
it shows in the tables is written down (`traces`). The days of the redesign and of the incident that hits
everybody (`world`) belong to the law: futures that pass them feel them.

The export is as exports are: rows learned late, corrections and replays under one ``event_id``, three currencies,
a few days on which the feed of usage events lost everything. Interventions have no effect whatever.

>>> import pandas as pd
>>> company = simulate_company(accounts=200, years=1)
>>> list(company.tables)[:6]
['accounts', 'subscriptions', 'invoices', 'users', 'tickets', 'incidents']
>>> today = pd.MultiIndex.from_product([["A0001", "A0002"], [company.until]], names=["account_id", "as_of"])
>>> bool(true_churn_probability(company, today).between(0, 1).all())
True
"""

from churnmodel.sources.synthetic.causes import Causes
from churnmodel.sources.synthetic.company import Company, simulate_company, true_churn_probability, write_company
from churnmodel.sources.synthetic.effects import cause_effects, dominant_cause
from churnmodel.sources.synthetic.traces import TRACES

__all__ = [
    "TRACES",
    "Causes",
    "Company",
    "cause_effects",
    "dominant_cause",
    "simulate_company",
    "true_churn_probability",
    "write_company",
]
