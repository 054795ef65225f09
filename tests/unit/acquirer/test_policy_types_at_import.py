"""Policies are read in threads too: msgspec has looked at their types when the module is there, for two first looks at once end the process."""

import subprocess
import sys

ASKED = """
from typing import get_args, get_origin
from zhanggui.acquirer.policy.rules import Policy
looked_at = [hasattr(kind, "__msgspec_cache__") for kind in Policy.__annotations__.values() if get_origin(kind) is not None]
print(len(looked_at) > 0, any(looked_at))
"""


def test_the_types_of_a_policy_are_known_to_msgspec_before_anybody_reads_one() -> None:
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["True", "True"], done.stdout
