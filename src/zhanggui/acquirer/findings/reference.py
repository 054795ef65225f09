"""The reference page of findings and metrics, made from the tables: `docs/reference/findings.md`."""

import msgspec

from .detectors import DETECTORS
from .metrics import metric_words
from .thresholds import DEFAULTS, FindingThresholds
from .words import finding_words

HEAD = """# Findings and metrics

Made from the tables in `src/zhanggui/acquirer/findings` by `zhanggui findings reference`; do not edit it by hand.
How good the detectors are stands in [concepts/findings.md](../concepts/findings.md). Words in braces are figures of the finding.
"""


def reference_page() -> str:
    """The whole page as Markdown."""
    parts = [HEAD, "## Detectors\n"]
    words = finding_words()
    for name in DETECTORS:
        row = words[name]
        parts.append(
            f"### `{name}` · {row.en.name} · {row.zh.name}\n\n"
            f"About: {row.subject}.\n\n"
            "| | English | 中文 |\n|---|---|---|\n"
            f"| method | {row.en.method} | {row.zh.method} |\n"
            f"| facts | {row.en.facts} | {row.zh.facts} |\n"
            f"| normal range | {row.en.usual} | {row.zh.usual} |\n"
            f"| what to do | {row.en.do} | {row.zh.do} |\n"
            + (f"| settled | {row.en.settled} | {row.zh.settled} |\n" if row.en.settled else "")
            + (f"| can't tell | {row.en.limits} | {row.zh.limits} |\n" if row.en.limits else "")
        )
    parts.append("## Thresholds\n\n| field | default |\n|---|---|\n" + "".join(_threshold_rows()))
    parts.append(
        "## Metrics\n\n| metric | definition | 定义 | unit | target |\n|---|---|---|---|---|\n"
        + "".join(
            f"| `{name}` | {row.en} | {row.zh} | {row.unit} | {row.target} |\n" for name, row in metric_words().items()
        )
    )
    return "\n".join(parts)


def _threshold_rows() -> list[str]:
    return [
        f"| `{field.name}` | {getattr(DEFAULTS, field.name):g} |\n"
        for field in msgspec.structs.fields(FindingThresholds)
    ]
