"""`zhanggui bench sign-in`, small: every terminal is answered, the books are looked at, the figures are those that were promised."""

import json

import pytest

from zhanggui.cli import bench_sign_in


@pytest.mark.processes
def test_the_benchmark_signs_everybody_in_and_says_how_long_it_took(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_sign_in, "WARM_UP", 5)
    monkeypatch.setattr(bench_sign_in, "configure_logs", lambda **level: None)
    bench_sign_in.bench_sign_in(4, 20, 30, 0.2, as_json=True)
    figures = json.loads(capsys.readouterr().out)
    assert (figures["rush_terminals"]["value"], figures["rush_signed_in"]["value"]) == (30, 30)
    assert (figures["refused"]["note"], figures["rush_refused"]["note"]) == ("none", "none")
    promised = {"sign_ins_per_s", "sign_ins_per_sync", "p50", "p99", "longest", "rush_longest", "host_cpu", "host_busy"}
    assert promised <= figures.keys()
