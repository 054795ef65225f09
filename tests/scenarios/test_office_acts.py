"""Acts in the office over TCP: done by the person's own right, with a reason where it is dangerous, by two where the act asks for two."""

import re
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import zxingcpp
from PIL import Image
from tests.worlds.house import House
from tests.worlds.office import PASSWORD, SHOP, Browser, come_in

from zhanggui.cup.order_kinds import GIVEN_KINDS
from zhanggui.host.act_table import ACTS
from zhanggui.office.acts import NOT_HERE, OFFICE_ACTS
from zhanggui.office.routes import Right
from zhanggui.office.table import ROUTES

WHY = "忘记密码，本人在场"
QUIET = 4
"""Modules of white around a code."""


def notes(house: House, action: str) -> list[dict[str, object]]:
    return [row for row in house.host_rows("audit_notes") if row["action"] == action]


def operator(house: House, number: str) -> dict[str, object]:
    (row,) = [row for row in house.host_rows("operators") if row["operator_no"] == number]
    return row


def form(**values: str) -> dict[str, str]:
    return {"merchant": SHOP, **values}


def act(browser: Browser, name: str, /, **values: str) -> str:
    """Open an act's form and send it; what the page says then."""
    path = f"/acts/{name}"
    page = browser.get(f"{path}?merchant={SHOP}")
    return unescape(browser.submit(page, path, form(**values)).text)


def test_an_operator_is_reset_with_a_reason_and_the_password_is_shown_once(owner: Browser, house: House) -> None:
    before = operator(house, "01")["verifier"]
    without = act(owner, "reset_password", operator_no="01")
    assert "请写明原因" in without
    assert operator(house, "01")["verifier"] == before
    done = act(owner, "reset_password", operator_no="01", reason=WHY)
    (password,) = re.findall(r'class="secret"><code>(\d+)</code>', done)
    (note,) = notes(house, "reset_password")
    assert (note["actor"], note["subject"], note["reason"]) == ("person:owner", "01", WHY)
    assert operator(house, "01")["verifier"] != before
    assert password not in str(house.host_rows("audit_notes"))
    assert password not in owner.get(f"/operators/{SHOP}/01").text


def read_code(page: str) -> str:
    """What a phone reads off the code that a page draws."""
    (side, drawing) = re.findall(r'<svg class="code" viewBox="0 0 (\d+) .*?>(.*?)</svg>', page)[0]
    picture = Image.new("L", (int(side) + 2 * QUIET,) * 2, 255)
    for x, y in re.findall(r"M(\d+) (\d+)h1", drawing):
        picture.putpixel((int(x) + QUIET, int(y) + QUIET), 0)
    (found,) = zxingcpp.read_barcodes(picture.resize((picture.width * 4, picture.height * 4)))
    return found.text


def test_a_code_that_is_set_up_in_the_office_is_as_long_as_the_shop_asks(owner: Browser) -> None:
    assert "已完成" in act(owner, "set_rule", rule="code_digits", value="8", reason="八位更稳妥")
    done = act(owner, "enrol_code", operator_no="01")
    (secret,) = re.findall(r'class="secret"><code>([A-Z2-7]+)</code>', done)
    address = urlsplit(read_code(done))
    said = parse_qs(address.query)
    assert (said["secret"], said["digits"], said["issuer"]) == ([secret], ["8"], ["Zhanggui"])
    assert unquote(address.path) == f"/Zhanggui:{SHOP}-01", "an operator 01 of another shop is another line of the app"


def test_what_the_rule_refuses_is_said_and_changes_nothing(owner: Browser, house: House) -> None:
    count = len(house.host_rows("audit_notes"))
    assert "没有这个操作员" in act(owner, "disable_operator", operator_no="77", reason=WHY) or "77" in act(
        owner, "disable_operator", operator_no="77", reason=WHY
    )
    assert "不对或没有填" in act(owner, "set_shift_code", hours="many")
    assert len(house.host_rows("audit_notes")) == count


def test_a_value_out_of_bounds_is_said_at_its_form_and_disturbs_nobody(owner: Browser, house: House) -> None:
    said = act(owner, "set_rule", rule="idle_lock_s", value="5", reason="试试")
    assert "from 30 to 900" in said
    assert house.host_rows("merchants")[0]["policy_overrides"] == ""


def test_an_operator_is_added_and_stands_in_the_list(owner: Browser, house: House) -> None:
    assert "已完成" in act(owner, "add_operator", operator_no="07", name="周末")
    assert operator(house, "07")["name"] == "周末"
    assert "周末" in owner.get("/operators").text


