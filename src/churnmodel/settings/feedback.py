"""Which themes do customers speak of, and by which words? (``[feedback]`` in churnmodel.toml)

A theme has words, categories of tickets, and intents (what `churnmodel.features.text_intents` recognises). A row
speaks of it where any of them is met, unless its text has an intent that the theme leaves out (``unless``). Words
are met in any case, whole; ``slow*`` meets every word that begins so, and several words one after the other are a
phrase. What is denied ("no bugs this time") does not count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Intent = Literal["cancel", "competitor", "price", "outage", "champion_left"]
_WORDS = re.compile(r"[^\W_][\w'%-]*\*?(?: [^\W_][\w'%-]*\*?){0,5}")


def _as_words(words: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(" ".join(word.lower().split()) for word in words)
    for word in kept:
        if not _WORDS.fullmatch(word):
            raise ValueError(f"{word!r}: wanted up to six words, each with or without a * at its end: 'too slow*'")
        if any(len(part) < 3 for part in word.split() if part.endswith("*")):
            raise ValueError(f"{word!r}: wanted two letters at least before a *")
    return kept


Words = Annotated[tuple[str, ...], AfterValidator(_as_words)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Theme(_Frozen):
    """How a theme is recognised.

    >>> Theme(words=("Too  Slow",)).words
    ('too slow',)
    """

    words: Words = ()
    """Met in the text of tickets and notes and in comments of surveys."""
    categories: tuple[str, ...] = ()
    """Values of ``tickets.category``, in any case."""
    intents: tuple[Intent, ...] = ()
    """What texts are known to speak of already."""
    unless: tuple[Intent, ...] = ()
    """A row whose text speaks of one of these does not count: how to cancel is no question of how to use it."""
    praise: bool = False
    """Speaks well of us: told apart, and never as something to fix."""

    @model_validator(mode="after")
    def _is_met_by_something(self) -> Theme:
        if not (self.words or self.categories or self.intents):
            raise ValueError("wanted at least one of words, categories, intents")
        return self


SUPPLIED: Mapping[str, Theme] = {
    "pricing": Theme(
        words=("pricing", "too expensive", "price increase*", "price rise*", "ask* for a discount",
               "overpriced", "cost too much", "budget is tight", "budget cut*"),
        categories=("pricing",), intents=("price",),
    ),
    "billing error": Theme(
        words=("billed for", "billed twice", "overcharge*", "double charge*", "charged twice", "wrong invoice*",
               "invoice is wrong", "invoice does not show", "refund*", "credit note*", "wrong amount*"),
        categories=("billing",),
    ),
    "performance": Theme(
        words=("slow to load", "very slow", "too slow", "so slow", "is slow", "slowly", "slower", "sluggish",
               "lag", "lags", "laggy", "lagging", "latency", "time* out", "timeout*", "take* forever",
               "long to load",
               "load* time*", "freez*", "hang*", "takes minutes", "takes ages", "performance"),
        categories=("performance",),
    ),
    "outage": Theme(
        words=("outage*", "downtime", "not available", "unavailable", "is down", "was down", "went down",
               "cannot reach", "offline"),
        categories=("outage", "incident"), intents=("outage",),
    ),
    "bugs": Theme(
        words=("bug", "bugs", "buggy", "broken", "crash*", "error message*", "glitch*", "wrong total*",
               "wrong number*", "wrong result*", "incorrect", "stop* loading", "does not work", "doesn't work",
               "stopped working", "not working", "data loss", "lost data", "defect*"),
        categories=("bug", "bugs", "defect", "error"),
    ),
    "missing feature": Theme(
        words=("missing feature*", "feature request*", "is missing", "are missing", "would need", "we lack*",
               "no way to", "not possible to", "not support*", "does not do what", "not what we were promised",
               "what we were promised", "would be great if", "wish list", "wishlist", "roadmap gap*"),
        categories=("feature_request", "feature request", "missing_feature", "enhancement"),
    ),
    "integration": Theme(
        words=("integration fail*", "integration broke*", "integrations return", "integrations stop*", "webhook*",
               "connector*", "sync*", "salesforce", "hubspot", "zapier", "api error*", "api limit*", "api fail*",
               "api key*", "sso", "single sign-on"),
        categories=("integration", "integrations", "api"),
    ),
    "usability": Theme(
        words=("complicated", "confusing", "clunky", "cumbersome", "hard to use", "difficult to use",
               "unintuitive", "not intuitive", "hard to find", "cannot find", "too many clicks", "annoying",
               "steep learning",
               "setting it up took", "could be easier"),
        categories=("usability", "ux"),
    ),
    "how to": Theme(
        words=("how do we", "how do i", "how can we", "how to"), categories=("how_to", "question"),
        unless=("cancel",),
    ),
    "access": Theme(
        words=("cannot log in", "can't log in", "log in fail*", "login fail*", "locked out", "password reset*",
               "reset* the password", "no access", "permission*"),
        categories=("access", "login"),
    ),
    "support": Theme(
        words=("support is slow", "slow support", "slow answer*", "slow response*", "unhelpful", "nobody helps",
               "nobody answer*", "no answer", "no reply", "no response", "still waiting", "still not solved",
               "reported it before", "reported this before", "not resolved", "takes days to answer"),
        categories=("support", "complaint"),
    ),
    "little value": Theme(
        words=("little value", "no value", "not worth", "doubt the benefit", "no benefit", "stopped using",
               "use it less", "do not use", "don't use", "adoption has dropped", "no return on"),
    ),
    "champion gone": Theme(words=("nobody has taken over", "sponsor moved on"), intents=("champion_left",)),
    "competitor": Theme(words=("comparing you", "evaluating a competitor"), intents=("competitor",)),
    "talk of leaving": Theme(intents=("cancel",)),
    "praise": Theme(
        words=("great product", "love* it", "loves the", "very helpful", "easy to use", "saves us", "recommend it",
               "would recommend", "happy with", "excellent", "praised", "great progress", "be a reference",
               "strong adoption", "very good call", "works well"),
        praise=True,
    ),
}  # fmt: skip
"""What comes with the package. One of your own by the same name takes its place."""


class FeedbackSettings(_Frozen):
    """What is listened for, how far back, and how much is quoted."""

    themes: Mapping[Annotated[str, Field(pattern=r"^[^\W_][\w &/-]{1,39}$")], Theme] = {}
    """Your own, beside the supplied ones or over one of the same name."""
    off: tuple[str, ...] = ()
    """Supplied themes that are not looked for."""
    days: Annotated[int, Field(ge=7, le=730)] = 90
    """The window; its change is against as many days before."""
    tell_days: Annotated[int, Field(ge=7, le=1095)] = 365
    """Once a theme is fixed, everybody is to be told who spoke of it in so many days before."""
    quotes: Annotated[int, Field(ge=0, le=10)] = 2
    """So many examples per theme; 0 keeps what customers wrote off the screen and out of files."""
    quote_length: Annotated[int, Field(ge=20, le=400)] = 100
    """An example is cut to so many characters."""
    least_rows: Annotated[int, Field(ge=2)] = 5
    """A word that no theme has is shown from so many rows on."""
    ignore: Words = ()
    """Words and phrases that are never shown among those without a theme."""

    @model_validator(mode="after")
    def _known_off(self) -> FeedbackSettings:
        for name in self.off:
            if name not in SUPPLIED:
                raise ValueError(f"off: no supplied theme {name!r} (there are: {', '.join(SUPPLIED)})")
        return self

    @property
    def in_use(self) -> Mapping[str, Theme]:
        """Every theme that is looked for, by name."""
        supplied = {name: theme for name, theme in SUPPLIED.items() if name not in self.off}
        return supplied | dict(self.themes)
