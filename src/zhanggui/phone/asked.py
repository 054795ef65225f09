"""What a phone says of itself with each request."""

from typing import Any

from litestar import Request

from ..basics.words import Lang


def lang_of(request: Request[Any, Any, Any]) -> Lang:
    """As chosen in the address, else what the browser names first."""
    chosen = request.query_params.get("lang")
    if chosen in ("zh", "en"):
        return "en" if chosen == "en" else "zh"
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"
