"""What commands say to a person, in Chinese and English."""

import sys
from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "making_demo": ("首次启动：在 {folder} 准备演示数据…", "First start: making demo data in {folder} …"),
        "step": ("  · {step}", "  · {step}"),
        "demo_made": ("演示数据已就绪：{folder}", "demo data are ready: {folder}"),
        "ready": (
            "ready  掌柜已就绪\n"
            "  终端页面  {page}   （先开 {first}）\n"
            "  主机      {host}   （ISO 8583）\n"
            "  银行      {bank}   （模拟发卡行）\n"
            "  数据      {folder}\n"
            "  日志      {log}\n"
            "怎么用：打开终端页面 → 操作员号 01，密码 0000，确认 → 核对后按确认 → 消费 → 输入金额 → 出示虚拟卡（密码 123456）\n"
            "按 Ctrl-C 结束。",
            "ready\n"
            "  terminals  {page}   (begin with {first})\n"
            "  host       {host}   (ISO 8583)\n"
            "  bank       {bank}   (simulated issuer)\n"
            "  data       {folder}\n"
            "  log        {log}\n"
            "How to: open the terminal page → operator 01, password 0000, Enter → check and press Enter → Sale → amount → "
            "show a virtual card (PIN 123456)\n"
            "Ctrl-C ends it.",
        ),
        "stopped": ("已结束。", "Ended."),
        "host_ready": ("ready  主机 {address}", "ready  host {address}"),
        "bank_ready": ("ready  银行（模拟） {address}", "ready  bank (simulated) {address}"),
        "terminal_ready": ("ready  终端页面 {page}", "ready  terminal page {page}"),
        "error": ("出错：{message}", "error: {message}"),
        "nothing": ("没有记录。", "No records."),
    }
)


def say(lang: str, key: str, **values: str) -> None:
    """Print one wording at once, so that whoever waits for it sees it."""
    zh, en = WORDS[key]
    print((zh if lang == "zh" else en).format(**values), flush=True)


def complain(message: str) -> None:
    """Print one message on standard error."""
    print(f"zhanggui: {message}", file=sys.stderr, flush=True)
