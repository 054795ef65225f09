"""`zhanggui operators badge` beside a running host: the badge is in its files alone, counts at once, and is worth nothing when revoked."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image
from tests.worlds.floor import PASSPHRASE, PASSWORDS, Floor, Shop, TestClock, make_data
from tests.worlds.raw_files import raw

from zhanggui.acquirer.rows.records import AuditNote, Badge
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Misuse
from zhanggui.basics.secret import Secret
from zhanggui.cli import badge_picture, operators, policy
from zhanggui.cli.badge_picture import DIGITS, matrix
from zhanggui.programs.settings import BySection, PhoneSection, Settings
from zhanggui.vault.badge import badge_number, badge_secret, is_badge

WANG = PASSWORDS["01"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """A host of this module's own, whose clock begins now: commands go by the true time."""
    folder = tmp_path_factory.mktemp("badges")
    make_data(folder)
    clock = TestClock()
    clock.at = SystemClock().now()
    floor = Floor(folder, clock).start()
    yield floor
    floor.stop()


@pytest.fixture
def shop(running: Floor) -> Iterator[Shop]:
    """A shop of this test's own."""
    running.clock.at = SystemClock().now()
    opened = running.shop()
    yield opened
    opened.hang_up()


@pytest.fixture
def told(shop: Shop, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run a command over the shop with `--json`; the answer is what it printed."""
    settings = Settings(data=str(shop.floor.folder), passphrase=PASSPHRASE)

    def tell(command: Callable[..., None], *arguments: object, by: str = "") -> Any:
        capsys.readouterr()
        proven = msgspec.structs.replace(settings, by=BySection(password=PASSWORDS[by])) if by else settings
        command(proven, str(shop.merchant_no), by, *arguments, as_json=True)
        return msgspec.json.decode(capsys.readouterr().out)

    return tell


def badge_in(card: Path) -> Secret:
    """The badge of a virtual staff card."""
    text = msgspec.json.decode(card.read_bytes())["badge"]
    assert is_badge(text)
    return Secret(text)


def modules(badge: Secret) -> bytes:
    """A badge's code, a grey pixel a module."""
    return b"".join(bytes(0 if dot else 255 for dot in row) for row in matrix(badge))


def test_without_letters_the_picture_has_the_number_and_the_command_says_so(
    shop: Shop, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(badge_picture, "_name_dots", lambda name, columns: None)
    settings = Settings(data=str(shop.floor.folder), passphrase=PASSPHRASE, lang="en")
    operators.issue_badge(settings, str(shop.merchant_no), "", "01", {"png": tmp_path / "b.png"}, as_json=False)
    assert "the number alone" in capsys.readouterr().out
    with Image.open(tmp_path / "b.png") as picture:
        below = picture.crop((0, picture.width, picture.width, picture.height)).histogram()
    assert sum(below[:128]) == 36 * sum("".join(DIGITS[digit]).count("1") for digit in (0, 1))


def test_a_badge_is_printed_counts_at_once_and_takes_the_place_of_the_one_before(
    shop: Shop, told: Callable[..., Any], tmp_path: Path
) -> None:
    at, first, second = shop.terminals[0], tmp_path / "first.json", tmp_path / "second.json"
    issued = told(operators.issue_badge, "1", {"card": first}, by="00")
    badge = badge_in(first)
    assert issued == {"operator_no": "01", "badge_no": badge_number(badge), "files": [str(first)]}
    assert at.verify_badge(badge, WANG).code == "00"
    told(operators.issue_badge, "01", {"card": second})
    assert at.verify_badge(badge, WANG).code == "P1"
    assert shop.records[-1].reason == "badge_revoked"
    assert at.verify_badge(badge_in(second), WANG).code == "00"
    assert [row.issued_by for row in sorted(shop.rows(Badge), key=lambda row: row.issued_ms)] == [
        "console:00",
        "console",
    ]
    assert [(note.action, note.detail) for note in shop.rows(AuditNote)] == [
        ("issue_badge", badge_number(badge)),
        ("issue_badge", f"{badge_number(badge_in(second))} for {badge_number(badge)}"),
    ]


def test_a_revoked_badge_opens_nothing_and_what_stood_on_it_alone_ends(
    shop: Shop, told: Callable[..., Any], tmp_path: Path
) -> None:
    at, card = shop.terminals[0], tmp_path / "card.json"
    told(policy.set_rule, "badge", "alone")
    told(operators.issue_badge, "01", {"card": card})
    verified = at.verify_badge(badge_in(card))
    assert at.confirm("01", str(shop.records[-1].record_no)).code == verified.code == "00"
    assert at.sell("01").code == "00"
    assert told(operators.revoke_badge, "01") == {"operator_no": "01", "done": "badge_revoked"}
    assert at.sell("01").code == "77"
    assert [session.end_reason for session in shop.sessions] == ["badge_revoked"]
    assert at.verify_badge(badge_in(card)).code == "P1"
    with pytest.raises(Misuse, match="没有有效的工牌"):
        told(operators.revoke_badge, "01")


def test_a_session_with_a_password_outlives_the_badge(shop: Shop, told: Callable[..., Any], tmp_path: Path) -> None:
    at, card = shop.terminals[0], tmp_path / "card.json"
    told(operators.issue_badge, "01", {"card": card})
    at.verify_badge(badge_in(card), WANG)
    at.confirm("01", str(shop.records[-1].record_no))
    told(operators.revoke_badge, "01")
    assert at.sell("01").code == "00"


def test_the_picture_and_the_page_are_the_owners_files_and_the_output_says_no_secret(
    shop: Shop, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = Settings(data=str(shop.floor.folder), passphrase=PASSPHRASE)
    files = {"png": tmp_path / "b.png", "pdf": tmp_path / "b.pdf", "card": tmp_path / "b.json"}
    operators.issue_badge(settings, str(shop.merchant_no), "", "01", files, as_json=False)
    badge = badge_in(files["card"])
    printed = capsys.readouterr()
    said = printed.out + printed.err
    assert badge_number(badge) in said
    assert badge.reveal()[12:] not in said
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files.values())
    with Image.open(files["png"]) as picture:
        assert 290 <= picture.width < picture.height
        below = picture.crop((0, picture.width, picture.width, picture.height)).histogram()
        code = picture.crop((40, 40, picture.width - 40, picture.width - 40))
        assert code.resize((len(matrix(badge)),) * 2, Image.Resampling.NEAREST).tobytes() == modules(badge), (
            "dark where the code is"
        )
    assert sum(below[:128]) > 1_000, "a caption"
    page = files["pdf"].read_bytes()
    assert page.startswith(b"%PDF-")
    assert b"(01) Tj" in page
    assert f"<{'王芳'.encode('utf-16-be').hex().upper()}> Tj".encode() in page
    assert "员工卡 01 王芳" in files["card"].read_text(encoding="utf-8")
    assert f"虚拟员工卡见 {files['card']}" in said
    assert said.count("打印后请删除文件") == 2, "of what is printed, and not of the card"


def test_a_file_that_is_there_costs_nobody_the_badge_that_counts(
    shop: Shop, told: Callable[..., Any], tmp_path: Path
) -> None:
    card, taken = tmp_path / "card.json", tmp_path / "taken.png"
    taken.write_text("mine")
    told(operators.issue_badge, "01", {"card": card})
    with pytest.raises(Misuse, match=r"taken\.png"):
        told(operators.issue_badge, "01", {"pdf": tmp_path / "new.pdf", "png": taken})
    assert not (tmp_path / "new.pdf").exists()
    assert taken.read_text() == "mine"
    assert shop.terminals[0].verify_badge(badge_in(card), WANG).code == "00"
    with pytest.raises(Misuse, match="say where the badge goes"):
        told(operators.issue_badge, "01", {})


@pytest.mark.parametrize(
    ("number", "by", "says"), [("00", "", "only cashiers"), ("77", "", "no such"), ("01", "02", "may not")]
)
def test_a_badge_that_is_refused_leaves_no_file(
    shop: Shop, told: Callable[..., Any], tmp_path: Path, number: str, by: str, says: str
) -> None:
    with pytest.raises(Misuse):
        told(operators.issue_badge, number, {"png": tmp_path / "b.png"}, by=by)
    assert list(tmp_path.iterdir()) == []
    assert shop.rows(Badge) == [], says


def test_no_file_of_the_host_holds_a_badges_secret(shop: Shop, told: Callable[..., Any], tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    told(operators.issue_badge, "01", {"card": card})
    badge = badge_in(card)
    shop.terminals[0].verify_badge(badge, "0001")
    shop.terminals[0].verify_badge(badge, WANG)
    secret = badge_secret(badge)
    forms = (badge.reveal()[12:].encode(), secret, secret.hex().encode(), secret.hex().upper().encode())
    searched = 0
    for path in shop.floor.folder.rglob("*"):
        if path.is_file():
            content, searched = raw(path), searched + 1
            assert not any(form in content for form in forms), path.name
    assert searched > 5


@pytest.mark.parametrize(
    ("listen", "value", "noted"), [("", "true", True), ("127.0.0.1", "true", False), ("", "false", False)]
)
def test_whoever_lets_phones_in_is_told_where_no_page_is_served(
    shop: Shop, capsys: pytest.CaptureFixture[str], listen: str, value: str, noted: bool
) -> None:
    settings = Settings(data=str(shop.floor.folder), passphrase=PASSPHRASE, phone=PhoneSection(listen=listen))
    if value == "false":
        policy.set_rule(settings, str(shop.merchant_no), "", "phone", "true", as_json=True)
    capsys.readouterr()
    policy.set_rule(settings, str(shop.merchant_no), "", "phone", value, as_json=False)
    assert ("phone.listen" in capsys.readouterr().out) == noted
