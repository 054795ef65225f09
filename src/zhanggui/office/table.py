"""All routes of the office."""

from .pages import acts, api, export_files, exporting, findings, lists, policy, proposals, sign_in, stories, things, today
from .routes import Route

ROUTES: tuple[Route, ...] = (
    *sign_in.ROUTES,
    *today.ROUTES,
    *lists.ROUTES,
    *exporting.ROUTES,
    *export_files.ROUTES,
    *stories.ROUTES,
    *things.ROUTES,
    *findings.ROUTES,
    *acts.ROUTES,
    *policy.ROUTES,
    *proposals.ROUTES,
    *api.ROUTES,
)
