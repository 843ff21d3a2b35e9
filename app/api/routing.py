"""Every router of the service, those called most often first: a request is matched against routes in their order."""

from fastapi import APIRouter

from app.api.routers import (
    answers,
    assessments,
    compliance,
    evidence,
    health,
    life,
    offers,
    organisations,
    places,
    standards,
    supposing,
    tokens,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    compliance.router,
    supposing.router,
    answers.router,
    assessments.router,
    life.router,
    evidence.router,
    offers.router,
    standards.router,
    tokens.router,
    organisations.router,
    places.router,
)
