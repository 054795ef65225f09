"""All routes of the office."""

from .pages import (
    acts,
    api,
    export_files,
    exporting,
    findings,
    lists,
    policy,
    proposals,
    reports,
    sign_in,
    stories,
    things,
    today,
    trends,
)
from .routes import Route

ROUTES: tuple[Route, ...] = (
    *sign_in.ROUTES,
    *today.ROUTES,
    *trends.ROUTES,
    *lists.ROUTES,
    *reports.ROUTES,
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
