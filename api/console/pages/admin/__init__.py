"""Administration: people, machines, institutions, plans, channels, the audit log, the pipeline."""

from __future__ import annotations

from api.console.pages.admin import audit, channels, clients, orgs, pipeline, schedule, users

EVERY = (users, clients, orgs, schedule, channels, audit, pipeline)
