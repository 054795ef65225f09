"""All routes of the interface."""

from . import acts, lists, openapi, own, stories
from .routes import ApiRoute

ROUTES: tuple[ApiRoute, ...] = (
    *openapi.ROUTES,
    *own.ROUTES,
    *lists.ROUTES,
    *stories.ROUTES,
    *acts.ROUTES,
)
