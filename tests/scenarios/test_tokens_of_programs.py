"""Tokens by command and by page: made in one's own name, shown once, listed without a secret, revoked; by two where it takes two."""

import re

import pytest
from tests.worlds.house import House
from tests.worlds.office import PASSWORD, SHOP, Browser, come_in
from tests.worlds.program import Program

from zhanggui.basics.errors import Misuse
from zhanggui.cli import proposals, tokens
from zhanggui.cli.console import EXIT_WAITS
from zhanggui.programs.demo_people import DEMO_PASSWORD
from zhanggui.programs.settings import BySection, Settings


@pytest.fixture
def known(house: House) -> Settings:
    """The settings of a script in which one of the demo's people acts."""
    return Settings(data=str(house.folder), lang="en", by=BySection(password=DEMO_PASSWORD))


def test_a_token_by_command_opens_the_interface_until_it_is_revoked(
    known: Settings, office: str, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    tokens.add(known, "", "demo.owner", "报表", ["payments:view", "cases:view"], 30, "", as_json=False)
    said = capsys.readouterr().out
    (token,) = re.findall(r"zgt_[a-z2-7]{8}_[A-Za-z0-9_-]{43}", said)
    token_id = token.split("_")[1]
    with Program(office, token) as program:
        assert program.get("/payments").status_code == 200
        tokens.rotate(known, "demo.owner", token_id, as_json=False)
        assert program.get("/payments").status_code == 401
        (fresh,) = re.findall(r"zgt_\S+", capsys.readouterr().out)
    with Program(office, fresh) as program:
        assert program.get("/payments").status_code == 200
        tokens.revoke(known, "demo.owner", token_id, as_json=False)
        assert token_id in capsys.readouterr().out
        assert program.get("/payments").status_code == 401
    assert fresh.split("_", 2)[2] not in str(house.everything())


def test_the_console_alone_makes_none_and_nobody_beyond_the_own_rights(known: Settings) -> None:
    with pytest.raises(Misuse, match="in the own name"):
        tokens.add(known, "", "", "x", ["payments:view"], 30, "", as_json=True)
    with pytest.raises(Misuse, match="do not have this right yourself"):
        tokens.add(known, "", "demo.owner", "x", ["jobs:view"], 30, "", as_json=True)
    with pytest.raises(Misuse, match="no such token"):
        tokens.revoke(known, "demo.owner", "aaaaaaaa", as_json=True)


def test_what_takes_two_is_confirmed_without_a_secret_and_drawn_by_its_person(
    known: Settings, office: str, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as waits:
        tokens.add(known, "", "demo.owner", "策略", ["policy:do"], 30, "接入", as_json=True)
    assert waits.value.code == EXIT_WAITS
    capsys.readouterr()
    proposals.decide(known, "", "demo.admin", "confirm", 1, of_acquirer=False, as_json=True)
    assert "zgt_" not in capsys.readouterr().out
    (row,) = house.host_rows("api_tokens")
    tokens.rotate(known, "demo.owner", row["token_id"], as_json=False)
    (token,) = re.findall(r"zgt_\S+", capsys.readouterr().out)
    with Program(office, token) as program:
        assert program.get("/token").json()["token"]["scopes"] == ["policy:do"]


def test_a_token_by_the_page_is_shown_once_listed_and_revoked(owner: Browser, office: str) -> None:
    page = owner.get(f"/acts/add_token?merchant={SHOP}")
    form = {"merchant": SHOP, "name": "收银报表", "scopes": "payments:view", "days": "", "reason": "接入收银报表"}
    done = owner.submit(page, "/acts/add_token", form)
    (token,) = re.findall(r"zgt_[a-z2-7]{8}_[A-Za-z0-9_-]{43}", done.text)
    token_id = token.split("_")[1]
    with Program(office, token) as program:
        assert program.get("/payments").status_code == 200
        listed = owner.get("/tokens").text
        assert "收银报表" in listed
        assert token not in listed
        own = owner.get(f"/tokens/{token_id}")
        assert "吊销接口令牌" in own.text
        assert token not in own.text
        revoked = owner.submit(own, "/acts/revoke_token", {"merchant": SHOP, "token_id": token_id})
        assert "已完成" in revoked.text
        assert program.get("/payments").status_code == 401


def test_a_manager_sees_no_tokens_and_makes_none(office: str, house: House) -> None:
    with Browser(office) as manager:
        come_in(manager, house, "manager", "manager")
        assert manager.get("/tokens").status_code == 403
        assert manager.get(f"/acts/add_token?merchant={SHOP}").status_code == 403
        assert PASSWORD not in manager.get("/tokens").text


def test_the_page_of_the_interface_is_open_and_draws_every_address(office: str) -> None:
    with Browser(office, "en") as anybody:
        page = anybody.get("/api/v1/docs")
        assert page.status_code == 200
        for part in ("/payments/{merchant_no}", "/acts/reset_password", "problem-no_right", "openapi.json"):
            assert part in page.text
        assert "<script>" not in page.text
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "使用" in anybody.get("/api/v1/docs?lang=zh").text
