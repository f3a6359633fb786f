from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.errors import RequestError
from churnmodel.web.contract import read_request
from churnmodel.web.strict_json import read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_any_json_is_read_or_refused_with_a_field_and_never_anything_else(value):
    try:
        read_request(json.dumps(value).encode())
    except RequestError as refusal:
        assert refusal.field and str(refusal)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_field(body):
    try:
        read_request(body)
    except RequestError as refusal:
        assert refusal.field


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_to_the_bit(value):
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"a": 1, "a": 1}', "a"),
        (b'{"a": {"b": [0, {"c": 1, "c": 2}]}}', "a.b.1.c"),
        (b'[{"x": 1}, {"x": 1, "y": 2, "x": 3}]', "1.x"),
        (b'{"\\ud800": 1}', "\ud800"),
    ],
)
def test_an_ambiguous_place_is_named_by_its_path(body, field):
    with pytest.raises(RequestError) as refusal:
        read_json(body)
    assert refusal.value.field == field
