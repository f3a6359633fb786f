from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import churnmodel
from churnmodel.errors import ScoreError
from churnmodel.scoring.score_table import TABLES, publish, read_latest, read_scores
from scoring.small_company import AS_OF, book, feature_rows

OLD, NEW = "a" * 12, "b" * 12
PATHS = [str(Path(__file__).parents[1]), str(Path(churnmodel.__file__).parents[1])]


def frames(n: int = 30, seed: int = 0, as_of: pd.Timestamp = AS_OF) -> tuple[pd.DataFrame, ...]:
    X = feature_rows(n, seed, as_of)
    scores = book(X).assign(risk=np.linspace(0.1, 0.9, n), band="red")
    drivers = pd.DataFrame({"rank": 1, "code": "usage.active_users", "points": 0.1}, index=X.index)
    return scores, drivers, X


def state(folder: Path) -> str:
    """A checksum over all a reader sees."""
    table = read_latest(folder)
    text = b"".join(
        pd.util.hash_pandas_object(frame.astype(str)).to_numpy().tobytes()
        for frame in (table.scores, table.drivers, table.X)
    )
    return hashlib.sha256(text + table.version.encode()).hexdigest()


def test_what_is_published_is_read_back_bit_for_bit(tmp_path):
    scores, drivers, X = frames()
    place = publish(tmp_path, scores, drivers, X, AS_OF.date(), OLD)
    assert place == tmp_path / "as_of=2026-03-01" / OLD
    table = read_latest(tmp_path)
    assert (table.as_of, table.version) == (date(2026, 3, 1), OLD)
    pd.testing.assert_frame_equal(table.scores, scores, check_exact=True, check_dtype=False)
    for name in X.columns.drop("plan"):
        assert table.X[name].to_numpy().tobytes() == X[name].to_numpy().tobytes()
    assert table.X["plan"].where(table.X["plan"].notna(), None).tolist() == X["plan"].tolist()


def test_publishing_again_leaves_the_published_table_as_it_is(tmp_path):
    place = publish(tmp_path, *frames(), AS_OF.date(), OLD)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in place.iterdir()}
    publish(tmp_path, *frames(seed=9), AS_OF.date(), OLD)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in place.iterdir()} == before


def test_the_same_scores_give_the_same_bytes(tmp_path):
    places = [publish(tmp_path / name, *frames(), AS_OF.date(), OLD) for name in ("one", "two")]
    for name in TABLES:
        one, two = ((place / f"{name}.parquet").read_bytes() for place in places)
        assert one == two


def test_filling_in_the_past_does_not_hide_the_present(tmp_path):
    january = pd.Timestamp("2026-01-01")
    publish(tmp_path, *frames(), AS_OF.date(), OLD)
    publish(tmp_path, *frames(as_of=january), january.date(), NEW)
    assert read_latest(tmp_path).as_of == AS_OF.date()
    assert read_scores(tmp_path, january.date()).version == NEW


def test_of_two_models_on_one_day_the_later_is_latest_and_both_stay(tmp_path):
    publish(tmp_path, *frames(), AS_OF.date(), OLD)
    publish(tmp_path, *frames(seed=1), AS_OF.date(), NEW)
    assert read_latest(tmp_path).version == NEW
    assert read_scores(tmp_path, AS_OF.date()).version == NEW
    assert read_scores(tmp_path, AS_OF.date(), OLD).version == OLD


