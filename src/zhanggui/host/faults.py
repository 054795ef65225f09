"""What the log may say of an error."""

import traceback

from ..basics.errors import ZhangguiError


def told_of(error: Exception) -> dict[str, str]:
    """Our own errors never carry a secret; what a library says might, so only its type and place are logged."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return {
        "error": type(error).__name__,
        "reason": str(error) if isinstance(error, ZhangguiError) else "",
        "place": place,
    }
