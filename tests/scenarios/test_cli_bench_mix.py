"""`zhanggui bench host --mix day`, small: every answer is an approval, the books agree, and it can be done again among stored payments."""

import json
from pathlib import Path

import pytest

from zhanggui.basics.clock import SystemClock
from zhanggui.cli import bench_mix
from zhanggui.cli.bench_data import bench_data
from zhanggui.programs.settings import Settings


@pytest.mark.processes
def test_a_day_is_measured_among_stored_payments_and_may_be_measured_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(bench_mix, "EACH_KIND", 4)
    monkeypatch.setattr(bench_mix, "configure_logs", lambda **level: None)
    folder = tmp_path / "data"
    bench_data(Settings(data=str(folder)), SystemClock(), payments=40, sign_ins=0, as_json=True)
    stored = []
    for _ in range(2):
        capsys.readouterr()
        bench_mix.bench_mix(2, 40, str(folder), as_json=True)
        figures = json.loads(capsys.readouterr().out)
        stored.append(figures["stored_payments"]["value"])
        assert {f"{kind}_host_cpu" for kind, measured in bench_mix.PHASES if measured} <= figures.keys()
        assert figures["sales_per_s"]["value"] > 0
    assert stored[0] == 40
    assert stored[1] > stored[0]
