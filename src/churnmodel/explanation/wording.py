"""What does a feature's value say to a customer success manager?

`sentence(feature, row, as_of)` picks one of the feature's `Wording` templates by the value and fills it:

=========  =======================================================================================
`unknown`  the value is missing (NaN, None, infinite, or not in the row)
`zero`     the value is exactly 0 and the template exists
`rise`     the value is above 0 and the template exists
`fall`     the value is below 0 and the template exists
`text`     everything else, and every category
=========  =======================================================================================

**The template grammar.** Plain text with *fields* and *clauses*::

    {active_users_28d:n user} active in the last 28 days[, {active_users_previous_28d:from n} in the 28 before]
    -> 8 users active in the last 28 days, down from 15 in the 28 before

A **field** is ``{name:format}``. `name` is a feature of the same row (inputs and context alike), or ``as_of``.

==============================  =====================================================================
format                          prints
==============================  =====================================================================
``n``                           ``8``, ``1,234``, ``12.5``, ``-3``, ``0.034``: no ``.0``, thousands marked
``n user``                      ``0 users``, ``1 user``, ``8 users``; the last word takes the plural
                                (``n open ticket`` -> ``2 open tickets``; -y and -s, -x, -ch are known)
``n person/people``             any other plural, written out; no noun may hold ``{ } [ ] : | !``
``share``                       0.372 -> ``37%``; never a false ``0%`` or ``100%`` (``under 1%``, ``over 99%``)
``change``                      a relative change without its sign, -0.47 -> ``47%``: the words say which way
                                (``rise="... up {x:change}"``, ``fall="... down {x:change}"``)
``signed``                      a relative change with its sign: ``-47%``, ``+12%``, ``0%``
``money``                       ``€1,234``, ``CHF 1,234``, ``€9.50``, ``-€120``; without a currency ``1,234``
``days``                        ``1 day``, ``45 days``; above 120 ``about 5 months``, from 3 years
                                ``about 4 years``. (``n day`` prints days whatever their number)
``months``                      ``1 month``, ``18 months``
``score``                       one decimal at most, two below 1: ``8``, ``7.5``, ``-0.35``
``ago``                         days before as_of -> the date, ``3 June 2026`` (write the "on" or "since").
                                The value is ``as_of - moment`` in days, fraction kept, or a difference of dates
``ahead``                       days after as_of -> the date, ``31 January 2027``
``text``                        a category, cleaned of control characters and cut at 60 characters
``{as_of:date}``                as_of itself, ``1 January 2026``
``{as_of:before 28}``           28 days before it, ``4 December 2025``
``{as_of:after 180}``           180 days after it
==============================  =====================================================================

Two words may stand before any of ``n``, ``n noun``, ``share``, ``money``, ``days``, ``months``, ``score``:

``size FORMAT``
    without the sign: ``fall="Lost {seats_change_90d:size n seat} in 90 days"``.
``from FORMAT`` and ``from FORMAT vs OTHER``
    ``up from 3``, ``down from 15``, or ``also 8`` where both would print alike. Said of an *earlier* value;
    compares the feature this wording belongs to (or OTHER) with it.

A **clause** is ``[...]``, said only when every value in it is known; ``[this|that]`` says `that` instead of an
unknown `this` (and nothing where `that` is unknown too). Clauses do not nest. *A field of any other feature than
the wording's own stands inside a clause*, since it may be unknown in some row; `check_wording` holds that. If a
value is missing nevertheless, the sentence is the shortest that is true: ``Active users: 8``.

The rest of the law, held by `check_wording`: `unknown` has no field, no clause and no digit; a flag has a `zero`
and quotes itself nowhere; formats fit units; no template ends with a period (sentences are listed). A capital
letter is set in front by `sentence`, so a template may begin with a field or in lower case.

Text that came from an account (categories) is put in after the template is read, so braces and brackets in it
are only characters. It is not escaped for HTML: pages do that.
"""
