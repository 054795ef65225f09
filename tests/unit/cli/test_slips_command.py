"""`zhanggui slips`: what a terminal printed, listed and written in each form, with what was signed on it."""

from pathlib import Path

import msgspec
import pytest
from tests.worlds.paper_reader import read_paper
from tests.worlds.slip_samples import LONG_NAME, NOW, SIGNED, slips

from zhanggui.basics.errors import Misuse
from zhanggui.cli import slips as command
from zhanggui.programs.settings import Settings
from zhanggui.terminal.devices.printer import SLIPS, SlipArchive
from zhanggui.terminal.settings import TerminalSettings, terminal_folder, write_settings

NUMBER = "10000001"


@pytest.fixture
def printed(tmp_path: Path) -> Settings:
    """A terminal that printed a sale on an e-signature model, and a shift's figures."""
    write_settings(tmp_path, TerminalSettings(number=NUMBER, model="esign", merchant_no="102100058120001"))
    archive = SlipArchive(terminal_folder(tmp_path, NUMBER) / SLIPS)
    made = slips(model="esign", name=LONG_NAME)
    archive.keep(made["shift"], NOW, ())
    archive.keep(made["sale-merchant"], type(NOW)(NOW + 1000), SIGNED)
    return Settings(data=str(tmp_path))


def wanted(**changed: object) -> command.Wanted:
    plain = command.Wanted(format="text", paper="58", encoding="gbk", out=None, font=None)
    return msgspec.structs.replace(plain, **changed)


def test_the_archive_is_listed_newest_first(printed: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    command.list_slips(printed, NUMBER, 50, as_json=True)
    rows = msgspec.json.decode(capsys.readouterr().out)
    assert [row["slip"] for row in rows] == ["000012-merchant", "000007-shift"]
    assert rows[0]["printed_at"][:10] == rows[1]["printed_at"][:10] == "2026-11-23"


def test_a_slip_is_written_as_text_picture_and_bytes(
    printed: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command.write(printed, NUMBER, "000012-merchant", wanted(), as_json=False)
    assert "RMB 12.34" in capsys.readouterr().out
    for paper, dots in (("58", 384), ("80", 576)):
        picture, data = tmp_path / f"{paper}.png", tmp_path / f"{paper}.bin"
        command.write(printed, NUMBER, "000012-merchant", wanted(format="png", paper=paper, out=picture), as_json=True)
        assert picture.read_bytes()[1:4] == b"PNG"
        assert int.from_bytes(picture.read_bytes()[16:20]) == dots + 48
        command.write(printed, NUMBER, "000012-merchant", wanted(format="escpos", paper=paper, out=data), as_json=True)
        printed_on = read_paper(data.read_bytes())
        assert printed_on.bar_codes == ["1123085503011123654321"]
        assert any(tall == dots // 3 for _, tall, _ in printed_on.pictures), "what was signed is on it"
        assert "〓" not in printed_on.text


def test_nothing_is_overwritten_and_a_picture_needs_a_file(printed: Settings, tmp_path: Path) -> None:
    there = tmp_path / "slip.txt"
    there.write_text("mine", encoding="utf-8")
    with pytest.raises(Misuse, match="not overwritten"):
        command.write(printed, NUMBER, "000012-merchant", wanted(out=there), as_json=False)
    assert there.read_text(encoding="utf-8") == "mine"
    with pytest.raises(Misuse, match="--out"):
        command.write(printed, NUMBER, "000012-merchant", wanted(format="png"), as_json=False)
    with pytest.raises(Misuse, match="no slip"):
        command.write(printed, NUMBER, "000099-merchant", wanted(), as_json=False)
