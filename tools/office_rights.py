"""Write docs/reference/office-rights.md from the tables of `acquirer/people`: `python tools/office_rights.py`. A test compares."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from zhanggui.acquirer.people.rights import AREAS, ROLES, Area
from zhanggui.acquirer.rows.records import OfficeRole

BY_PROGRAM = {"one": "yes", "two": "made by two", "never": "never"}
"""What a token may do in an area, by the word of rights.toml."""
PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "office-rights.md"


def page() -> str:
    """The whole page."""
    return "\n\n".join(office_rights()) + "\n"


def office_rights() -> Iterator[str]:
    """People of the office: area × role, and what the marks are."""

    def marks(area: Area, role: OfficeRole) -> str:
        held = {"v": area.view, "d": area.do, "e": area.export, "c": area.confirm}
        return " ".join(mark for mark, roles in held.items() if role in roles) or "–"

    roles = tuple(ROLES)
    yield "# Rights of people of the office 后台权限"
    yield "<!-- Written by tools/office_rights.py. Change acquirer/people/rights.toml or roles.toml, not this page. -->"
    yield (
        "v: see it. d: act in it. e: take its contents away. c: confirm there what somebody else proposed; whoever may act in it may "
        "confirm too, but never what is his or her own. Owner and manager have their rights in their own shop only."
    )
    yield (
        "The last column: whether a program may do these acts by a token, which never may more than its person. Yes: by a token "
        "that this person alone made. Made by two: a second person has confirmed the token. Never: people alone do it. What the "
        "console alone does has no address in [the interface](../guides/use-the-interface.md), whatever the token."
    )
    yield _table(
        ("area", "中文", "English", *roles, "acts", "by a program's token"),
        [
            (
                f"`{name}`",
                area.zh,
                area.en,
                *(marks(area, role) for role in roles),  # type: ignore[arg-type]  # the rows of roles.toml
                " ".join(f"`{act}`" for act in area.acts) or "–",
                BY_PROGRAM[area.by_program] if area.acts else "–",
            )
            for name, area in AREAS.items()
        ],
    )
    yield _table(
        ("role", "中文", "English", "whose", "given by", "second factor", "needs a second person when given by"),
        [
            (
                f"`{name}`",
                row.zh,
                row.en,
                row.side,
                ", ".join(row.given_by),
                _yes(row.second_factor),
                ", ".join(row.two_by) or "–",
            )
            for name, row in ROLES.items()
        ],
    )


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "–"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
