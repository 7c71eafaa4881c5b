"""Does the app bear a heavy hour: 50 films sent at once while its pages are asked for 200 times a second for 30 s?

A real server (`micromask app`) with its two workers is started on a fresh workspace. At the same moment all films are
sent, each on a connection of its own, and pages are asked for at a fixed rate, in turn: those in the navigation and
what the Analyse page asks for while it is open. A request's time counts from when it was due, so a slow answer delays
nobody unseen. Then all jobs are waited for. Memory is that of the server and of each worker, looked at four times a
second. Prints a table, writes benchmarks/results/app-load-DATE.json, and exits with 1 if a request failed, the rate was
not reached, a film was lost, a job was not done, or memory grew beyond its bounds.

    python benchmarks/app_load.py [--films 50] [--rate 200] [--seconds 30] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import math
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import psutil

from micromask.datasets.synthetic import PlannedExpression, Script, render
from micromask.recordings import write_film

RESULTS = Path(__file__).parent / "results"
ASKED_BY_THE_PAGE = ("/api/analyse", "/api/jobs")
CONNECTIONS = 32
SHARE_REACHED = 0.98
"""Fewer answers a second than this share of the rate count as not reached."""

MOST_SERVER_MIB, MOST_WORKER_MIB = 512, 2048
SMILE = PlannedExpression(1.5, 1.7, 1.95, (("lip_corner_puller", 0.06),), "positive")


@dataclass
class Visitor:
    """A signed-in program: where the server is, and the headers that it wants."""

    port: int
    headers: dict[str, str]

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)) as connection:
            connection.request(method, path, body, self.headers)
            answer = connection.getresponse()
            return answer.status, answer.read()


@dataclass
class Load:
    """What came of the page requests: seconds each from when it was due, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    lasted: float = 0.0


