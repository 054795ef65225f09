"""Whoever works in a shop reads Chinese: these pages stand in both languages, with the same steps, commands, pictures and links."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("tutorial/first-day", "tutorial/whole-day", "guides/manage-operators")
HAN = re.compile(r"[\u4e00-\u9fff]")


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def commands(text: str) -> list[str]:
    """What is typed, in order; what stands behind it as a comment may be in any language."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line.partition(" #")[0].rstrip() for block in blocks for line in block.splitlines()]


def steps(text: str) -> list[str]:
    """The numbers of the headings, or nothing where there is none: their words differ."""
    return re.findall(r"^#+ (\d*)", text, re.MULTILINE)


def targets(text: str) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)|<(http[^>]+)>", text)


def typed(text: str) -> set[str]:
    return set(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("read_out", [commands, steps, targets, typed], ids=lambda part: part.__name__)
def test_a_page_says_the_same_in_both_languages(page: str, read_out: object) -> None:
    assert callable(read_out)
    english, chinese = read_out(read(f"{page}.md")), read_out(read(f"{page}.zh.md"))
    assert english
    assert english == chinese


@pytest.mark.parametrize("page", PAGES)
def test_a_chinese_page_is_chinese(page: str) -> None:
    prose = re.sub(r"^```.*?^```", "", read(f"{page}.zh.md"), flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in prose.splitlines() if line.strip() and not line.startswith(("|---", "<http"))]
    assert [line for line in lines if not HAN.search(line)] == []


def test_a_page_that_loses_a_step_is_seen() -> None:
    text = read("tutorial/first-day.md")
    assert steps(text.replace("## 5. ", "## ")) != steps(text)
    assert commands("```\nmake demo  # shop\n```\n") == ["make demo"]
