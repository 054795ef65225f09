"""A slip printer for tests: takes the bytes that a real one would, and tells what came out row by row. An unknown command is an error."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PrintedRow:
    """A row of text; `columns` is what it took of the paper."""

    text: str
    columns: int
    large: bool
    bold: bool


@dataclass
class Paper:
    rows: list[PrintedRow] = field(default_factory=list)
    bar_codes: list[str] = field(default_factory=list)
    pictures: list[tuple[int, int, bytes]] = field(default_factory=list)
    """Width in bytes, height in dots, dots."""
    cuts: int = 0
    chinese: bool = False

    @property
    def text(self) -> str:
        return "\n".join(row.text for row in self.rows)


def read_paper(data: bytes, encoding: str = "gbk") -> Paper:
    """What these bytes print."""
    paper = Paper()
    at, size, bold, line = 0, 0, False, bytearray()
    while at < len(data):
        command = data[at : at + 2]
        match command:
            case b"\x1b@":
                at += 2
            case b"\x1c&":
                paper.chinese = True
                at += 2
            case b"\x1ba":
                at += 3
            case b"\x1bE":
                bold, at = data[at + 2] == 1, at + 3
            case b"\x1bd":
                at += 3
            case b"\x1d!":
                size, at = data[at + 2], at + 3
            case b"\x1dh" | b"\x1dw" | b"\x1dH":
                at += 3
            case b"\x1dk":
                assert data[at + 2] == 73, "Code 128, function B"
                count = data[at + 3]
                content = data[at + 4 : at + 4 + count]
                assert content[:2] == b"{C"
                assert all(pair < 100 for pair in content[2:])
                paper.bar_codes.append("".join(f"{pair:02d}" for pair in content[2:]))
                at += 4 + count
            case b"\x1dv":
                wide, tall = (int.from_bytes(data[place : place + 2], "little") for place in (at + 4, at + 6))
                paper.pictures.append((wide, tall, data[at + 8 : at + 8 + wide * tall]))
                at += 8 + wide * tall
            case b"\x1dV":
                paper.cuts += 1
                at += 4
            case _ if data[at] == 0x0A:
                text = bytes(line).decode(encoding)
                columns = sum(1 if char.isascii() else 2 for char in text) * (2 if size else 1)
                paper.rows.append(PrintedRow(text, columns, bool(size), bold))
                line.clear()
                at += 1
            case _:
                assert data[at] >= 0x20, f"an unknown command at {at}: {command!r}"
                line.append(data[at])
                at += 1
    assert at == len(data)
    assert not line
    return paper
