"""`make fuzz`: any bytes into each parser, guided by the lines that they reach; what breaks one is kept and replayed by `make test`.

    seeds ─▶ pool ─▶ mutate one ─▶ run under a trace of the parser's own files ─▶ new lines? into the pool · another error? kept as a crasher

Each parser says what it may answer with (`tests/fuzz/parsers.py`); anything else it raises is a crasher, made as short as it stays one, in
`tests/fuzz/crashers/PARSER/`. Chance is seeded, so a run can be repeated: `.venv/bin/python -m tools.fuzz --seconds 300 --seed 7 codec`.
"""

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tests.fuzz.parsers import PARSERS, Parser, survives

SRC = Path(__file__).parents[1] / "src" / "zhanggui"
CRASHERS = Path(__file__).parents[1] / "tests" / "fuzz" / "crashers"
POOL_MAX = 2_000
"""Inputs that are kept because they reached something new."""
INPUT_BYTES_MAX = 2_048
"""Longer ones reach nothing more and cost time."""
CUTS_MAX = 64
"""Tries to make a crasher shorter."""
INTERESTING = (
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\x00\x00",
    b"\xff\xff",
    b"9999",
    b"=",
    b":",
    b",",
    b"\xdf",
    b"\x9f",
    b"\x81",
    b"\x82",
)

Reached = set[tuple[CodeType, int, int]]


class Tracer:
    """Which lines of our own source one run reached, and from which line each."""

    def __init__(self) -> None:
        self.reached: Reached = set()
        self._is_ours: dict[CodeType, bool] = {}

    def run(self, call: Callable[[], object]) -> None:
        """Run it; what it raises goes on."""
        self.reached = set()
        sys.settrace(self._entered)
        try:
            call()
        finally:
            sys.settrace(None)

    def _entered(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        code = frame.f_code
        ours = self._is_ours.get(code)
        if ours is None:
            ours = self._is_ours[code] = code.co_filename.startswith(str(SRC)) or code.co_filename == "<string>"
        if not ours:
            return None
        last = 0
        reached = self.reached

        def line(frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
            nonlocal last
            if event == "line":
                reached.add((code, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """One to four small changes: a byte, a bit, a cut, a doubling, something that parsers fear, or a piece of another input."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(made) + 1)
        match chance.randrange(7):
            case 0 if made:
                made[at % len(made)] = chance.randrange(256)
            case 1 if made:
                made[at % len(made)] ^= 1 << chance.randrange(8)
            case 2:
                del made[at : at + chance.choice((1, 2, 8, 64))]
            case 3:
                made[at:at] = made[at : at + chance.choice((1, 4, 32))]
            case 4:
                piece = chance.choice(INTERESTING)
                made[at : at + len(piece)] = piece
            case 5:
                made[at:at] = chance.choice(INTERESTING)
            case _:
                start = chance.randrange(len(other) + 1)
                made[at:at] = other[start : start + chance.choice((2, 8, 64))]
    return bytes(made[:INPUT_BYTES_MAX])


def fuzz(parser: Parser, goes_on: Callable[[int], bool], chance: random.Random) -> tuple[int, int, list[bytes]]:
    """Runs made, ways between lines reached, and what broke it, one for each place that broke. `goes_on` is asked after so many runs."""
    tracer, seen, pool = Tracer(), set[tuple[CodeType, int, int]](), list(parser.seeds)
    crashers: dict[str, bytes] = {}
    runs = 0
    waiting = list(pool)
    while goes_on(runs):
        data = waiting.pop() if waiting else mutated(chance.choice(pool), chance.choice(pool), chance)
        runs += 1
        try:
            tracer.run(lambda data=data: survives(parser, data))  # type: ignore[misc]  # bound now
        except Exception as error:
            place = where(error)
            if place not in crashers:
                crashers[place] = shortened(parser, data, place)
        if not tracer.reached <= seen and len(pool) < POOL_MAX:
            seen |= tracer.reached
            pool.append(data)
    return runs, len(seen), list(crashers.values())


def where(error: BaseException) -> str:
    """What was raised and at which line of ours."""
    place, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(str(SRC)):
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} {place}"


def shortened(parser: Parser, data: bytes, place: str) -> bytes:
    """As short as cutting makes it while it breaks at the same place."""
    for size in (256, 64, 16, 4, 1):
        at = cuts = 0
        while at < len(data) and cuts < CUTS_MAX:
            cut, cuts = data[:at] + data[at + size :], cuts + 1
            try:
                survives(parser, cut)
            except Exception as error:
                if where(error) == place:
                    data = cut
                    continue
            at += size
    return data


def keep(parser: Parser, data: bytes) -> Path:
    """A file of its own, named by what is in it."""
    folder = CRASHERS / parser.name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return path


def tell(line: str) -> None:
    """A line for whoever waits."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Fuzz the parsers that were named, or all of them; 1 when something broke."""
    options = argparse.ArgumentParser(description="coverage-guided fuzzing of each parser")
    options.add_argument("parsers", nargs="*", choices=[*PARSERS, []], help="names; all when none is given")
    options.add_argument("--seconds", type=float, default=300.0, help="for each parser")
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    broken = 0
    for name in asked.parsers or PARSERS:
        parser = PARSERS[name]
        until = time.monotonic() + asked.seconds
        chance = random.Random(f"{asked.seed} {name}")
        runs, lines, crashers = fuzz(parser, lambda _, until=until: time.monotonic() < until, chance)  # type: ignore[misc]  # bound now
        tell(f"{name:<16} {runs:>9,} inputs  {lines:>5} ways between lines  {len(crashers)} crashers")
        for data in crashers:
            broken += 1
            tell(f"  kept {keep(parser, data).relative_to(CRASHERS.parent)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
