"""Docs that cannot rot: links lead somewhere, decisions keep their form, the glossary has one word for one thing."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest

from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.payment.kinds import ALL

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)|<img[^>]*\ssrc=\"([^\"]+)\"")


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_every_link_and_picture_of_a_page_is_there(page: Path) -> None:
    targets = [unquote(first or second) for first, second in LINK.findall(page.read_text(encoding="utf-8"))]
    lost = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not lost


@pytest.mark.parametrize("page", DECISIONS, ids=place)
def test_a_decision_says_context_choice_and_what_was_given_up(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Choice", "What we gave up"]
    assert text.startswith(f"# {int(page.name[:4])}. ")


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("shelf", ["tutorial", "guides", "concepts", "reference"])
def test_every_page_is_linked_from_the_page_of_shelves(shelf: str) -> None:
    """Decisions are numbered and listed by their folder; any other page must be found by somebody who does not know its name."""
    shelves = ROOT / "docs" / "README.md"
    linked = {first for first, _ in LINK.findall(shelves.read_text(encoding="utf-8"))}
    assert {path.relative_to(shelves.parent).as_posix() for path in (shelves.parent / shelf).glob("*.md")} <= linked


def glossary_rows() -> list[list[str]]:
    text = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if row[0] != "中文" and not set(row[0]) <= set("-")]


def test_the_glossary_has_one_word_for_one_thing() -> None:
    rows = glossary_rows()
    assert len(rows) >= 60
    assert all(len(row) == 4 and all(row) for row in rows), "four columns: 中文, English, where it stands, meaning"
    twice = [word for column in (0, 1) for word, count in Counter(row[column] for row in rows).items() if count > 1]
    assert not twice


def test_the_page_of_the_whole_product_names_each_kind_of_payment_before_what_is_to_come() -> None:
    """It says how far each part is: a kind that terminals offer is no promise."""
    lines = (ROOT / "docs" / "concepts" / "mission.md").read_text(encoding="utf-8").splitlines()
    today = "\n".join(re.split("[;:] .*to come", line)[0] if line.endswith("to come |") else line for line in lines)
    kept = today + "\n".join(line.partition("; offline")[0] for line in lines)
    assert [kind.name for kind in ALL if PAYMENTS[kind.name].of("zh") not in kept] == []


def test_each_act_and_rule_that_folders_hold_is_told_by_their_readme() -> None:
    """A folder of folders names them all: a newcomer reads the README first."""
    silent = []
    for page in sorted((ROOT / "src").rglob("README.md")):
        text = page.read_text(encoding="utf-8")
        rooms = [each.name for each in page.parent.iterdir() if (each / "__init__.py").exists()]
        silent += [f"{place(page)}: {room}" for room in rooms if room not in text]
    assert silent == []


def test_whoever_takes_part_is_told_every_word_of_make_and_every_folder_of_tests() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    words = re.findall(r"^([a-z-]+):.* ## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    folders = [each.name for each in (ROOT / "tests").iterdir() if each.is_dir() and not each.name.startswith("__")]
    assert "fuzz" in words
    missing = [word for word in words if word not in ("help", "install", "dev") and f"make {word}" not in told]
    assert missing + [folder for folder in folders if f"`{folder}`" not in told] == []
