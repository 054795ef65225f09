"""Screens of each kind in both languages, two slips and some cards, for the page's own tests."""

from msgspec.structs import replace

from zhanggui.basics.words import Lang
from zhanggui.cup.values.slip import Slip, SlipLine
from zhanggui.terminal.devices.ports import CardFace
from zhanggui.terminal.flow.screens.views import ChoiceView, EntryView, LineView, RowView, ScreenView, StatusView
from zhanggui.terminal.models.profiles import Profile

CARDS = (
    CardFace(
        "ok", "招商银行 一卡通", "CMB debit", "622588******1234", "密码 123456，批准", "PIN 123456, approved", True
    ),
    CardFace("poor", "余额不足的卡", "No funds", "622588******2234", "返回 51", "answers 51", True),
    CardFace("lost", "挂失卡", "Lost card", "622588******3234", "返回 41", "answers 41", True),
    CardFace("stripe", "磁条卡", "Stripe card", "621700******4234", "只能刷卡", "swipe only", False),
    CardFace(
        "silent",
        "无应答的卡",
        "Silent card",
        "622588******5234",
        "银行不应答，随后冲正",
        "no answer, then a reversal",
        True,
    ),
)


def gallery(lang: Lang, profile: Profile) -> dict[str, ScreenView]:
    """Every kind of screen by its id."""

    def say(zh: str, en: str) -> str:
        return zh if lang == "zh" else en

    status = StatusView(
        time="08:55",
        network=say("网络正常", "Network ok"),
        network_state="ok",
        printer=say("有纸", "Paper ok") if profile.printer else "",
        printer_state="ok" if profile.printer else "",
        power="86%" if profile.battery else "",
        power_state="ok" if profile.battery else "",
        operator="01 王芳",
        terminal_no="10000001",
        simulated=True,
    )
    empty = ScreenView(
        id="empty",
        lang=lang,
        title="",
        status=status,
        tone="calm",
        lines=(),
        entry=None,
        choices=(),
        rows=(),
        rows_title="",
        totals=(),
        digits=False,
        reader=(),
        signature=False,
        slips=(),
        code="",
        progress=(),
    )
    enter = ChoiceView("enter", say("确认", "Enter"), "primary", "enter")
    cancel = ChoiceView("cancel", say("取消", "Cancel"), "cancel", "cancel")
    rows = (
        RowView("08:41:10 000121", "622588******1234", "¥1,234.56", "good", "row.000001.000121"),
        RowView("08:32:55", "621700******4234  000010", say("¥58.00 已撤", "¥58.00 voided"), "warn"),
        RowView(
            "08:12:03 000119",
            say("未成功：余额不足 622588******2234", "Declined: no funds 622588******2234"),
            "¥9.90",
            "bad",
            "row.000001.000119",
            struck=True,
        ),
    )
    out = replace(
        status,
        network=say("网络断开", "No network"),
        network_state="fail",
        printer=say("缺纸", "No paper"),
        printer_state="warn",
    )
    views = [
        replace(
            empty,
            id="self_check",
            title=say("正在自检", "Self-check"),
            tone="busy",
            status=replace(out, operator=""),
            rows=(
                RowView(say("电源", "Power"), "", say("正常", "ok"), "good"),
                RowView(say("网络", "Network"), say("主机连不上", "host not reached"), say("故障", "fault"), "bad"),
                RowView(say("打印机", "Printer"), say("缺纸", "no paper"), say("注意", "attention"), "warn"),
                RowView(say("密码键盘", "PIN pad"), "", "…", "busy"),
            ),
        ),
        replace(
            empty,
            id="sign_in_number",
            title=say("操作员签到", "Operator sign-in"),
            status=replace(status, operator=""),
            entry=EntryView(say("操作员号（2 位）", "Operator number (2 digits)"), "0", "digits", 2),
            digits=True,
            choices=(enter, cancel),
        ),
        replace(
            empty,
            id="sign_in_password",
            title=say("请输入密码", "Enter your password"),
            status=replace(status, operator=""),
            tone="bad",
            lines=(
                LineView(
                    say("操作员号或密码不正确，还可再试 3 次。", "Number or PIN is not correct. 3 tries left."),
                    "plain",
                    "",
                ),
            ),
            entry=EntryView(say("操作员 01 的密码", "Password of operator 01"), "••••", "secret", 12),
            digits=True,
            code="A101",
            choices=(enter, cancel),
        ),
        replace(
            empty,
            id="confirm",
            title=say("请核对", "Please check"),
            lines=(
                LineView(say("操作员", "Operator"), "pair", "01 · 王芳"),
                LineView(say("门店", "Shop"), "pair", say("幸福路便利店", "Xingfu Road Store")),
                LineView(say("终端", "Terminal"), "pair", "10000001 · 前台"),
                LineView(say("主机时间", "Host time"), "pair", "2026-11-23 08:55:03"),
                LineView(say("时差", "Drift"), "pair", say("0 秒", "0 s")),
                LineView(say("批次号", "Batch"), "pair", "000007"),
            ),
            choices=(
                replace(enter, label=say("核对无误，签到", "All correct, sign in")),
                ChoiceView("wrong", say("有误", "Something is wrong"), "plain", "1"),
                cancel,
            ),
        ),
        replace(
            empty,
            id="signed_in",
            title=say("签到成功", "Signed in"),
            tone="good",
            lines=(
                LineView(say("王芳 · 08:55:03", "Wang Fang · 08:55:03"), "strong", ""),
                LineView(say("记录号 128", "Record 128"), "dim", ""),
            ),
            choices=(replace(enter, label=say("开始收款", "Start")),),
        ),
        replace(
            empty,
            id="standby",
            title=say("待机", "Ready"),
            lines=(LineView(say("刷卡、插卡、挥卡，或先输入金额", "Present a card, or type the amount"), "plain", ""),),
            rows_title=say("今日交易", "Today"),
            rows=rows,
            status=replace(status, operator_key="hand_over"),
            totals=(LineView(say("合计 1 笔", "1 payment"), "pair", "¥1,234.56"),),
            choices=(
                ChoiceView("sale", say("消费", "Sale"), "primary", "enter"),
                ChoiceView("reprint", say("重打印", "Reprint"), "plain", "2"),
                ChoiceView("sign_out", say("签退", "Sign out"), "plain", "3"),
            ),
            reader=profile.reader_ways,
        ),
        replace(
            empty,
            id="amount",
            title=say("消费金额", "Amount"),
            entry=EntryView(say("请输入金额", "Type the amount"), "¥1,234.56", "amount", 12),
            digits=True,
            choices=(enter, cancel),
        ),
        replace(
            empty,
            id="card",
            title=say("请出示银行卡", "Present the card"),
            lines=(LineView("¥1,234.56", "amount", ""),),
            reader=profile.reader_ways,
            choices=(cancel,),
        ),
        replace(
            empty,
            id="pin",
            title=say("请持卡人输入密码", "Cardholder: enter your PIN"),
            lines=(LineView("¥1,234.56", "amount", ""), LineView("622588******1234", "dim", "")),
            entry=EntryView(say("6 位密码，无密码请按确认", "6 digits; Enter if none"), "•••", "secret", 6),
            digits=True,
            choices=(enter, cancel),
        ),
        replace(
            empty,
            id="selling",
            title=say("正在联系银行", "AskStep the bank"),
            tone="busy",
            lines=(LineView("¥1,234.56", "amount", ""),),
            progress=(say("已读卡", "Card read"), say("已发送", "Sent"), say("等待应答", "Waiting for the answer")),
        ),
        replace(
            empty,
            id="printing",
            title=say("交易成功", "Approved"),
            tone="good",
            lines=(
                LineView("¥1,234.56", "amount", ""),
                LineView(
                    say("请撕下商户存根并请持卡人签名", "Tear off the merchant copy; the cardholder signs it"),
                    "plain",
                    "",
                ),
            ),
            slips=("000012-merchant", "000012-cardholder"),
            choices=(replace(enter, label=say("完成", "Done")),),
        ),
        replace(
            empty,
            id="sale_refused",
            title=say("余额不足", "Not enough money"),
            tone="bad",
            status=out,
            lines=(
                LineView(say("银行拒绝了这笔交易，未扣款。", "The bank declined. Nothing was charged."), "plain", ""),
                LineView(say("请换卡，或换一种付款方式。", "Use another card or another way to pay."), "plain", ""),
                LineView(say("客服", "Support"), "pair", "95516"),
            ),
            code="R51",
            choices=(
                ChoiceView("retry", say("再试一次", "Try again"), "primary", "enter"),
                cancel,
            ),
        ),
        replace(
            empty,
            id="signature",
            title=say("请签名", "Please sign"),
            lines=(LineView("¥1,234.56", "amount", ""),),
            signature=True,
            choices=(ChoiceView("skip", say("无法签名", "Cannot sign"), "plain", ""),),
        ),
    ]
    return {view.id: view for view in views}


