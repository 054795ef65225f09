"""Whoever works in a shop reads Chinese: these pages stand in both languages, with the same steps, paragraphs, commands, pictures and links."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("tutorial/first-day", "tutorial/whole-day", "guides/manage-operators", "guides/use-the-interface")
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


def parts(text: str) -> list[tuple[int, int, int]]:
    """Of each section: paragraphs that begin in bold, rows of tables, and paragraphs of any kind; a block of commands is one."""
    without_blocks = re.sub(r"^```.*?^```", "```", text, flags=re.MULTILINE | re.DOTALL)
    return [
        (
            len(re.findall(r"^\*\*", section, re.MULTILINE)),
            len(re.findall(r"^\|", section, re.MULTILINE)),
            len(re.findall(r"(?:^.+\n?)+", section, re.MULTILINE)),
        )
        for section in re.split(r"^#+ .*$", without_blocks, flags=re.MULTILINE)
    ]


def options(text: str) -> set[str]:
    """Options of commands, also those that only a comment names."""
    return set(re.findall(r"--[a-z][a-z-]*", text))


def targets(text: str) -> list[str]:
    """Where links and pictures lead: to a page in whichever language, to a heading by whatever words."""
    found = re.findall(r"\]\(([^)]+)\)|<(http[^>]+)>", text)
    return [(link or address).replace(".zh.md", ".md").partition("#")[0] for link, address in found]


def typed(text: str) -> set[str]:
    return set(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("read_out", [commands, steps, parts, options, targets, typed], ids=lambda part: part.__name__)
def test_a_page_says_the_same_in_both_languages(page: str, read_out: object) -> None:
    assert callable(read_out)
    english, chinese = read_out(read(f"{page}.md")), read_out(read(f"{page}.zh.md"))
    assert english
    assert english == chinese


@pytest.mark.parametrize("page", PAGES)
def test_a_chinese_page_leads_to_chinese_pages_and_to_headings_that_are_there(page: str) -> None:
    here = DOCS / f"{page}.zh.md"
    for path, heading in re.findall(r"\]\(([^)#]+\.md)#?([^)]*)\)", here.read_text(encoding="utf-8")):
        target = (here.parent / path).resolve()
        assert path.endswith(".zh.md") or not target.with_suffix(".zh.md").exists(), path
        assert not heading or f"## {heading}\n" in target.read_text(encoding="utf-8"), heading


@pytest.mark.parametrize("page", PAGES)
def test_a_chinese_page_is_chinese(page: str) -> None:
    prose = re.sub(r"^```.*?^```", "", read(f"{page}.zh.md"), flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in prose.splitlines() if line.strip() and not line.startswith(("|---", "<http"))]
    assert [line for line in lines if not HAN.search(line)] == []


def test_a_page_that_loses_a_step_is_seen() -> None:
    text = read("tutorial/first-day.md")
    assert steps(text.replace("## 5. ", "## ")) != steps(text)
    assert parts(text.replace("**No paper.**", "No paper.")) != parts(text)
    assert parts("## 4. A day\n\n**One.** Text\ngoes on.\n\n| a |\n| b |\n") == [(0, 0, 0), (1, 2, 2)]
    assert parts(text.replace("\n\n**No paper.**", "\n**No paper.**")) != parts(text)
    assert commands("```\nmake demo  # shop\n```\n") == ["make demo"]
