"""How fast a file comes in and how much memory that takes, at 10,000 and 100,000 rows; and how soon ``serve`` answers.

Prints one line a measurement, the median of five runs: ``make bench``.  The rows have eight columns, made up.
"""

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

RUNS = 5
COLUMNS = "Lead ID,First Name,Last Name,Company,Email,Phone,Lead Source,Created Date\n"
PEAK = (
    "import resource, sys; from leadhub.app import main; sys.argv = ['leadhub', *sys.argv[1:]]\n"
    "try: main()\nfinally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for rows in (10_000, 100_000):
            runs = [import_once(Path(folder), rows, number) for number in range(RUNS)]
            seconds, peak = (statistics.median(column) for column in zip(*runs, strict=True))
            print(f"import {rows:>7,} rows: {rows / seconds:>7,.0f} rows/s, peak {peak / 1024:.0f} MiB")
        waits = [first_answer(Path(folder), number) for number in range(RUNS)]
        print(f"first answer of serve: {statistics.median(waits):.2f} s")


def import_once(folder: Path, rows: int, number: int) -> tuple[float, int]:
    """Seconds of the whole command and its peak memory in KiB, into an empty hub."""
    path = folder / f"{rows}.csv"
    if not path.exists():
        path.write_text(COLUMNS + "".join(_row(place) for place in range(rows)))
    environment = {**os.environ, "LEADHUB_DATA_DIR": str(folder / f"hub-{rows}-{number}")}
    begin = time.perf_counter()
    command = [sys.executable, "-c", PEAK, "import", str(path)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return time.perf_counter() - begin, int(re.findall(r"\d+", run.stdout)[-1])


def first_answer(folder: Path, number: int) -> float:
    """Seconds from the command to the first answered request, on a hub with no data folder yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "LEADHUB_DATA_DIR": str(folder / f"fresh-{number}")}
    begin = time.perf_counter()
    command = [sys.executable, "-m", "leadhub.app", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        while time.perf_counter() - begin < 60:
            try:
                urlopen(f"http://127.0.0.1:{port}/setup", timeout=1).read()
                break
            except (URLError, ConnectionError):
                time.sleep(0.01)
        waited = time.perf_counter() - begin
        server.terminate()
    return waited


def _row(place: int) -> str:
    return (
        f"L-{place},Zoé,Dupré {place},Atelier {place % 997},zoe{place}@example.org,06 39 98 {place % 100:02} "
        f"{place // 100 % 100:02},Source {place % 12},{place % 28 + 1:02}/{place % 12 + 1:02}/2026\n"
    )


if __name__ == "__main__":
    main()
