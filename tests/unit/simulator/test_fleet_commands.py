"""`fleet make`, `findings` and `review` over a data folder: what a person would see."""

import asyncio
import json
from pathlib import Path

import pytest

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import UnixMs
from zhanggui.cli import findings, fleet, review
from zhanggui.programs.demo import make_demo
from zhanggui.programs.settings import Settings

MERCHANT = "102100054110001"


class Noon:
    """A clock that stands still: 2026-03-01, 12:00 in China."""

    def now(self) -> UnixMs:
        return UnixMs(1_772_337_600_000)

    def elapsed_s(self) -> float:
        return 0.0


def make(settings: Settings, out: Path | None, incidents: str = "all") -> None:
    fleet.make(settings, Noon(), terminals=10, days=20, seed=2, incidents=incidents, until="", out=out, as_json=True)


def test_a_data_folder_takes_a_fleet_and_tells_its_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(data=str(tmp_path / "data"), lang="en")
    settings.data_path.mkdir()
    asyncio.run(make_demo(settings, Noon(), SeededChance(1), lambda step: None))
    make(settings, None, "spraying=2")
    made = json.loads(capsys.readouterr().out)
    assert made["labels"] == 2

    findings.findings(settings, Noon(), days=30, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert sum(row["detector"] == "spraying" for row in found) == 2
    assert all(row["zh"]["do"] and row["en"]["do"] for row in found)

    findings.findings(settings, Noon(), days=30, as_json=False)
    assert "spraying · terminal F000" in capsys.readouterr().out

    findings.evaluate_fleet(settings, settings.data_path, as_json=True)
    [score] = json.loads(capsys.readouterr().out)["detectors"]
    assert (score["detector"], score["recall"]) == ("spraying", 1.0)

    findings.metrics(settings, Noon(), days=30, as_json=True)
    assert json.loads(capsys.readouterr().out)[0]["name"] == "sign_in_success"

    review.review(settings, Noon(), shift=5, merchant=MERCHANT, as_json=True)
    reviewed = json.loads(capsys.readouterr().out)
    assert reviewed["figures"]["hours"] > 0
    assert reviewed["shop_shifts"] >= 4  # the four before it, and those that opened meanwhile
    review.review(settings, Noon(), shift=5, merchant=MERCHANT, as_json=False)
    assert "shift 5 · operator" in capsys.readouterr().out

    with pytest.raises(Misuse, match="already"):
        make(settings, None)
    with pytest.raises(Misuse, match="no session"):
        review.review(settings, Noon(), shift=999_999, merchant="", as_json=True)


def test_json_lines_and_a_database_of_one_seed_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(data=str(tmp_path / "data"), lang="zh")
    settings.data_path.mkdir()
    asyncio.run(make_demo(settings, Noon(), SeededChance(1), lambda step: None))
    make(settings, None)
    make(settings, tmp_path / "lines")
    capsys.readouterr()
    told = []
    for folder in (settings.data_path, tmp_path / "lines"):
        findings.evaluate_fleet(settings, folder, as_json=True)
        told.append(json.loads(capsys.readouterr().out)["detectors"])
    assert told[0] == told[1]


def test_a_folder_without_a_fleet_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="no fleet"):
        findings.evaluate_fleet(Settings(), tmp_path, as_json=True)
