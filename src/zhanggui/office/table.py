"""All routes of the office."""

from .pages import sign_in, stories, today
from .routes import Route

ROUTES: tuple[Route, ...] = (
    *sign_in.ROUTES,
    *today.ROUTES,
    *stories.ROUTES,
)
