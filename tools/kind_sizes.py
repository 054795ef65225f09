"""How much source a kind of payment takes: files and lines that carry its name, a table for `docs/reference/payment-kinds.md`.

In a table of TOML it is the kind's own section, and each key or list that names it; in Python its row (a call that makes a kind), and
each other line with the name as text. Run it: `python tools/kind_sizes.py`; a test compares the page and holds the bound.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from zhanggui.cup.transactions import PAYMENTS

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "zhanggui"
PAGE = ROOT / "docs" / "reference" / "payment-kinds.md"
FILES_MAX = 9
"""A plain kind touches no more: a longer recipe says that something is written by name that should be a row."""
USERS = ("cli/", "simulator/")
"""A tour and a bench make payments of every kind; they say nothing of one."""
ANOTHER_THING = ("wallets/", "cup/wallets/")
"""What a QR wallet calls its own."""
HEAD = """# Payment kinds and their source

<!-- Written by tools/kind_sizes.py. Change the source, not this page. -->

Each kind of payment, the files of `src/zhanggui` that carry its name, and their lines: the rows of
[the recipe](../guides/add-a-payment-kind.md), counted, without tour, bench and simulator, which make payments of every kind. None takes
more than {most} files.

| Kind | 种类 | Files | Lines |
|---|---|---|---|
"""


def toml_lines(source: str, kind: str) -> int:
    """Lines of the kind's own section, and of keys and lists that name it."""
    count, inside = 0, False
    for line in source.splitlines():
        if line.startswith("["):
            inside = line.strip("[] ") == kind
        key, _, value = line.partition("=")
        named = kind in re.split(r'[."\s]+', key) and not line.startswith(("#", "["))
        listed = value.lstrip().startswith("[") and f'"{kind}"' in value
        count += bool(line.strip()) and (inside or named or listed)
    return count


def python_lines(source: str, kind: str) -> int:
    """Lines of the kind's row, and other lines with its name as text."""
    tree = ast.parse(source)
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _makes(node, kind):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, ast.Constant) and node.value == kind:
            lines.add(node.lineno)
    return len(lines)


def _makes(call: ast.Call, kind: str) -> bool:
    """Whether this call is the row of the kind in a table of kinds."""
    if not (isinstance(call.func, ast.Name) and call.func.id.endswith("Kind")):
        return False
    first = next(
        (one.value for one in call.keywords if one.arg in ("name", "row")), call.args[0] if call.args else None
    )
    return first is not None and any(isinstance(node, ast.Constant) and node.value == kind for node in ast.walk(first))


def sizes(kind: str) -> dict[str, int]:
    """Lines by file."""
    return dict(_sizes(kind))


def _sizes(kind: str) -> Iterator[tuple[str, int]]:
    for path in sorted(SOURCE.rglob("*")):
        place = path.relative_to(SOURCE).as_posix()
        if path.suffix not in (".py", ".toml") or place.startswith((*USERS, *ANOTHER_THING)):
            continue
        text = path.read_text(encoding="utf-8")
        if kind in text and (count := (toml_lines if path.suffix == ".toml" else python_lines)(text, kind)):
            yield place, count


def page() -> str:
    """The whole page."""
    rows = []
    for name, row in PAYMENTS.items():
        found = sizes(name)
        rows.append(f"| {row.en} | {row.zh} | {len(found)} | {sum(found.values())} |")
    return HEAD.format(most=FILES_MAX) + "\n".join(rows) + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
