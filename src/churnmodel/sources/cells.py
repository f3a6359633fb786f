"""What does one cell of a company's table say, as a value of the contract?

Every engine gives the same value for the same cell, and none for one that cannot be read. DuckDB tries each cell;
PostgreSQL stops at the first it cannot read and Spark reads more than is meant ("5d", "2025"), so what a text must
look like is said here before they are asked.
"""

from __future__ import annotations

from typing import Any

from churnmodel.sources.columns import Kind
from churnmodel.sources.raw_tables import EngineName

CONFORMED: dict[Kind, str] = {
    "text": "string",
    "time": "timestamp(6)",
    "integer": "int64",
    "number": "int64",
    "cents": "int64",
    "rate": "float64",
    "boolean": "boolean",
}
"""The Ibis type of each kind after conforming."""

_LARGEST = 9.0e15  # beyond this a float no longer holds whole cents
_NUMBER_SCALE = 10_000
_SCALES = {"cents": 100, "number": _NUMBER_SCALE, "integer": 1}

_NUMBER = r"^[+-]?(\d{1,100}(\.\d{0,100})?|\.\d{1,100})([eE][+-]?\d{1,2})?$"
_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")

_MONTH_OF_31, _MONTH_OF_30 = r"(0?[13578]|1[02])", r"(0?[469]|11)"
_DAY_28 = r"(0?[1-9]|1\d|2[0-8])"
_LEAP = r"(\d\d(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
_YEAR = r"(000[1-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d{3})"
_DATE = (
    rf"({_YEAR}-({_MONTH_OF_31}-({_DAY_28}|29|3[01])|{_MONTH_OF_30}-({_DAY_28}|29|30)|0?2-{_DAY_28})"
    rf"|{_LEAP}-0?2-29)"
)
_CLOCK = r"(([01]?\d|2[0-3]):[0-5]?\d(:[0-5]?\d(\.\d*)?)?|24:00(:00(\.0*)?)?)"
_ZONE = r"(Z|[Uu][Tt][Cc]|[Gg][Mm][Tt]|[+-](0\d|1\d)(:?[0-5]\d){0,2})"
_TIME = rf"^{_DATE}([ T]{_CLOCK}\s*{_ZONE}?)?$"
_WHOLE_SECONDS = r"^\d{4}-\d\d?-\d\d?([ T]\d\d?:\d\d?(:\d\d?)?)?"


def cell_as(kind: Kind, cell: Any, timezone: str, engine: EngineName) -> Any:
    """The cell of an Ibis column as the contract keeps that kind; missing where it says nothing of the kind.

    Times are naive UTC in whole seconds (one without a zone is read in `timezone`), money whole cents, numbers
    whole ten-thousandths, text without blanks at its ends.
    """
    import ibis

    if kind == "text":
        return _trimmed(cell.cast("string"), engine)
    if kind == "time":
        plain = _as_utc(cell, timezone, engine)
        # an exporter's "infinity", or a year of five digits, is no moment: nothing after could hold it
        first, last = ibis.timestamp("0001-01-01T00:00:00"), ibis.timestamp("9999-12-31T23:59:59.999999")
        return ibis.ifelse(plain.between(first, last), plain.truncate("s"), ibis.null("timestamp(6)"))
    if kind == "boolean":
        return _as_flag(cell, engine)
    number = _as_float(cell, engine)
    if kind == "rate":
        return ibis.ifelse((number > 0) & (number < _LARGEST), number, ibis.null("float64"))
    scale = _SCALES[kind]
    readable = number.abs() < _LARGEST / scale  # false for infinities and NaN as well
    # PostgreSQL rounds halves to even; half a cent goes away from zero everywhere
    size = ibis.ifelse(readable, (number * scale).abs(), ibis.null("float64"))
    whole = (size.floor() + ibis.ifelse(size - size.floor() >= 0.5, 1.0, 0.0)).cast("int64")
    return ibis.ifelse(number < 0, -whole, whole)


def _trimmed(text: Any, engine: EngineName) -> Any:
    import ibis

    inner = _stripped(text, engine)
    inner = ibis.ifelse(inner == "", ibis.null("string"), inner)
    if engine != "duckdb":
        return inner
    # hardly any text has blanks at its ends, and where an engine compares bytes two looks tell: "!" is the
    # first character after the blanks
    return ibis.ifelse((text >= "!") & (text.reverse() >= "!"), text, inner)


def _stripped(text: Any, engine: EngineName) -> Any:
    import ibis

    if engine != "spark":
        return text.strip()
    # Ibis hands the blanks to Spark in a way that also takes away the letters v and f
    blanks = ibis.literal(" \t\n\r") + _character(11) + _character(12)
    return _strip_of(text, blanks)


def _as_flag(cell: Any, engine: EngineName) -> Any:
    import ibis

    kind = cell.type()
    if engine == "duckdb":
        return (cell.strip() if kind.is_string() else cell).try_cast("boolean")
    if kind.is_boolean():
        return cell
    if kind.is_numeric():
        return cell != 0
    text = _stripped(cell.cast("string"), engine).lower()
    return ibis.cases((text.isin(_TRUE), True), (text.isin(_FALSE), False), else_=ibis.null("boolean"))


