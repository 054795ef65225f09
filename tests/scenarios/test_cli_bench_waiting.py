"""`zhanggui bench host --waiting`, small: cards are paid while orders wait at wallets, and the books hold the cards' sales alone."""

import json

import pytest

from zhanggui.cli import bench_host


@pytest.mark.processes
def test_cards_are_paid_while_customers_look_for_their_phones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_host, "configure_logs", lambda **level: None)
    capsys.readouterr()
    bench_host.bench_host(2, 40, waiting=30, as_json=True)
    figures = json.loads(capsys.readouterr().out)
    assert figures["sales_per_s"]["value"] > 0
    assert figures["host_memory"]["note"] == "30 orders waited at wallets"
