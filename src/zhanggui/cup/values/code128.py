"""Bar codes of figures: Code 128, set C, two digits a sign. Source: ISO/IEC 15417, table 1 and annex A (check sign).

A bar code is told as the widths of its bars and gaps, in modules, beginning with a bar.
"""

_SIGN_ELEMENTS = 6
_TABLE = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221"
    "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321"
    "112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131"
    "311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114"
    "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"
)
"""The widths of the signs 0 to 105, six figures each."""
_WIDTHS = tuple(_TABLE[place : place + _SIGN_ELEMENTS] for place in range(0, len(_TABLE), _SIGN_ELEMENTS))
START_C, STOP = 105, "2331112"
QUIET_MODULES = 10
"""Blank modules that a reader needs on each side."""


def bar_widths(digits: str) -> tuple[int, ...]:
    """Widths of bars and gaps in turn. ValueError for an odd number of digits, or anything but digits.

    >>> bar_widths("12")
    (2, 1, 1, 2, 3, 2, 1, 1, 2, 2, 3, 2, 1, 2, 2, 2, 3, 1, 2, 3, 3, 1, 1, 1, 2)
    """
    if len(digits) % 2 or not (digits.isascii() and digits.isdigit()):
        raise ValueError("a bar code of set C holds an even number of digits and nothing else")
    signs = [int(digits[place : place + 2]) for place in range(0, len(digits), 2)]
    check = (START_C + sum(place * sign for place, sign in enumerate(signs, 1))) % 103
    widths = "".join(_WIDTHS[sign] for sign in (START_C, *signs, check)) + STOP
    return tuple(map(int, widths))
