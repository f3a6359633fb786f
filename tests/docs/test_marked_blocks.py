"""Does the harness that holds README.md to its word catch a page that does not keep it?"""

from __future__ import annotations

import pytest
from marked_blocks import (
    Asked,
    Block,
    acts,
    answers_alike,
    asked,
    blocks,
    exists,
    links,
    marked,
    paths,
    prints_alike,
)

PAGE = """
# See [the models](models/README.md#keys), [a site](https://example.org/x), `src/churnmodel/cli` and `a/b c`

<!-- tour -->

```python
print("[not a link](nowhere.md)")
```
Text between takes the mark away.
```
src/churnmodel/
  sources/    tables in          gone/  is not there
```
<!-- curl -->
```console
$ curl -s http://127.0.0.1:3000/v1/predict \\
    -d '{"account_ids": ["A0001"]}'
{"accounts": [
  {"risk": 0.25, "drivers": [...]}]}

$ churnmodel score --top 3   # and more
$ .venv/bin/churnmodel check
```
"""


def test_a_block_has_the_comment_right_above_it_as_its_mark():
    assert [(b.mark, b.language) for b in blocks(PAGE)] == [("tour", "python"), ("", ""), ("curl", "console")]
    assert marked(PAGE, "tour") == [Block("tour", "python", 'print("[not a link](nowhere.md)")')]
    with pytest.raises(AssertionError, match="not closed"):
        blocks("```python\n1")


def test_a_command_is_joined_over_its_lines_and_has_what_stands_below_it():
    [block] = marked(PAGE, "curl")
    curl, score, check = asked(block.text)
    assert curl.command == """curl -s http://127.0.0.1:3000/v1/predict -d '{"account_ids": ["A0001"]}'"""
    assert curl.answer == '{"accounts": [\n  {"risk": 0.25, "drivers": [...]}]}\n\n'
    assert score == Asked("churnmodel score --top 3   # and more", "") and check.answer == ""
    assert acts(PAGE, "churnmodel") == [["score", "--top", "3"], ["check"]]


@pytest.mark.parametrize(
    ("came", "alike"),
    [
        ('{"accounts":[{"risk":0.25,"drivers":[{"points":1},2]}]}', True),
        ('{"accounts":[{"risk":0.25,"drivers":[]}]}', True),
        ('{"accounts":[{"risk":0.2500001,"drivers":[]}]}', False),
        ('{"accounts":[{"drivers":[],"risk":0.25}]}', False),
        ('{"accounts":[{"risk":0.25,"drivers":[]}],"more":1}', False),
    ],
)
def test_an_answer_is_held_to_all_that_is_not_elided(came, alike):
    [curl, *_] = asked(marked(PAGE, "curl")[0].text)
    assert answers_alike(curl.answer, came) is alike


def test_without_an_ellipsis_an_answer_is_held_to_every_number():
    assert answers_alike('{"a": 1.0,\n "b": "x y"}', '{"b":"x y","a":1}')
    assert not answers_alike('{"a": 1.0, "b": "x y"}', '{"b":"xy","a":1}')
    with pytest.raises(AssertionError, match="nothing is printed"):
        answers_alike(" ... ", "{}")


def test_what_is_printed_is_held_to_its_lines():
    assert prints_alike("  a   b\n\n  c\n", "  a   b   \n\n  c")
    assert not prints_alike("a b", "a  b") and not prints_alike("a ... c", "a b d")


def test_links_and_paths_are_those_of_the_repository(tmp_path):
    assert links(PAGE) == {"models/README.md"}
    assert paths(PAGE) == {"src/churnmodel/cli", "a/b", "src/churnmodel/", "sources/", "gone/"}
    (tmp_path / "src" / "churnmodel" / "sources").mkdir(parents=True)
    assert exists(tmp_path, "sources/") and exists(tmp_path, "src/churnmodel/") and not exists(tmp_path, "gone/")