def _as_float(cell: Any, engine: EngineName) -> Any:
    import ibis

    kind = cell.type()
    if engine == "duckdb":
        plain = ibis.ifelse(cell.contains("_"), ibis.null("string"), cell) if kind.is_string() else cell
        return plain.try_cast("float64")  # "1_000" is a number only to DuckDB
    if kind.is_boolean():
        return ibis.ifelse(cell, 1.0, 0.0)
    if kind.is_numeric():
        return cell.cast("float64")
    text = _stripped(cell.cast("string"), engine)
    return ibis.ifelse(text.re_search(_NUMBER), text, ibis.null("string")).cast("float64")


def _as_utc(cell: Any, timezone: str, engine: EngineName) -> Any:
    import ibis

    kind = cell.type()
    if kind.is_timestamp() and kind.timezone is not None:
        return cell.cast("timestamp('UTC')").cast("timestamp(6)")
    if kind.is_string():
        return _told_by_duckdb(cell, timezone) if engine == "duckdb" else _told(cell, timezone, engine)
    if engine != "duckdb" and not kind.is_timestamp() and not kind.is_date():
        return ibis.null("timestamp(6)")
    return _read_in(timezone, cell.try_cast("timestamp(6)"), engine)


def _told_by_duckdb(cell: Any, timezone: str) -> Any:
    import ibis

    # "...Z", "... UTC" and "...+02:00" say their own zone; a plain cast would ignore it
    text = ibis.ifelse(cell == "epoch", ibis.null("string"), cell)  # no company means that word as a time
    text = text.strip().re_replace(r"\s+(Z|[+-]\d\d(:?\d\d)?)$", r"\1")
    says_zone = text.re_search(r"\d\d:\d\d(:\d\d(\.\d+)?)?(\s*[A-Za-z].*|[+-]\d\d(:?\d\d){0,2})$")
    told = text.try_cast("timestamp('UTC')").cast("timestamp(6)")
    return ibis.ifelse(says_zone, told, _read_in(timezone, text.try_cast("timestamp(6)"), "duckdb"))


def _told(cell: Any, timezone: str, engine: EngineName) -> Any:
    import ibis

    text = _stripped(cell, engine).re_replace(r"\s+", " ")
    text = text.substr(0, 10).replace("/", "-") + text.substr(10)
    readable = ibis.ifelse(text.re_search(_TIME), text, ibis.null("string"))
    whole = readable.re_extract(_WHOLE_SECONDS, 0)
    ends_day = whole.re_search(r"[ T]24:")  # the midnight after
    plain = whole.re_replace("[ T]24:.*$", "").cast("timestamp(6)")
    plain = ibis.ifelse(ends_day, plain + ibis.interval(days=1), plain)
    zone = ibis.ifelse(
        readable.re_search(rf":\S*\s*{_ZONE}$"), readable.re_extract(rf"{_ZONE}$", 0), ibis.null("string")
    )
    shift = ibis.ifelse(zone.re_search("^[+-]"), zone.replace(":", "") + "0000", "+000000")
    digits = shift.substr(1, 6).cast("int64")
    east = (digits // 10_000) * 3600 + (digits // 100 % 100) * 60 + digits % 100
    ahead = ibis.ifelse(shift.substr(0, 1) == "-", -east, east)
    seconds = plain.epoch_seconds().cast("int64") - ahead
    moved = ibis.timestamp("1970-01-01T00:00:00") + seconds.as_interval("s")
    return ibis.ifelse(zone.notnull(), moved, _read_in(timezone, plain, engine))


def _read_in(timezone: str, plain: Any, engine: EngineName) -> Any:
    """A plain time of the zone as UTC; an hour that stands twice is the second."""
    import ibis

    if timezone == "UTC":
        return plain
    if engine != "spark":
        return _in_zone(timezone, plain).cast("timestamp(6)")
    # Spark takes the first of the two: the second is as far from UTC as the zone is a day later
    first = _to_utc(plain, timezone)
    day_later = first + ibis.interval(days=1)
    ahead = _seconds(_from_utc(day_later, timezone)) - _seconds(day_later)
    second = ibis.timestamp("1970-01-01T00:00:00") + (_seconds(plain) - ahead).as_interval("s")
    return ibis.ifelse(_from_utc(second, timezone) == plain, second, first)


def _seconds(time: Any) -> Any:
    return time.epoch_seconds().cast("int64")


def _builtin(name: str, arguments: tuple[str, ...], result: str) -> Any:
    import ibis

    of = {1: lambda a: a, 2: lambda a, b: a}[len(arguments)]
    return ibis.udf.scalar.builtin(of, name=name, signature=(arguments, result))


def _in_zone(timezone: str, plain: Any) -> Any:
    return _builtin("timezone", ("string", "timestamp"), "timestamp('UTC')")(timezone, plain)


def _to_utc(plain: Any, timezone: str) -> Any:
    return _builtin("to_utc_timestamp", ("timestamp", "string"), "timestamp")(plain, timezone)


def _from_utc(moment: Any, timezone: str) -> Any:
    return _builtin("from_utc_timestamp", ("timestamp", "string"), "timestamp")(moment, timezone)


def _strip_of(text: Any, blanks: Any) -> Any:
    return _builtin("btrim", ("string", "string"), "string")(text, blanks)


def _character(code: int) -> Any:
    return _builtin("char", ("int64",), "string")(code)
