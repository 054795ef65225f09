"""All routes of the office."""

from .pages import lists, sign_in, stories, things, today
from .routes import Route

ROUTES: tuple[Route, ...] = (
    *sign_in.ROUTES,
    *today.ROUTES,
    *lists.ROUTES,
    *stories.ROUTES,
    *things.ROUTES,
)
