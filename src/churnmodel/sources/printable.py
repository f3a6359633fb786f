"""How is text from the data told without steering the terminal it is told in?"""

from __future__ import annotations


def printable(text: object) -> str:
    r"""`text` with a mark in place of every character that cannot be seen: control, escape, direction, width.

    A mark and not nothing, so that ``"a\u200b"`` is still told apart from ``"a"``.

    >>> printable("EUR"), printable("\x1b[2J\u200bEUR")
    ('EUR', '\ufffd[2J\ufffdEUR')
    """
    return "".join(c if c.isprintable() else "\ufffd" for c in str(text))