def test_a_day_or_version_that_was_not_published_is_refused(tmp_path):
    with pytest.raises(ScoreError, match="Run `churnmodel score`"):
        read_latest(tmp_path)
    publish(tmp_path, *frames(), AS_OF.date(), OLD)
    with pytest.raises(ScoreError, match="there are none"):
        read_scores(tmp_path, date(2026, 2, 1))
    with pytest.raises(ScoreError, match=NEW):
        read_scores(tmp_path, AS_OF.date(), NEW)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_changed_after_publishing_is_refused(tmp_path, name):
    place = publish(tmp_path, *frames(), AS_OF.date(), OLD)
    content = bytearray((place / f"{name}.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (place / f"{name}.parquet").write_bytes(content)
    with pytest.raises(ScoreError, match=f"{name}.parquet changed"):
        read_latest(tmp_path)


def test_rows_of_another_day_or_an_account_twice_are_refused(tmp_path):
    scores, drivers, X = frames()
    with pytest.raises(ScoreError, match="another day"):
        publish(tmp_path, scores, drivers, X, date(2026, 3, 2), OLD)
    with pytest.raises(ScoreError, match="twice"):
        publish(tmp_path, pd.concat([scores, scores]), drivers, X, AS_OF.date(), OLD)
    with pytest.raises(ScoreError, match="index"):
        publish(tmp_path, scores.reset_index(), drivers, X, AS_OF.date(), OLD)
    with pytest.raises(ScoreError, match="12 hex digits"):
        publish(tmp_path, scores, drivers, X, AS_OF.date(), "../../x")


def test_a_disk_that_refuses_leaves_the_table_before(tmp_path, monkeypatch):
    publish(tmp_path, *frames(), AS_OF.date(), OLD)
    before = state(tmp_path)

    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ScoreError, match=r"No space left on device\. Nothing was changed"):
        publish(tmp_path, *frames(seed=1), AS_OF.date(), NEW)
    assert state(tmp_path) == before
    assert not list(tmp_path.rglob(".tmp-*"))


def test_a_writer_killed_at_any_instant_leaves_the_old_table_or_the_new_one(tmp_path):
    random = np.random.default_rng(4)
    undisturbed = tmp_path / "undisturbed"
    publish(undisturbed, *frames(), AS_OF.date(), OLD)
    old = state(undisturbed)
    publish(undisturbed, *frames(seed=1), AS_OF.date(), NEW)
    new = state(undisturbed)
    seen = []
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, *PATHS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as nursery:
        assert nursery.stdin and nursery.stdout
        took = float(nursery.stdout.readline())
        delays = [0.0, *(random.random(18) * took * 1.2).tolist(), 10 * took + 0.5]
        for number, delay in enumerate(delays):
            folder = tmp_path / str(number)
            publish(folder, *frames(), AS_OF.date(), OLD)
            nursery.stdin.write(f"{delay} {folder}\n")
            nursery.stdin.flush()
            assert nursery.stdout.readline() == "killed\n"
            seen.append(state(folder))
            publish(folder, *frames(seed=1), AS_OF.date(), NEW)
            assert state(folder) == new
            assert not list(folder.rglob(".tmp-*"))
            files = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
            wanted = {p.relative_to(undisturbed): p.read_bytes() for p in undisturbed.rglob("*") if p.is_file()}
            assert files == wanted
        nursery.stdin.close()
    assert set(seen) == {old, new}, "all kills came too early, or too late, to show anything"


# imports once, then forks a writer per line of its input: twenty starts of Python would take a minute
WRITER = """
import os, signal, sys, tempfile, time
sys.path[:0] = sys.argv[1:]
from pathlib import Path
from scoring.test_score_table import AS_OF, NEW, frames, publish
frames = frames(seed=1)
def write(folder):
    child = os.fork()
    if child == 0:
        publish(folder, *frames, AS_OF.date(), NEW)
        os._exit(0)
    return child
def took():
    started = time.perf_counter()
    os.waitpid(write(Path(tempfile.mkdtemp())), 0)
    return time.perf_counter() - started
print(sorted(took() for _ in range(5))[2], flush=True)
for line in sys.stdin:
    delay, folder = line.strip().split(" ", 1)
    child = write(Path(folder))
    time.sleep(float(delay))
    os.kill(child, signal.SIGKILL)       # not yet waited for, so the number is still this child's
    os.waitpid(child, 0)
    print("killed", flush=True)
"""
