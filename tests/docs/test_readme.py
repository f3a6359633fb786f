"""Does README.md keep its word? (its tour, curl lines, links and commands, on the demo it speaks of)"""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from marked_blocks import acts, answers_alike, asked, exists, links, marked, paths, prints_alike

from churnmodel.cli import main
from serving.running_service import command, environment, free_port, is_ready
from trained_project import ROOT, Ran, run_churnmodel
from trained_project import environment as quiet

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
SERVED = "127.0.0.1:3000"
SHOWING_THE_LAST_LINE = """
import ast, sys
page = ast.parse(sys.stdin.read())
last = page.body.pop() if isinstance(page.body[-1], ast.Expr) else None
names = {"__name__": "__main__"}
exec(compile(page, "README.md", "exec"), names)
if last is not None:
    value = eval(compile(ast.Expression(last.value), "README.md", "eval"), names)
    if value is not None:
        print(value)
"""


@dataclass(frozen=True)
class Demo:
    """A folder that holds var/demo, and what `churnmodel demo` said."""

    folder: Path
    ran: Ran

    @property
    def home(self) -> Path:
        return self.folder / "var" / "demo"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """As `make demo` leaves it: the defaults, 600 accounts."""
    folder = tmp_path_factory.mktemp("readme")
    ran = run_churnmodel("demo", cwd=folder, columns=80)
    assert ran.returncode == 0, ran.stderr
    return Demo(folder, ran)


@pytest.fixture(scope="module")
def service(demo: Demo) -> Iterator[str]:
    """Host and port of the service on the demo."""
    port, log = free_port(), demo.folder / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command(port), cwd=ROOT, env=environment(demo.home, demo.folder), stdout=out, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + 120
        while not is_ready(f"http://127.0.0.1:{port}"):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield f"127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def curl(line: str) -> str:
    """What the line prints: by curl, or read as curl reads it where there is none and nothing is piped."""
    if shutil.which("curl") and shutil.which("bash"):
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout
    return by_httpx(line)


def by_httpx(line: str) -> str:
    url, method, headers, body = "", None, {}, None
    words = iter(shlex.split(line)[1:])
    for word in words:
        match word:
            case "-s" | "-sS" | "--silent":
                pass
            case "-H" | "--header":
                name, value = next(words).split(":", 1)
                headers[name.strip()] = value.strip()
            case "-d" | "--data" | "--data-binary":
                body = next(words)
            case "--json":
                body, headers["content-type"] = next(words), "application/json"
            case "-X" | "--request":
                method = next(words)
            case _:
                assert not word.startswith(("-", "|", ">")) and not url, f"curl {word}: add it here"
                url = word
    method = method or ("POST" if body else "GET")
    return httpx.request(method, url, headers=headers, content=body, timeout=60).text


def test_the_tour_runs_and_prints_what_the_page_prints(demo):
    [tour] = marked(PAGE, "tour")
    ran = subprocess.run(
        [sys.executable, "-c", SHOWING_THE_LAST_LINE], input=tour.text, cwd=demo.folder, capture_output=True,
        env=quiet(), text=True, timeout=600, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip(), "a tour shows something"
    for block in marked(PAGE, "tour prints"):
        assert prints_alike(block.text, ran.stdout), ran.stdout


def test_the_demo_prints_what_the_page_prints(demo):
    for block in marked(PAGE, "demo prints"):
        assert prints_alike(block.text, demo.ran.stdout), demo.ran.stdout
    named = re.search(r"churnmodel explain (\S+) -c (\S+)", demo.ran.stdout)
    assert named, "the demo ends by naming the next command"
    told = run_churnmodel("explain", named[1], "-c", named[2], cwd=demo.folder)
    assert told.returncode == 0 and "What raises it" in told.stdout, told.stderr


def test_the_curl_lines_answer_as_printed(service):
    lines = [a for block in marked(PAGE, "curl") for a in asked(block.text) if a.command.startswith("curl ")]
    assert lines, "README.md shows no curl line: put <!-- curl --> above a console block"
    assert any("/v1/predict" in line.command for line in lines)
    for line in lines:
        assert SERVED in line.command, line.command
        came = curl(line.command.replace(SERVED, service))
        assert answers_alike(line.answer, came), (line.command, came)


def test_the_reading_of_curl_s_options_is_curl_s(service):
    predict = f"http://{service}/v1/predict"
    for line in (
        f"curl -s http://{service}/v1/model",
        f"""curl -s {predict} -H 'Content-Type: application/json' -d '{{"account_ids": ["A0001"]}}'""",
        f"""curl -s -X POST {predict} -H 'Content-Type: text/plain' -d '{{}}'""",
    ):
        assert by_httpx(line) == curl(line)


def test_every_link_and_path_is_there():
    gone = [path for path in sorted(links(PAGE) | paths(PAGE)) if not exists(ROOT, path)]
    assert gone == []
    assert len(links(PAGE)) > 3 and len(paths(PAGE)) > 10, "the harness reads nothing"


def test_every_command_and_option_is_real(monkeypatch, capsys):
    named = acts(PAGE, "churnmodel")
    assert len(named) > 3
    for name, *words in named:
        monkeypatch.setattr(sys, "argv", ["churnmodel", name, "--help"])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr().out
        assert (end.value.code or 0) == 0, f"churnmodel {name} is no command"
        for option in (word.split("=")[0] for word in words if word.startswith("-") and word != "--debug"):
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", told), f"churnmodel {name} has no option {option}"


def test_every_target_of_make_is_real():
    targets = {word for words in acts(PAGE, "make") for word in words if re.fullmatch("[a-z]+", word)}
    targets |= set(re.findall(r"`make (\w+)`", PAGE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"demo", "serve", "test"} <= targets
    assert [target for target in sorted(targets) if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
