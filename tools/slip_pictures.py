"""Draw the pictures of every kind of slip in `docs/images/slips`: `.venv/bin/python -m tools.slip_pictures` in the project's root.

The slips are those that the tests lay out (`tests/worlds/slip_samples.py`), one of them for a shop with the longest name and rare
characters; the renderer is the one of `zhanggui slips write`. Needs a Chinese face: apt-get install fonts-noto-cjk.
"""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from tests.worlds.slip_samples import LONG_NAME, SIGNED, slips

from zhanggui.basics.words import Lang
from zhanggui.cup.values.slip import Slip
from zhanggui.terminal.flow.slips.slip_layout import TRADE_NAMES
from zhanggui.terminal.paper.picture import slip_picture
from zhanggui.terminal.paper.rows import NARROW_COLUMNS, WIDE_COLUMNS

IMAGES = Path(__file__).parents[1] / "docs" / "images" / "slips"
PAPERS: dict[str, tuple[str, int]] = {
    "58": ("smart", NARROW_COLUMNS),
    "80": ("smart", WIDE_COLUMNS),
    "esign": ("esign", NARROW_COLUMNS),
}
LANGS: tuple[Lang, ...] = ("zh", "en")
OTHERS = (
    "sale-cardholder",
    "tap-merchant",
    "again-merchant",
    "settlement",
    "settlement-differs",
    "details",
    "missing",
    "shift",
    "refusal",
)
HARD = ("sale-merchant", "big-merchant", "settlement-big", "missing", "missing-none", "refusal", "shift", "details")
"""Of a shop with the longest name and rare characters, with the largest amounts."""
COUNTER, GAP = 222, 20
SCALE = 2
COLOURS = 8
BYTES_MAX = 200 * 1024


def drawn(slip: Slip, columns: int) -> Image.Image:
    """One slip; where there is a box to sign in, it is signed if the model has a screen for it."""
    return Image.open(
        io.BytesIO(slip_picture(slip, columns, strokes=SIGNED if slip.electronic and slip.copy == "merchant" else ()))
    )


def sheet(pictures: Sequence[Image.Image]) -> bytes:
    """Slips beside each other, half as large, in few shades."""
    width = sum(one.width for one in pictures) + GAP * (len(pictures) + 1)
    whole = Image.new("L", (width, max(one.height for one in pictures) + 2 * GAP), COUNTER)
    left = GAP
    for one in pictures:
        whole.paste(one, (left, GAP))
        left += one.width + GAP
    small = whole.resize((whole.width // SCALE, whole.height // SCALE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.quantize(COLOURS).save(file, "PNG", optimize=True)
    return file.getvalue()


def main() -> None:
    """Write all sheets."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for paper, (model, columns) in PAPERS.items():
        for lang in LANGS:
            usual, hard = slips(lang, model), slips(lang, model, LONG_NAME)
            payments = [hard["sale-merchant"], *(usual[f"{kind}-merchant"] for kind in TRADE_NAMES if kind != "sale")]
            for name, chosen in (
                ("payments", payments),
                ("others", [usual[kind] for kind in OTHERS]),
                ("hard", [hard[kind] for kind in HARD]),
            ):
                content = sheet([drawn(slip, columns) for slip in chosen])
                assert len(content) <= BYTES_MAX, f"{paper}-{lang}-{name} has {len(content)} bytes"
                (IMAGES / f"{paper}-{lang}-{name}.png").write_bytes(content)


if __name__ == "__main__":
    main()
