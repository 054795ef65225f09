"""All routes of the interface."""

from . import acts, exports, findings, lists, openapi, own, stories
from .routes import ApiRoute

ROUTES: tuple[ApiRoute, ...] = (
    *openapi.ROUTES,
    *own.ROUTES,
    *lists.ROUTES,
    *stories.ROUTES,
    *exports.ROUTES,
    *findings.ROUTES,
    *acts.ROUTES,
)
