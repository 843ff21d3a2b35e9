"""Every router of the service, those called most often first: a request is matched against routes in their order."""

from fastapi import APIRouter

from app.api.routers import (
    accreditations,
    actions,
    answers,
    assessments,
    checks,
    commissioning,
    compliance,
    determinations,
    documents,
    health,
    life,
    me,
    offers,
    organisations,
    outlook,
    overrides,
    places,
    policies,
    record,
    standards,
    supposing,
    tokens,
    uploads,
    verification,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    compliance.router,
    supposing.router,
    determinations.router,
    answers.router,
    assessments.router,
    life.router,
    overrides.router,
    actions.router,
    accreditations.router,
    documents.router,
    commissioning.router,
    outlook.router,
    offers.router,
    checks.router,
    policies.router,
    standards.router,
    tokens.router,
    me.router,
    organisations.router,
    places.router,
    record.router,
    verification.router,
)
# Operations that take whole files, under a limit of their own.
TAKING_FILES: tuple[APIRouter, ...] = (uploads.router,)
