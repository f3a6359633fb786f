"""Can the scorer read this text at all? (English words are known to it, others are not)

A text of another language would come out as 0, as if it were neutral. It is told apart by counting words: a text
is readable if a tenth of its words are known English ones, and the words that only other languages have are fewer
than those that only English has.
"""

from __future__ import annotations

import re
from collections.abc import Container

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")

KNOWN_SHARE = 10
"""One word in so many must be known."""

ENGLISH = frozenset(
    """
    the and to of that this these those it its it's with for from you your yours our ours we'd we're we've i'm i've
    i'd my he's she they their them there there's here what what's when where which who why how are were been being
    have has had does did doing don't doesn't didn't isn't aren't wasn't won't can't couldn't wouldn't shouldn't
    could would should may might must shall not but because since while about after before again against all any
    both each few more most other some such only own same than too very just now then into over under out up off
    down through during until at by if as be do we your team customer customers account product feature features
    report reports dashboard login user users data export import invoice invoices contract renewal subscription
    plan service question request update updates using used use need needs works working
    never ever always really very get got getting going go went see seen know known make made take say said come
    me us him her one two still back also day days week weeks month months year years time people anyone everyone
    nothing something everything yes good bad great please will was is
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Words that English texts between businesses are full of, none of them a common word of the languages below."""

ELSEWHERE = frozenset(
    """
    der die das und ist nicht wir sie ich mit auf ein eine einen einem einer zu dem des im von bei wie wenn oder
    aber auch nur noch schon sehr keine kein haben hat wird werden sind bitte danke unser unsere ihr ihre es ab
    le la les un une des du et est pas nous vous je il elle que qui dans sur avec par mais tres notre
    votre nos vos sont avons merci ce cette au aux ne
    el los las una y es en por para del al muy pero como su sus nuestro nuestra nos gracias esta este son hay
    lo gli di che sono della delle dei nel piu molto grazie questo questa abbiamo il
    het een en niet dat voor zijn aan te ook maar bij naar uw onze wij jullie wil willen kunnen werkt
    heeft hebben geen dank
    os uma nao com por mais muito obrigado obrigada nosso nossa voce esse essa pelo pela sao tem da
    och att det som inte ni har av med er ikke og jeg vil blev tack tak takk mycket
    nie jest sie na ze jak ale czy dla prosze dziekuje mamy jsme neni prosim dekuji
    ve bir bu icin degil cok yok dan yang tidak dengan untuk kami ini itu adalah terima kasih
    """.split()  # noqa: SIM905
)
"""Words of other languages written in the same letters, none of them a common English one but "die"."""


_SHARED = frozenset(["no", "super", "war", "gross", "fatal", "gut", "bitte"])
"""Rated words that stand in other languages as well: alone they do not make a text English."""


def is_readable(text: str, rated: Container[str]) -> bool:
    """Whether the scorer knows enough of a text to have an opinion on it.

    `rated` are the words with a rating of their own (emoticons among them).

    >>> is_readable("The export is broken", {"broken"}), is_readable("Der Export ist kaputt", {"broken"})
    (True, False)
    >>> is_readable("4711", {"broken"}), is_readable("Broken!", {"broken"})
    (False, True)
    """
    words = _WORD.findall(text)
    known = english = foreign = 0
    for written in words:
        word = written.lower()
        if word in ELSEWHERE:
            foreign += 1
        elif word in ENGLISH:
            english += 1
            known += 1
        elif word in rated and word not in _SHARED:
            known += 1
        elif not word.isascii() and not written[0].isupper():  # with a capital it may be someone's name
            foreign += 1
    if not words:  # ":)" says something, "4711" does not
        return any(piece in rated for piece in (*text.split(), *text))
    return known * KNOWN_SHARE >= len(words) and known > 0 and (foreign == 0 or foreign < english)