def test_a_terminal_is_locked_from_afar_by_an_order(owner: Browser, house: House) -> None:
    said = act(owner, "order_remote_lock", terminal_no="10000001", contents="请联系店长", reason="收银台没有人")
    assert "已完成" in said, said[said.index("<main") :]
    (order,) = house.host_rows("terminal_orders")
    assert (order["kind"], order["terminal_no"], order["given_by"]) == ("remote_lock", "10000001", "person:owner")
    assert "远程锁定" in owner.get(f"/terminals/{SHOP}/10000001").text


def test_a_manager_may_not_what_only_an_owner_may(office: str, house: House, owner: Browser) -> None:
    with Browser(office) as manager:
        come_in(manager, house, "manager", "manager")
        assert manager.get(f"/acts/use_profile?merchant={SHOP}").status_code == 403
        token_page = manager.get(f"/acts/unlock_operator?merchant={SHOP}")
        refused = manager.submit(token_page, "/acts/use_profile", form(profile="strict", reason=WHY))
        assert refused.status_code == 403
        assert "店主" in refused.text, "it names who has the right"


def test_an_act_at_another_shop_is_not_there(owner: Browser, house: House) -> None:
    page = owner.get(f"/acts/reset_password?merchant={SHOP}")
    answer = owner.submit(
        page, "/acts/reset_password", {"merchant": "102100058129999", "operator_no": "01", "reason": WHY}
    )
    assert answer.status_code == 404
    assert not notes(house, "reset_password")


def test_a_policy_needs_two_and_nobody_confirms_his_own(office: str, house: House, owner: Browser) -> None:
    said = act(owner, "use_profile", profile="strict", reason="明年起按等保三级")
    (path,) = re.findall(r'href="(/proposals/[^"]+)"', said)
    assert "须由另一人复核" in said
    assert house.host_rows("merchants")[0]["policy"] == "basic"
    mine = owner.get(path)
    assert "同意并执行" not in mine.text
    assert owner.submit(mine, f"{path}/confirm", {}).status_code == 422
    assert house.host_rows("merchants")[0]["policy"] == "basic"
    with Browser(office) as second:
        come_in(second, house, "partner", "owner")
        page = second.get(path)
        assert "明年起按等保三级" in page.text
        assert "已同意并执行" in second.submit(page, f"{path}/confirm", {}).text
        assert second.submit(second.get(path.rpartition("/")[0] and "/"), f"{path}/confirm", {}).status_code == 422
    assert house.host_rows("merchants")[0]["policy"] == "strict"
    (note,) = notes(house, "set_policy")
    assert "owner" in str(note["actor"])
    assert "partner" in str(note["actor"])


def test_a_person_is_invited_by_a_link_that_works_once(office: str, owner: Browser, house: House) -> None:
    said = act(owner, "invite_person", login="newman", name="新店长", role="manager")
    (link,) = re.findall(r'href="(/invitation/[^"]+)"', said)
    with Browser(office) as invited:
        assert "今日" in invited.post(link, {"password": PASSWORD, "again": PASSWORD}).text
    assert "新店长" in owner.get("/people").text
    assert "newman" in owner.get("/people/newman").text
    act(owner, "disable_person", login="newman", reason="离职")
    with Browser(office) as gone:
        assert gone.sign_in("newman").status_code == 422


def test_the_policy_page_says_each_rule_and_leads_to_who_changed_it(owner: Browser) -> None:
    page = owner.get("/policy")
    assert f"/policy/{SHOP}" in str(page.url)
    assert "idle_lock_s" in page.text
    assert "谁改过" in page.text
    assert owner.get(f"/audit?shop={SHOP}&action=set_policy").status_code == 200


def test_each_act_is_offered_or_says_why_not() -> None:
    assert set(OFFICE_ACTS) | set(NOT_HERE) == set(ACTS)
    assert not set(OFFICE_ACTS) & set(NOT_HERE)
    texts = {f"order_{name}" for name, kind in GIVEN_KINDS.items() if kind.contents == "text"}
    assert texts == {name for name, one in OFFICE_ACTS.items() if "contents" in one.fields}
    rights = {route.path: route.right for route in ROUTES if route.path.startswith("/acts/")}
    assert all(rights[one.path] == Right(one.area, "do") for one in OFFICE_ACTS.values())
    for one in OFFICE_ACTS.values():
        assert {*one.fields} <= {*one.row.asked.__struct_fields__}
