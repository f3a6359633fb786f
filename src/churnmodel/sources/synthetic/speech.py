"""Who says what, and in which tone? (tone and concern follow the hidden state of that week, with noise)

Nothing here knows the future: whether an account will leave is not asked, but for one that has given notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from churnmodel.sources.synthetic.causes import Days, Floats
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.phrases import CONCERNS, Phrases

Texts = NDArray[np.object_]
TONES = ("bad", "neutral", "good")
_HARDLY_ANY = 0.003


def tone_of(history: History, week: Days, account: Days, noise: Floats) -> Days:
    """Index into `TONES`, by value and friction at the start of the week and normal `noise`; (rows,)."""
    s = history.states
    mood = 0.7 * (s.value[week, account] - 0.4) - 0.5 * s.friction[week, account] + 1.1 * noise
    return 0 + (mood > -1.0) + (mood > 0.8)


def concern_of(history: History, week: Days, account: Days, u: Floats) -> tuple[Days, Floats]:
    """Index into `CONCERNS` (0: none), and what is left of the uniform `u`; (rows,) each.

    Those without cause voice each concern now and then too; most who have cause do not.
    """
    s, t = history.states, history.traits
    value, need = s.value[week, account], s.need[week, account]
    price = s.burden[week, account] + s.rise[week, account]
    after = np.stack([7 * week - t.shaken[account], 7 * week - t.redesigned[account]])
    soon_after = (after >= -6) & (after < np.array([[14], [84]]))
    leaving = s.noticed[week, account] < 7 * week
    rough = s.friction[week, account] > 1.0
    chances = np.column_stack(
        [
            0.02 * (value < -0.4) + 0.06 * (value < -1.0) + 0.25 * leaving,
            0.14 * (need < -0.8),
            0.20 * (price > 0.04),
            0.30 * soon_after[0] + 0.12 * rough,
            0.22 * ~s.champion[week, account],
            0.25 * soon_after[1],
        ]
    )
    edges = np.cumsum(chances + _HARDLY_ANY, axis=1)
    edges *= np.minimum(1.0, 0.9 / edges[:, -1:])
    concern = (u[:, None] >= edges).sum(axis=1)
    below = np.column_stack([np.zeros(len(u)), edges])
    above = np.column_stack([edges, np.ones(len(u))])
    row = np.arange(len(u))
    rest = (u - below[row, concern]) / (above[row, concern] - below[row, concern])
    return (concern + 1) % len(CONCERNS), np.clip(rest, 0.0, 1 - 1e-9)


def pick(phrases: Mapping[str, Phrases], keys: Sequence[str], key: Days, u: Floats) -> tuple[Texts, Floats]:
    """For each row one phrase of ``phrases[keys[key]]`` chosen by the uniform `u`, and what is left of `u`."""
    texts, rest = np.full(len(key), "", dtype=object), np.zeros(len(key))
    for number, name in enumerate(keys):
        rows = np.flatnonzero(key == number)
        place = len(phrases[name]) * u[rows]
        texts[rows] = np.array(phrases[name], dtype=object)[place.astype(np.int64)]
        rest[rows] = place % 1
    return texts, rest


def joined(*parts: Texts) -> Texts:
    """The parts of each row in one line, the empty ones left out."""
    out = parts[0]
    for part in parts[1:]:
        both = (out != "") & (part != "")
        out = out + np.where(both, " ", "").astype(object) + part
    return out


def filled(texts: Texts, word: Sequence[str]) -> Texts:
    """``{feature}`` in each text replaced by its word, the first letter upper case.

    >>> filled(np.array(["{feature} are slow."], dtype=object), ["reports"]).tolist()
    ['Reports are slow.']
    """
    told = [text.replace("{feature}", name) for text, name in zip(texts.tolist(), word, strict=True)]
    return np.array([text[:1].upper() + text[1:] for text in told], dtype=object)
