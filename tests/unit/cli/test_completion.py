"""Shell completion: what a shell loads is sound for that shell, and offers the commands and options that there are."""

import shutil
import subprocess

import pytest
from tests.unit.cli.test_cli_output import run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_its_options_stand_in_the_script(shell: str) -> None:
    done = run("completion", shell)
    assert (done.returncode, done.stderr) == (0, b"")
    script = done.stdout.decode()
    for word in ("signins", "sign-out", "demo-data", "host-port", "wide"):
        assert word in script


@pytest.mark.skipif(shutil.which("bash") is None, reason="this machine has no bash")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [("zhanggui ope", "operators"), ("zhanggui operators sign", "sign-out"), ("zhanggui payments --w", "--wide")],
)
def test_bash_completes_what_was_begun(typed: str, offered: str) -> None:
    script = run("completion", "bash").stdout.decode()
    words = typed.split(" ")
    asked = (
        f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _zhanggui; "
        'for one in "${COMPREPLY[@]}"; do echo "$one"; done'
    )
    done = subprocess.run(
        ["bash", "--norc", "-s"],
        input=f"{script}\n{asked}\n",  # one argument of a process has at most 128 KiB on Linux
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert offered in done.stdout.split(), done.stderr
