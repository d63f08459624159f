"""A summary of up to ten million answers: its time beside the bare SQL scan, and its memory.

Made-up people with twenty answers each are written straight into the tables (without the
pointers to current answers, which a summary does not read). The bare scan is
one grouping per kind of cut that the summary shows, in SQL alone, on the same file.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SIZES = (5_000, 50_000, 500_000)
"""People; each gives twenty answers."""
BEGAN = 1_795_000_000_000_000
HOUR = 3_600_000_000
BUCKETS = 16
SEGMENTS = "residence, country, sector, actor_type, language, channel, source"
SCANS = (
    # Who answered what, by the segments of the response: every table of every question.
    f"""SELECT a.question, a.question_version, a.wave, a.value, a.kind, {SEGMENTS}, count(*)
        FROM answer a JOIN response r USING (bucket, participant, consultation, wave)
        WHERE a.consultation = 'A' AND r.state = 'accepted' GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9,
        10, 11, 12""",
    # Who took part.
    f"""SELECT wave, state, {SEGMENTS}, count(*) FROM response WHERE consultation = 'A'
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9""",
    # Themes by support, of the same response.
    """SELECT x.wave, x.value, y.value, count(*) FROM answer x
       JOIN answer y ON y.bucket = x.bucket AND y.participant = x.participant
       AND y.consultation = x.consultation AND y.wave = x.wave AND y.question = 'A15'
       WHERE x.consultation = 'A' AND x.question = 'A10' GROUP BY 1, 2, 3""",
)


def _answers(rng: Any, at: int) -> list[tuple[str, str]]:
    """Twenty answers of one person, as kept."""
    pick, themes = rng.choice, ["AGU", "SEG", "EMP", "CLI", "MOV", "CUL", "MIG"]
    some = "|".join(rng.sample(["COS", "POC", "LOC", "CON", "INF", "COR"], 2))
    return [
        ("A02", "PER"), ("A13", f"necesidad {at % 997}"), ("A10", "|".join(rng.sample(themes, 3))),
        ("A15", pick("12345")), ("A16", f"razón {at % 991}"), ("A01", pick(("RES", "RET"))),
        ("A07", f"C0{rng.randint(1, 9)}"), ("A22", "RES"), ("A18", "TRM|RET"), ("A18B", "SAB|MEN"),
        ("A19", pick("12")), ("A08", pick(("SI", "NO", "NS"))), ("A09", pick("12345")),
        ("A11", "D1|D2"), ("A12", some), ("A14", pick("12345")), ("A17", some),
        ("A20", pick(("AG1", "AG2", "AG3", "AG4", "AG5"))), ("A21", pick(("F", "M"))),
        ("A24", pick(("X", "Y"))),
    ]  # fmt: skip


def _people(
    people: int, buckets: range
) -> Iterator[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
    """(response, answers) of everybody in some buckets, in the order of the primary key.

    The low ten bits of a participant's id are the bucket.
    """
    import random

    rng = random.Random(buckets.start)
    for bucket, at in ((b, n) for b in buckets for n in range(b, people, 1024)):
        person = (at // 1024 << 10 | bucket) + (1 << 40)
        began = BEGAN + at % 500 * HOUR
        abroad = at % 5 == 0
        country = rng.choice(("ES", "US", "CL", "FR", "BR", "CA")) if abroad else "CO"
        sector = rng.choices(("S1", "S2", "S3", "S4", "S7"), (80, 8, 3, 5, 4))[0]
        response = (
            bucket, person, "A", 1, "accepted", began, began + HOUR,
            "abroad" if abroad else "resident", country, sector, sector + ".1",
            f"C0{rng.randint(1, 9)}", rng.choice(("es", "es", "es", "en", "pt", "fr")),
            rng.choice(("web", "telegram", "whatsapp")), rng.choice(("radio", "afiche", "")),
        )  # fmt: skip
        yield (
            response,
            [
                (bucket, person, "A", 1, question, 0, 0, 1, "given", value, began + n, at * 20 + n)
                for n, (question, value) in enumerate(_answers(rng, at))
            ],
        )


def fill(path: str, people: int) -> None:
    """A database with so many people."""
    from storage.database import Database

    Database.open(path).close_sync()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA journal_mode=OFF")
        raw.execute("PRAGMA synchronous=OFF")
        raw.execute("PRAGMA cache_size=-200000")
        indexes = raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
            "AND tbl_name IN ('answer', 'response')"
        ).fetchall()
        for name, _ in indexes:
            raw.execute(f"DROP INDEX {name}")
        for first in range(0, 1024, BUCKETS):
            _write(raw, list(_people(people, range(first, first + BUCKETS))))
            raw.commit()
        for _, sql in indexes:
            raw.execute(sql)
        raw.execute("ANALYZE")
        raw.commit()
        raw.execute("PRAGMA journal_mode=WAL")


def _write(raw: sqlite3.Connection, made: list[Any]) -> None:
    raw.executemany(
        "INSERT INTO response (bucket, participant, consultation, wave, state, started_at, "
        "completed_at, residence, country, sector, actor_type, area, language, channel, source) "
        f"VALUES ({', '.join('?' * 15)})", [response for response, _ in made])  # fmt: skip
    answers = [answer for _, given in made for answer in given]
    raw.executemany(
        "INSERT INTO answer (bucket, participant, consultation, wave, question, loop, revision, "
        f"question_version, kind, value, answered_at, event) VALUES ({', '.join('?' * 12)})",
        answers)  # fmt: skip


def scan(path: str) -> float:
    """Seconds of CPU of the bare scan: other work on the machine does not count."""
    begun = time.process_time()
    with sqlite3.connect(path) as raw:
        for statement in SCANS:
            for _ in raw.execute(statement):
                pass
    return time.process_time() - begun


def summarise_all(path: str) -> float:
    """Seconds of CPU of the whole summary, internal view, from the records to its JSON."""
    from bot.clock import SystemClock  # noqa: F401 - what a command imports is not measured
    from bot.commands.summary import as_json
    from bot.instance import load_folder
    from bot.summaries import Asked, summary
    from storage.database import Database

    folder = load_folder(Path(path).parent)
    begun = time.process_time()
    database = Database.open_readonly(path)
    with database.reading() as connection:
        made = summary(connection, folder, Asked(wave=1), BEGAN + 600 * HOUR)
    size = len(as_json(made))
    database.close_sync()
    assert made["participation"]["valid"] > 0
    assert size > 1_000
    return time.process_time() - begun


def _alone(what: str, path: str) -> dict[str, float]:
    """Run one measurement in a process of its own, for its peak memory."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.summaries", "--only", what, "--path", path],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def main() -> None:
    """Print a line per size; `--people N` measures one size, `--path FILE` one that is there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, action="append")
    parser.add_argument("--only", choices=("scan", "summary"))
    parser.add_argument("--path")
    args = parser.parse_args()
    if args.only:
        seconds = (scan if args.only == "scan" else summarise_all)(args.path)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "megabytes": peak}))
        return
    if args.path:
        _compare(args.path)
    for people in () if args.path else args.people or SIZES[:2]:
        with tempfile.TemporaryDirectory() as folder:
            _measure(people, Path(folder) / "city")


def _measure(people: int, folder: Path) -> None:
    from bot.instance import make_folder

    make_folder(folder)
    path = str(folder / "tertulia.db")
    fill(path, people)
    _compare(path)


def _compare(path: str) -> None:
    """The summary beside the bare scan, each in a process of its own, pages warm."""
    with sqlite3.connect(path) as raw:
        answers = raw.execute("SELECT count(*) FROM answer").fetchone()[0]
    bare, whole = _alone("scan", path), _alone("summary", path)
    size = Path(path).stat().st_size / 1e6
    print(
        f"{answers:>10,} answers: summary {whole['seconds']:7.2f} s of CPU, bare scan "
        f"{bare['seconds']:7.2f} s, {whole['seconds'] / bare['seconds']:4.1f} times (aim: 3); "
        f"peak {whole['megabytes']:4.0f} MB (aim: 500); file {size:,.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
