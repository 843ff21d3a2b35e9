"""Certificates that made-up services hold, each by the day on which an assessment is begun."""

from datetime import date, timedelta

from app.engine.pack import Accreditation, Scope, ScopeProgramme, StatusChange
from app.engine.values import add_months, day_before


def respect_in_force(day: date, service: str) -> Accreditation:
    """Awarded a year ago, declared unchanged a month ago."""
    return _respect(day - timedelta(days=400), service, declared_on=day - timedelta(days=30))


def respect_lapsed(day: date, service: str) -> Accreditation:
    """Ended some weeks ago."""
    awarded_on = add_months(day - timedelta(days=20), -36)
    return _respect(awarded_on, service, declared_on=day - timedelta(days=210))


def respect_suspended(day: date, service: str) -> Accreditation:
    """In force, but suspended by the awarding body a week ago."""
    change = StatusChange(on=day - timedelta(days=7), status="suspended")
    return respect_in_force(day, service).replace(status_changes=(change,))


def csaap(day: date, _service: str) -> Accreditation:
    """For one programme."""
    awarded_on = day - timedelta(days=500)
    return Accreditation(
        id=f"csaap-{awarded_on:%Y-%m}",
        scheme="csaap",
        edition="ten-criteria",
        stage="accredited",
        certificate="DEMONSTRATION-C-1",
        awarded_on=awarded_on,
        expires_on=day_before(add_months(awarded_on, 60)),
        scope=Scope(kind="programme", programmes=(ScopeProgramme(id="building-choices", version="1"),)),
        unchanged_declared_on=day - timedelta(days=60),
    )


def _respect(awarded_on: date, service: str, *, declared_on: date) -> Accreditation:
    return Accreditation(
        id=f"respect-{awarded_on:%Y-%m}",
        scheme="respect",
        edition="3",
        stage="accredited",
        certificate="DEMONSTRATION-R-1",
        awarded_on=awarded_on,
        expires_on=day_before(add_months(awarded_on, 36)),
        scope=Scope(kind="service", services=(service,)),
        unchanged_declared_on=declared_on,
    )
