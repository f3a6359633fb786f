"""Does the house still look as it was planned?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = [*(ROOT / "src").rglob("*.py"), *(ROOT / "serving").glob("*.py"), *(ROOT / "pipelines").glob("*.py")]


@pytest.mark.parametrize("path", PRODUCT, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_holds_one_idea(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert path.stem not in ("utils", "util", "helpers", "misc", "common")
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "the docstring says which question the file answers"


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


def test_nothing_on_the_product_s_path_can_unpickle():
    for path in PRODUCT:
        assert not imports_of(path) & {"pickle", "joblib", "cloudpickle", "dill"}, path


def test_the_clock_and_the_environment_are_read_at_the_edge_only():
    clock = re.compile(
        r"datetime\.now\(|utcnow\(|Timestamp\.now\(|date\.today\(|time\.time\(|os\.environ|getenv\("
    )
    inside = ROOT / "src" / "churnmodel"
    # tracking sets MLflow's own switches before it imports it; it reads nothing from the environment
    allowed = {inside / "cli" / "__init__.py", inside / "cli" / "edge.py", inside / "tracking" / "runs.py"}
    found = [p for p in inside.rglob("*.py") if p not in allowed and clock.search(p.read_text(encoding="utf-8"))]
    assert found == []


def test_the_map_in_the_readme_names_every_room():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = {p.parent.name for p in (ROOT / "src" / "churnmodel").glob("*/__init__.py")}
    assert len(rooms) >= 10
    for room in rooms:
        assert f"{room}/" in text, room


def test_the_pages_count_the_features_that_there_are():
    from churnmodel.features.catalog import CATALOG

    for page in ("README.md", "CHANGELOG.md"):
        assert f"{len(CATALOG)} features" in (ROOT / page).read_text(encoding="utf-8"), page
