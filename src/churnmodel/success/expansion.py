"""Which accounts are ready for more, how much more, and what keeps the others? (one sentence each)

Ready = green + has got value from it + a sign of room, and nothing that speaks against it. The sign is *seats
nearly full*. A part of the product unused (what `churnmodel success adoption` says it lacks) is told beside it;
alone it is a case for adoption first, unless ``modules_ready``. The play ``expansion`` goes by this rule.
Whoever is orange or red, leaves, owes, waits for help or has got no value yet is withheld, with what would make
it ready: too early backfires.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.explanation.formats import percent, print_date
from churnmodel.scoring.bands import GREEN, HEALTH_AT_ORANGE
from churnmodel.settings.expansion import ExpansionSettings
from churnmodel.success.expansion_facts import GrowthFacts
from churnmodel.success.ledger import DAY

Row = Mapping[Hashable, Any]
READY, ADOPTION, WITHHELD = "ready", "adoption first", "withheld"
NO_SIGN, NOT_KNOWN = "no sign of room", "not known"
ORDER = (READY, ADOPTION, WITHHELD, NO_SIGN, NOT_KNOWN)
SEATS, MODULE = "seats nearly full", "a part unused"
HELD = "held out"
HINDRANCES = (
    *("notice", "pause", "red", "orange", "unscored", HELD, "overdue", "urgent tickets", "no value"),
    *("value unknown", "just reduced", "just expanded"),
)
"""In the order in which they are told; the first that holds is the reason."""


def expansion_of(
    facts: GrowthFacts, care: pd.DataFrame, rules: ExpansionSettings, currency: str
) -> pd.DataFrame:
    """Every account of the book: ready, adoption first, withheld, or without a sign of room.

    Parameters
    ----------
    care
        Indexed by account_id: band (of health, exceptions counted) and, where known, health, reason (what raises
        its risk most), exception, play, arm and since (of what is open).

    Returns
    -------
    DataFrame
        Indexed by account_id, the most expected room first in each status: the columns of docs/expansion.md.
    """
    found = facts.accounts.join(care.reindex(facts.accounts.index))
    for name in ("band", "health", "reason", "exception", "play", "arm", "since"):
        if name not in found:
            found[name] = None
    found = _with_room(found, facts, rules)
    rows = found.to_dict("records")
    told = [_hindrances(row, facts, rules, currency) for row in rows]
    texts: dict[str, list[str | None]] = {
        "hindrance": [next(iter(own), None) for own in told],
        "ready_when": ["; ".join(dict.fromkeys(then for _, then in own.values())) or None for own in told],
        "value": [_value(row) for row in rows],
        "shows": [_shows(row) for row in rows],
    }
    found = found.assign(**{name: _objects(cells, found.index) for name, cells in texts.items()})
    ready = found["hindrance"].isna()
    alone = found["sign"].eq("module") & (not rules.modules_ready)
    dark = found["seat_utilisation_28d"].isna() & (facts.modules is None)
    cases = [~ready, found["has_room"] & ~alone, found["has_room"], dark]
    found["status"] = np.select(cases, [WITHHELD, READY, ADOPTION, NOT_KNOWN], NO_SIGN)
    found["why"] = [
        "; ".join(words for words, _ in own.values()) or shows
        for shows, own in zip(found["shows"], told, strict=True)
    ]
    place = found["status"].map(ORDER.index)
    keys = pd.DataFrame({"place": place, "sign": ~found["has_room"], "room": -found["room"].fillna(-1.0)})
    keys = keys.assign(mrr=-found["mrr"], account=found.index.astype(str))
    return found.loc[keys.sort_values(list(keys.columns)).index]


def why_ready(found: pd.DataFrame) -> pd.Series:
    """By account_id, of those `expansion_of` calls ready: what it has got from it, and its signs of room."""
    rows = found[found["status"] == READY]
    said = [", ".join(filter(_told, told)) for told in zip(rows["value"], rows["shows"], strict=True)]
    return _objects([words.replace("; ", ", ") for words in said], rows.index)


def _with_room(found: pd.DataFrame, facts: GrowthFacts, rules: ExpansionSettings) -> pd.DataFrame:
    """sign, has_room, more_seats, seat_price, at_list, seats_room, unused, modules_room, unpriced, room."""
    used = found["seat_utilisation_28d"]
    full = used.ge(rules.seats_full) & found["seats"].gt(0)
    wanted = np.ceil(found["active_users_28d"] / rules.seats_comfortable - 1e-9) - found["seats"]
    found["more_seats"] = wanted.clip(lower=1.0).where(full)
    discount = found["discount_share"].clip(lower=0.0, upper=0.99)
    found["at_list"] = discount.ge(0.005)
    found["seat_price"] = found["mrr"] / (1 - discount.where(found["at_list"], 0.0)) / found["seats"]
    found["seats_room"] = found["more_seats"] * found["seat_price"]
    lacks = facts.modules
    names = {} if lacks is None else lacks.groupby("account_id")["feature"].agg(list).to_dict()
    unused = [names.get(account, []) for account in found.index]
    found["unused"] = _objects([", ".join(own) or None for own in unused], found.index)
    priced = [
        [_price(name, seats, rules) for name in own] for own, seats in zip(unused, found["seats"], strict=True)
    ]
    known = [[price for price in own if price == price] for own in priced]
    found["modules_room"] = [sum(own) if own else np.nan for own in known]
    unpriced = [
        ", ".join(name for name, price in zip(own, prices, strict=True) if price != price) or None
        for own, prices in zip(unused, priced, strict=True)
    ]
    found["unpriced"] = _objects(unpriced, found.index)
    has_module = found["unused"].notna()
    found["sign"] = np.select([full & has_module, full, has_module], ["both", "seats", "module"], "")
    found["has_room"] = full | has_module
    found["room"] = found[["seats_room", "modules_room"]].sum(axis=1, min_count=1)
    return found


def _price(feature: str, seats: float, rules: ExpansionSettings) -> float:
    if feature in rules.price:
        return float(rules.price[feature])
    return float(rules.price_per_seat[feature]) * seats if feature in rules.price_per_seat else float("nan")


def _hindrances(
    row: Row, facts: GrowthFacts, rules: ExpansionSettings, currency: str
) -> dict[str, tuple[str, str]]:
    """What keeps the account -> (the sentence, what would make it ready), in the order of `HINDRANCES`."""
    found: dict[str, tuple[str, str]] = {}
    band = row["band"]
    if row["status"] == "leaving":
        on = f", leaves on {print_date(row['leaving_on'])}" if _told(row["leaving_on"]) else ""
        found["notice"] = (f"has given notice{on}", "the notice is taken back")
    elif band is None or band != band:
        found["unscored"] = ("how healthy it is is not known on that day", "it is scored, and green")
    elif band != GREEN:
        found[str(band)] = _too_early(row)
    if not row["mrr"] > 0:
        found["pause"] = ("pays nothing now: a pause", "it pays again")
    if row["arm"] == "hold_out":
        held = f"held out at random of the play {row['play']} since {print_date(row['since'])}"
        found[HELD] = (f"{held}: left alone, so that plays can be judged", "its time held out is over")
    if row["overdue_oldest_days"] > rules.overdue_days and row["overdue_amount"] > 0:
        since = print_date(facts.as_of - row["overdue_oldest_days"] * DAY)
        owed = f"{row['overdue_amount']:,.0f} {currency} overdue, the oldest invoice since {since}"
        found["overdue"] = (owed, "it has paid")
    if row["urgent_open"] > 0:
        count = int(row["urgent_open"])
        tickets = "1 urgent ticket is" if count == 1 else f"{count} urgent tickets are"
        resolved = "it is resolved" if count == 1 else "they are resolved"
        words = f"{tickets} open, {'' if count == 1 else 'the oldest '}since {print_date(row['urgent_since'])}"
        found["urgent tickets"] = (words, resolved)
    if rules.needs_value and not _told(row["first_value_at"]):
        found.update(_no_value(facts))
    quiet_from = facts.as_of - rules.quiet_days * DAY
    shrank = [row[name] for name in ("reduced_at", "resumed_at") if _told(row[name])]
    if shrank and max(shrank) > quiet_from:
        until = print_date(max(shrank).normalize() + rules.quiet_days * DAY)
        back = _told(row["resumed_at"]) and row["resumed_at"] == max(shrank)
        what = "pays again, after a time without, since" if back else "pays less since"
        settled = f"it has kept what it pays, from {until} on"
        found["just reduced"] = (f"{what} {print_date(max(shrank))}", settled)
    if _told(row["expanded_at"]) and row["expanded_at"] > quiet_from:
        until = print_date(row["expanded_at"].normalize() + rules.quiet_days * DAY)
        settled = f"it has had time to settle, from {until} on"
        found["just expanded"] = (f"expanded on {print_date(row['expanded_at'])}", settled)
    return {name: found[name] for name in HINDRANCES if name in found}


def _too_early(row: Row) -> tuple[str, str]:
    health = f" (health {row['health']:.0f})" if _told(row["health"]) else ""
    why = row["exception"] if _told(row["exception"]) else row["reason"]
    because = f", because: {str(why).rstrip('.')}" if _told(why) else ""
    words = f"{row['band']}{health}: too early backfires{because}"
    return words, f"it is green, with a health above {HEALTH_AT_ORANGE:.0f}"


def _no_value(facts: GrowthFacts) -> dict[str, tuple[str, str]]:
    if facts.knows_value:
        words = "no goal and no first value reached yet, as far as anybody wrote down"
        return {"no value": (words, "it reaches a goal or first value")}
    words = "whether it has got value from it is not known"
    return {"value unknown": (words, f"the tables say so ({facts.lacking['value']})")}


def _value(row: Row) -> str | None:
    first, goal = row["first_value_at"], row["goal_reached_at"]
    if not _told(first):
        return None
    what = "goal reached" if _told(goal) and goal <= first else "first value reached"
    return f"{what} on {print_date(first)}"


def _shows(row: Row) -> str:
    """Its signs of room, or that it shows none."""
    said = []
    if row["sign"] in ("both", "seats"):
        seats = f"{row['active_users_28d']:,.0f} of {row['seats']:,.0f} seats active in 28 days"
        said.append(f"{SEATS}: {seats}")
    if _told(row["unused"]):
        said.append(f"{MODULE}: {row['unused']}")
    if said:
        return "; ".join(said)
    used = row["seat_utilisation_28d"]
    return f"{percent(used)} of its seats in use" if used == used else "how many seats are in use is not known"


def peers_words(lacks: pd.DataFrame | None, account: str) -> str:
    """``alerts (93% of its peers use it), api (80%); peers: 84 retained accounts on pro``, or nothing."""
    own = [] if lacks is None else lacks[lacks["account_id"] == account].to_dict("records")
    if not own:
        return ""
    shares = [percent(float(row["share"])) for row in own]
    first, *rest = zip((str(row["feature"]) for row in own), shares, strict=True)
    parts = [f"{first[0]} ({first[1]} of its peers use it)", *(f"{name} ({share})" for name, share in rest)]
    return f"{', '.join(parts)}; peers: {own[0]['peers']:,.0f} retained {own[0]['peer_group']}"


def _objects(cells: Iterable[object], index: pd.Index) -> pd.Series:
    """Cells as they are: a missing one is None."""
    return pd.Series(list(cells), index, dtype="object")


def _told(value: object) -> bool:
    return value is not None and not pd.isna(value)  # type: ignore[call-overload]