def slips(*, electronic: bool) -> dict[str, Slip]:
    """Both copies of one sale by id."""
    head = (
        ("title", "银联POS签购单", ""),
        ("center", "{copy}", ""),
        ("rule", "", ""),
        ("text", "商户名称(MERCHANT NAME)", ""),
        ("text", "幸福路便利店", ""),
        ("pair", "商户编号", "102100058120001"),
        ("pair", "终端编号", "10000001"),
        ("pair", "操作员号", "01"),
        ("pair", "发卡行(ISSUER)", "招商银行"),
        ("pair", "收单行(ACQUIRER)", "掌柜演示"),
        ("text", "卡号(CARD NO.)", ""),
        ("text", "622588******1234 I", ""),
        ("pair", "交易类型(TRANS TYPE)", "消费(SALE)"),
        ("rule", "", ""),
        ("pair", "批次号(BATCH NO.)", "000007"),
        ("pair", "凭证号(VOUCHER NO.)", "000012"),
        ("pair", "授权码(AUTH NO.)", "A1B2C3"),
        ("pair", "参考号(REFER NO.)", "632708550312"),
        ("pair", "日期/时间", "2026/11/23 08:55:03"),
        ("amount", "金额(AMOUNT)", "RMB 1,234.56"),
        ("rule", "", ""),
    )
    foot = (("mark", "凭证无效 · 模拟", ""), ("blank", "", ""), ("center", "客服 95516   掌柜 0.1.0", ""))
    sign = (
        ("signature", "持卡人签名(CARDHOLDER SIGNATURE)", ""),
        ("text", "本人确认以上交易，同意将其计入本卡账户", ""),
    )

    def slip(copy: str, title: str, body: tuple[tuple[str, str, str], ...]) -> Slip:
        lines = tuple(SlipLine(kind, left.replace("{copy}", title), right) for kind, left, right in body)  # type: ignore[arg-type]
        return Slip(id=f"000012-{copy}", copy=copy, electronic=electronic, lines=lines)  # type: ignore[arg-type]

    both = (
        slip("merchant", "商户存根  请妥善保管", head + sign + foot),
        slip("cardholder", "持卡人存根", head + foot),
    )
    return {each.id: each for each in both}
