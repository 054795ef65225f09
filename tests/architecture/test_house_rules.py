"""Rules of the house that no linter knows: names, sizes, READMEs, finished work, locks."""

import re
import tomllib
from pathlib import Path

import pytest

import zhanggui

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "src" / "zhanggui"
PACKAGES = sorted(path.parent for path in HOUSE.rglob("__init__.py") if path.parent != HOUSE)
MODULES = sorted([*HOUSE.rglob("*.py"), *HOUSE.rglob("*.js"), *HOUSE.rglob("*.css")])

LINES_MAX = 500
"""A file above this mixes two subjects; the median of good code is 60 to 250."""
README_LINES_MAX = 10
EMPTY_NAMES = re.compile(r"^_?(utils?|helpers?|common|managers?|misc|shared)$|_(utils?|helpers?|managers?)$")
UNFINISHED = re.compile(r"\b(TODO|FIXME|HACK|NotImplementedError)\b|[Cc]oming soon|敬请期待")


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def place_in_house(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_a_files_name_says_what_is_in_it() -> None:
    named_for_nothing = [place(path) for path in HOUSE.rglob("*") if EMPTY_NAMES.search(path.stem)]
    assert not named_for_nothing, "say in the name what is in it and what is not"


@pytest.mark.parametrize("name", ["utils", "_util", "helpers", "common", "manager", "key_manager", "string_utils"])
def test_names_that_say_nothing_are_seen(name: str) -> None:
    assert EMPTY_NAMES.search(name)


def test_a_file_keeps_to_one_subject() -> None:
    too_long = [f"{place(path)}: {count} lines" for path in MODULES if (count := line_count(path)) > LINES_MAX]
    assert not too_long, f"split what is over {LINES_MAX} lines"


@pytest.mark.parametrize("room", PACKAGES, ids=place_in_house)
def test_a_room_has_a_short_readme(room: Path) -> None:
    readme = room / "README.md"
    assert readme.is_file(), f"{place(room)} needs a README.md: purpose, law of imports, where to start reading"
    assert 1 <= line_count(readme) <= README_LINES_MAX


def test_every_readme_in_the_house_is_short() -> None:
    too_long = [place(path) for path in HOUSE.rglob("README.md") if line_count(path) > README_LINES_MAX]
    assert not too_long


def test_nothing_in_the_source_is_left_for_later() -> None:
    left = [
        f"{place(path)}:{number}: {found[0]}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := UNFINISHED.search(line))
    ]
    assert not left


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        place(path)
        for path in HOUSE.rglob("*.py")
        if (text := path.read_text(encoding="utf-8").strip()) and not text.startswith(('"""', 'r"""'))
    ]
    assert not silent, "a module starts with its docstring"


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == zhanggui.__version__
    assert f"## {zhanggui.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    """Package → version of a lock file."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9_.\-]+)(?:\[[^\]]*\])?==([^\s;]+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_with_hashes_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(entries) == len(pins(lock)) > 10
    assert all("--hash=sha256:" in entry for entry in entries)


def test_what_runs_is_what_was_tested() -> None:
    tested = pins("requirements-dev.lock")
    assert {name: tested.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["build"]]
    names = {re.split(r"[\[<>=~!; ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in wanted}
    assert names <= pins("requirements.lock").keys()
