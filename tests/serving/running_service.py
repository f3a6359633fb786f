"""A `bentoml serve` of one's own, and how to reach it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent


@dataclass(frozen=True)
class Service:
    """A running `bentoml serve`, its address and what it was started on."""

    process: subprocess.Popen[bytes]
    url: str
    port: int
    home: Path

    def workers(self) -> list[str]:
        """The process ids of its children: they change when a worker dies and is started again."""
        pid = self.process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def environment(home: Path, bentoml_home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BENTOML")}
    paths = os.pathsep.join([str(ROOT / "src"), kept.get("PYTHONPATH", "")])
    return kept | {"CHURNMODEL_HOME": str(home), "BENTOML_HOME": str(bentoml_home), "PYTHONPATH": paths}


def command(port: int) -> list[str]:
    return [sys.executable, "-m", "bentoml", "serve", "serving.service:ChurnmodelService", "--port", str(port)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