@dataclass
class Memory:
    """The largest resident memory (bytes) of the server, of any worker, and of all of them together."""

    server: int = 0
    worker: int = 0
    all: int = 0
    at_start: int = 0

    def look(self, process: psutil.Process) -> None:
        """Keep what is larger than before."""
        server, workers = process.memory_info().rss, []
        for child in process.children(recursive=True):
            try:
                workers.append(child.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
        self.at_start = self.at_start or server
        self.server = max(self.server, server)
        self.worker = max(self.worker, *workers, 0)
        self.all = max(self.all, server + sum(workers))


@contextmanager
def serving(workspace: Path) -> Iterator[tuple[Visitor, psutil.Process]]:
    """`micromask app` in a process of its own, and a visitor who is signed in."""
    command = [sys.executable, "-c", "from micromask.app.cli import main; main()", "app", str(workspace)]
    command += ["--port", "0", "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        link = server.stdout.readline().strip()
        if not link:
            raise SystemExit(f"the server did not start (code {server.wait()}): run 'micromask app' to see why")
        yield signed_in(link), psutil.Process(server.pid)
    finally:
        server.terminate()
        server.communicate(timeout=30)


def signed_in(link: str) -> Visitor:
    address, jar = link.split("/link/")[0], CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(link):
        pass
    with opener.open(f"{address}/api/mark") as answer:
        mark = json.load(answer)["mark"]
    port = int(address.rsplit(":", 1)[1])
    cookie = "; ".join(f"{one.name}={one.value}" for one in jar)
    return Visitor(port, {"Host": f"127.0.0.1:{port}", "Cookie": cookie, "X-Micromask-CSRF": mark})


def pages_of(visitor: Visitor) -> list[str]:
    """The pages in the navigation, and what the Analyse page asks for."""
    _, page = visitor.ask("GET", "/analyse")
    found = dict.fromkeys(re.findall(r'<a[^>]* href="(/[a-z]+)"', page.decode()))
    return [*found, *ASKED_BY_THE_PAGE]


async def load(visitor: Visitor, pages: list[str], rate: float, seconds: float) -> Load:
    """Ask for pages at a fixed rate, whether or not the answers come."""
    told, free = Load(), asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", visitor.port))
    lines = "".join(f"{name}: {value}\r\n" for name, value in visitor.headers.items())

    async def one(path: str, due: float) -> None:
        reader, writer = await free.get()
        try:
            writer.write(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"\r\ncontent-length: (\d+)\r\n", head, re.IGNORECASE)
            body = await reader.readexactly(int(length[1])) if length else b""
            if " 200 " not in head.split("\r\n", 1)[0] or not body:
                told.errors.append(f"{path}: {head.split(chr(13), 1)[0]}")
            free.put_nowait((reader, writer))
        except (OSError, EOFError, ValueError) as error:
            told.errors.append(f"{path}: {type(error).__name__} {error}")
            writer.close()
            free.put_nowait(await asyncio.open_connection("127.0.0.1", visitor.port))
        told.seconds.append(time.perf_counter() - due)

    began, asked = time.perf_counter(), set[asyncio.Task[None]]()
    for number in range(round(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(one(pages[number % len(pages)], due))
        asked.add(task)
        task.add_done_callback(asked.discard)
    while asked:
        await asyncio.wait(asked)
    told.lasted = time.perf_counter() - began
    while not free.empty():
        free.get_nowait()[1].close()
    return told


def upload(visitor: Visitor, number: int, data: bytes) -> str:
    """Send one film; empty, or what went wrong."""
    try:
        status, said = visitor.ask("POST", f"/api/uploads?name=film-{number}.mp4", data)
    except OSError as error:
        return f"film {number}: {type(error).__name__} {error}"
    return "" if status == 200 else f"film {number}: {status} {said[:200].decode(errors='replace')}"


def states(visitor: Visitor) -> Counter[str]:
    return Counter(one["state"] for one in json.loads(visitor.ask("GET", "/api/jobs?kind=analyze")[1])["jobs"])


def quantile(values: list[float], share: float) -> float:
    """The smallest value that so large a share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def measure(films: int, rate: float, seconds: float, film_seconds: float, patience: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        film = Path(scratch) / "film.mp4"
        write_film(film, render(Script(film_seconds, 30, size=480, expressions=(SMILE,))), 30)
        data = film.read_bytes()
        with serving(Path(scratch) / "workspace") as (visitor, process), ThreadPoolExecutor(films) as senders:
            pages, memory, over = pages_of(visitor), Memory(), threading.Event()

            def watch() -> None:
                while not over.wait(0.25):
                    memory.look(process)

            memory.look(process)
            watching = threading.Thread(target=watch)
            watching.start()
            try:
                began = time.perf_counter()
                sent = [senders.submit(upload, visitor, number, data) for number in range(films)]
                told = asyncio.run(load(visitor, pages, rate, seconds))
                lost = [why for one in sent if (why := one.result())]
                done_under_load = states(visitor)["done"]
                while (now := states(visitor))["queued"] + now["running"] and time.perf_counter() - began < patience:
                    time.sleep(0.5)
                lasted = time.perf_counter() - began
            finally:
                over.set()
                watching.join()
    return {
        "pages": pages,
        "film": {"seconds": film_seconds, "size": [480, 480], "bytes": len(data)},
        "asked_per_second": rate,
        "seconds": seconds,
        "answers_per_second": len(told.seconds) / told.lasted,
        "requests": len(told.seconds),
        "errors": len(told.errors) + len(lost),
        "first_errors": (told.errors + lost)[:10],
        "p50_ms": 1000 * quantile(told.seconds, 0.5),
        "p99_ms": 1000 * quantile(told.seconds, 0.99),
        "slowest_ms": 1000 * max(told.seconds),
        "films": films,
        "films_lost": len(lost),
        "jobs_done_under_load": done_under_load,
        "jobs": dict(now),
        "all_jobs_s": lasted,
        "server_mib_at_start": memory.at_start / 2**20,
        "server_mib": memory.server / 2**20,
        "largest_worker_mib": memory.worker / 2**20,
        "all_processes_mib": memory.all / 2**20,
    }


def faults(found: dict[str, Any]) -> list[str]:
    """Everything that was not as it has to be."""
    told = [f"{found['errors']} errors, such as: {'; '.join(found['first_errors'][:3])}"] if found["errors"] else []
    if found["answers_per_second"] < SHARE_REACHED * found["asked_per_second"]:
        told.append(f"{found['answers_per_second']:.0f} answers/s, wanted {found['asked_per_second']:.0f}")
    if found["jobs"] != {"done": found["films"]}:
        told.append(f"not all jobs were done: {found['jobs']}")
    for name, most in (("server_mib", MOST_SERVER_MIB), ("largest_worker_mib", MOST_WORKER_MIB)):
        if found[name] > most:
            told.append(f"{name} {found[name]:.0f}, at most {most} are wanted")
    return told


def table(found: dict[str, Any]) -> list[str]:
    arrived, done = found["films"] - found["films_lost"], found["jobs"].get("done", 0)
    return [
        f"pages      {found['answers_per_second']:.0f} answers/s of {found['asked_per_second']:.0f} asked, "
        f"{found['requests']} in all, {found['errors']} errors",
        f"           p50 {found['p50_ms']:.1f} ms, p99 {found['p99_ms']:.1f} ms, slowest {found['slowest_ms']:.0f} ms",
        f"films      {arrived} of {found['films']} arrived; {found['jobs_done_under_load']} jobs done under load, "
        f"{done} after {found['all_jobs_s']:.0f} s",
        f"memory     server {found['server_mib']:.0f} MiB (at start {found['server_mib_at_start']:.0f}), "
        f"largest worker {found['largest_worker_mib']:.0f} MiB, all {found['all_processes_mib']:.0f} MiB",
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--films", type=int, default=50, help="sent at the same time")
    options.add_argument("--rate", type=float, default=200, help="page requests a second")
    options.add_argument("--seconds", type=float, default=30, help="of page requests")
    options.add_argument("--film-seconds", type=float, default=4, help="length of each film")
    options.add_argument("--patience", type=float, default=900, help="seconds until all jobs have to be done")
    options.add_argument("--out", type=Path, default=RESULTS, help="folder for the JSON file")
    asked = options.parse_args()
    machine = {"date": str(date.today()), "machine": platform.machine(), "cores": os.cpu_count()}
    found = machine | measure(asked.films, asked.rate, asked.seconds, asked.film_seconds, asked.patience)
    for line in table(found):
        print(line)
    asked.out.mkdir(parents=True, exist_ok=True)
    target = asked.out / f"app-load-{date.today()}.json"
    target.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(target)
    wrong = faults(found)
    for line in wrong:
        print(f"FAILED     {line}", file=sys.stderr)
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
