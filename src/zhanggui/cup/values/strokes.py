"""A signature in field 62 of the e-signature upload: strokes of points in a box of 480 × 160, each point told by its step from the last.

    "ZGS1"  then each stroke: points (1 byte), x (2), y (1), then dx (1, signed), dy (1, signed) for each further point
    "ZGS4"  the same on a grid of four: every figure is a fourth, and x takes one byte

Other makers send a compressed picture (JBIG) in its place [CJ][LY]; a host keeps those as they come. What does not fit one message goes
up in parts (`parts.py`). A host that takes no parts gets it drawn with fewer points, then on the grid, never with fewer strokes, and
each stroke keeps its ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from ...basics.errors import Defect

UPLOAD_BYTES_MAX = 480
"""What field 62 of one message takes of it in our dialect, with room to spare."""
WIDTH, HEIGHT = 480, 160
POINTS_MAX = 5_000
"""A signature has a few hundred points."""
STROKES_MAX = 64
"""More than any name has. The ends of so many fit one message on the grid."""
FINE, GRID = 1, 4
MARKS: Mapping[int, bytes] = MappingProxyType({FINE: b"ZGS1", GRID: b"ZGS4"})
"""First bytes, by the width of the grid."""
STEP_MAX = 127
POINTS_A_STROKE_MAX = 255
THINNER_MAX = 64
"""The coarsest drawing before the grid, and on it: every 64th point; then the ends alone."""

Points = Sequence[tuple[int, int]]
Strokes = tuple[tuple[tuple[int, int], ...], ...]


def write_strokes(strokes: Sequence[Points], bytes_max: int = UPLOAD_BYTES_MAX) -> bytes:
    """The signature in at most so many bytes, with as many points as fit. ValueError for more than STROKES_MAX strokes.

    >>> read_strokes(write_strokes([[(0, 0), (480, 160)]]))
    (((0, 0), (120, 40), (240, 80), (360, 120), (480, 160)),)
    """
    drawn = [stroke for stroke in strokes if stroke]
    if len(drawn) > STROKES_MAX:
        raise ValueError(f"a signature has at most {STROKES_MAX} strokes, not {len(drawn)}")
    for grid, mark in MARKS.items():
        coarse = [[(x // grid, y // grid) for x, y in stroke] for stroke in drawn]
        for every in (*range(1, THINNER_MAX + 1), max(map(len, drawn), default=1)):
            content = mark + b"".join(_written(_thinned(stroke, every), grid) for stroke in coarse)
            if len(content) <= bytes_max:
                return content
    raise Defect("the ends of STROKES_MAX strokes fit one message")


def read_strokes(content: bytes) -> Strokes:
    """The strokes. ValueError for anything else: a picture of another maker, or a message that was cut."""
    for grid, mark in MARKS.items():
        if content[: len(mark)] == mark:
            return tuple(_read(content[len(mark) :], grid))
    raise ValueError("this is no signature of our terminals")


def _read(content: bytes, grid: int) -> Iterator[tuple[tuple[int, int], ...]]:
    at, head = 0, _head_bytes(grid)
    while at < len(content):
        count, end = content[at], at + head + 2 * (content[at] - 1)
        if count < 1 or end > len(content):
            raise ValueError("a signature ends within a stroke")
        x, y = int.from_bytes(content[at + 1 : at + head - 1], "big"), content[at + head - 1]
        points = [(x, y)]
        for place in range(at + head, end, 2):
            x += int.from_bytes(content[place : place + 1], "big", signed=True)
            y += int.from_bytes(content[place + 1 : place + 2], "big", signed=True)
            points.append((x, y))
        if any(not (0 <= x * grid <= WIDTH and 0 <= y * grid <= HEIGHT) for x, y in points):
            raise ValueError("a signature leaves its box")
        yield tuple((x * grid, y * grid) for x, y in points)
        at = end


def _head_bytes(grid: int) -> int:
    """Of a stroke: how many points, and where the first is."""
    return 4 if grid == FINE else 3


def _thinned(stroke: Points, every: int) -> list[tuple[int, int]]:
    kept = [point for at, point in enumerate(stroke) if at % every == 0 or at == len(stroke) - 1]
    return [kept[0], *(point for before, after in pairwise(kept) for point in _steps(before, after))]


def _steps(before: tuple[int, int], after: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The way to the next point in steps that one byte tells."""
    dx, dy = after[0] - before[0], after[1] - before[1]
    steps = max(1, -(-max(abs(dx), abs(dy)) // STEP_MAX))
    for step in range(1, steps + 1):
        yield before[0] + dx * step // steps, before[1] + dy * step // steps


def _written(points: Sequence[tuple[int, int]], grid: int) -> bytes:
    parts = []
    for start in range(0, len(points), POINTS_A_STROKE_MAX - 1):
        # A long stroke goes on in another one, from the point where the first ended.
        piece = points[start : start + POINTS_A_STROKE_MAX]
        if start and len(piece) == 1:
            break
        x, y = piece[0]
        steps = b"".join(
            (b[0] - a[0]).to_bytes(1, "big", signed=True) + (b[1] - a[1]).to_bytes(1, "big", signed=True)
            for a, b in pairwise(piece)
        )
        parts.append(bytes((len(piece),)) + x.to_bytes(_head_bytes(grid) - 2, "big") + y.to_bytes(1, "big") + steps)
    return b"".join(parts)


def bounded_strokes(strokes: Sequence[Points]) -> Strokes:
    """A signature within its bounds: at most STROKES_MAX strokes and POINTS_MAX points, every point inside the box.

    >>> bounded_strokes([[(-5, 10), (9999, 10)]])
    (((0, 10), (480, 10)),)
    """
    left = POINTS_MAX
    kept = []
    for stroke in strokes[:STROKES_MAX]:
        points = tuple((min(max(x, 0), WIDTH), min(max(y, 0), HEIGHT)) for x, y in stroke[:left])
        left -= len(points)
        if points:
            kept.append(points)
    return tuple(kept)
