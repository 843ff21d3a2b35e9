"""Who may do what to whose: the access matrix. It is the test (test_access.py) and, written out, docs/access.md.

**Adding a route?** Add a row to ``MATRIX`` below, in the order of the page: the operation as method and path, and what
each caller of ``CALLERS`` is answered, most often one of the patterns below. Path parameters take their values from
``values`` in test_access.py, bodies from app/api/examples.py. Then write the page anew:

    python -m tests.api.access > docs/access.md
"""

from collections.abc import Mapping
from typing import Final

CALLERS: Final = {
    "lead": ("a lead of the provider", "provider_lead"),
    "editor": ("an editor of the provider", "provider_editor"),
    "partner": ("a lead of a partner in the service", "provider_lead"),
    "stranger": ("a lead of another provider", "provider_lead"),
    "commissioner": ("a commissioner it is shared with", "commissioner"),
    "reviewer": ("a reviewer of that commissioner", "reviewer"),
    "other_commissioner": ("another commissioner", "commissioner"),
    "other_reviewer": ("a reviewer of another commissioner", "reviewer"),
    "scrutiny": ("a scrutiny body", "scrutiny"),
    "administrator": ("an administrator", "administrator"),
    "nobody": ("nobody signed in", None),
}
ANSWERS: Final = {
    "yes": "it is done, or refused for what was sent",
    "some": "a list with what the caller may see",
    "empty": "a list with nothing in it",
    "part": "done for what it answers for, 403 for anything else",
    "hidden": "404, exactly as if there were nothing",
    "no": "403: never for this role",
    "sign in": "401",
}


def _row(text: str, partner: str = "no") -> Mapping[str, str]:
    cells = [cell.strip() for cell in text.split(",")]
    cells.insert(2, partner)
    return dict(zip(CALLERS, cells, strict=True))


PUBLIC = _row("yes, yes, yes, yes, yes, yes, yes, yes, yes, yes", "yes")
EVERYBODY = _row("yes, yes, yes, yes, yes, yes, yes, yes, yes, sign in", "yes")
# Evidence: read by its provider and those it is shared with, written by its provider.
READ = _row("yes, yes, hidden, yes, yes, hidden, hidden, no, no, sign in", "yes")
LIST = _row("some, some, empty, some, some, empty, empty, no, no, sign in", "some")
WRITE = _row("yes, yes, hidden, no, no, no, no, no, no, sign in")
LEAD = _row("yes, no, hidden, no, no, no, no, no, no, sign in")
REVIEW = _row("no, no, no, no, yes, no, hidden, no, no, sign in")
# A partner's own words are its own to write, and its own files its own to see.
SAID = _row("yes, yes, hidden, no, no, no, no, no, no, sign in", "part")
HANDED_IN = _row("yes, yes, hidden, no, no, no, no, no, no, sign in", "yes")
UPLOADED = _row("yes, yes, hidden, no, no, no, no, no, no, sign in", "hidden")
# What was issued is for scrutiny too.
READ_ISSUED = _row("yes, yes, hidden, yes, yes, hidden, hidden, yes, no, sign in", "hidden")
LIST_ISSUED = _row("some, some, empty, some, some, empty, empty, some, no, sign in", "empty")
PROVIDERS = _row("yes, yes, yes, no, no, no, no, no, no, sign in", "yes")
COMMISSIONING = _row("no, no, no, some, some, empty, empty, no, no, sign in")
INVITERS = _row("yes, no, yes, no, no, no, no, no, yes, sign in", "yes")
INVITE = _row("yes, no, hidden, no, no, no, no, no, yes, sign in", "hidden")
ADMINISTER = _row("no, no, no, no, no, no, no, no, yes, sign in")

# A commissioner's own: its reviewers do not see it either.
OWN_POLICY = _row("no, no, no, yes, no, hidden, no, no, no, sign in")
OWN_POLICIES = _row("no, no, no, some, no, empty, no, no, no, sign in")
ANY_POLICY = _row("no, no, no, yes, no, yes, no, no, no, sign in")

ASSESSMENT = "/v1/assessments/{assessment_id}"
SERVICE = "/v1/services/{service_id}"
POLICY = "/v1/commissioning/policies/{policy_id}"
CHECK = "/v1/commissioning/checks/{check_id}"
RULE_SET = "/v1/rule-sets/{rule_set}/versions/{version}"

MATRIX: Final[Mapping[str, Mapping[str, str]]] = {
    "POST /v1/services": PROVIDERS,
    "GET /v1/services": LIST,
    f"GET {SERVICE}": READ,
    f"PUT {SERVICE}": WRITE,
    f"GET {SERVICE}/partners": READ,
    f"GET {SERVICE}/partners/{{organisation_id}}": READ,
    f"PUT {SERVICE}/partners/{{organisation_id}}": LEAD,
    f"DELETE {SERVICE}/partners/{{organisation_id}}": LEAD,
    f"GET {SERVICE}/accreditations": READ,
    f"GET {SERVICE}/accreditations/{{accreditation}}": READ,
    f"PUT {SERVICE}/accreditations/{{accreditation}}": WRITE,
    f"POST {SERVICE}/accreditations/{{accreditation}}/redeclaration": WRITE,
    f"POST {SERVICE}/accreditations/{{accreditation}}/verification": REVIEW,
    f"GET {SERVICE}/documents": READ,
    f"GET {SERVICE}/documents/{{document}}": READ,
    f"PUT {SERVICE}/documents/{{document}}": HANDED_IN,
    f"GET {SERVICE}/documents/{{document}}/custody": READ,
    f"GET {SERVICE}/documents/{{document}}/content": READ,
    "POST /v1/uploads": PROVIDERS,
    "GET /v1/uploads/{sha256}": UPLOADED,
    "POST /v1/uploads/{sha256}/acknowledgement": UPLOADED,
    "GET /v1/providers/{provider_id}/uploads": _row("no, no, no, no, no, no, no, no, some, sign in"),
    "GET /v1/providers/{provider_id}/uploads/{sha256}": ADMINISTER,
    "PUT /v1/providers/{provider_id}/uploads/{sha256}/legal-hold": ADMINISTER,
    "POST /v1/providers/{provider_id}/uploads/{sha256}/shredding": ADMINISTER,
    "POST /v1/assessments": WRITE,
    "GET /v1/assessments": LIST,
    f"GET {ASSESSMENT}": READ,
    f"POST {ASSESSMENT}/submission": LEAD,
    f"POST {ASSESSMENT}/shares": LEAD,
    f"DELETE {ASSESSMENT}/shares/{{commissioner_id}}": LEAD,
    f"POST {ASSESSMENT}/withdrawal": LEAD,
    f"POST {ASSESSMENT}/review": REVIEW,
    f"POST {ASSESSMENT}/return": REVIEW,
    f"POST {ASSESSMENT}/completion": REVIEW,
    f"GET {ASSESSMENT}/pack": READ,
    f"PUT {ASSESSMENT}/pack": SAID,
    f"GET {ASSESSMENT}/responses": READ,
    f"GET {ASSESSMENT}/responses/{{requirement}}": READ,
    f"PUT {ASSESSMENT}/responses/{{requirement}}": SAID,
    f"PATCH {ASSESSMENT}/responses": SAID,
    f"GET {ASSESSMENT}/answers": READ,
    f"GET {ASSESSMENT}/answers/{{question}}": READ,
    f"PUT {ASSESSMENT}/answers/{{question}}": SAID,
    f"PATCH {ASSESSMENT}/answers": SAID,
    "GET /v1/review-queue": _row("no, no, no, no, some, no, empty, no, no, sign in"),
    f"GET {ASSESSMENT}/reviews": READ,
    f"GET {ASSESSMENT}/reviews/{{review}}": READ,
    f"POST {ASSESSMENT}/reviews": REVIEW,
    f"GET {ASSESSMENT}/overrides": READ,
    f"POST {ASSESSMENT}/overrides": REVIEW,
    f"GET {ASSESSMENT}/overrides/{{override}}": READ,
    f"POST {ASSESSMENT}/overrides/{{override}}/confirmation": REVIEW,
    f"GET {ASSESSMENT}/actions": READ,
    f"POST {ASSESSMENT}/actions": WRITE,
    f"GET {ASSESSMENT}/actions/{{action}}": READ,
    f"GET {ASSESSMENT}/actions/{{action}}/standing": READ,
    f"PUT {ASSESSMENT}/actions/{{action}}": WRITE,
    f"GET {ASSESSMENT}/actions/{{action}}/versions": READ,
    f"GET {ASSESSMENT}/compliance": READ,
    f"GET {ASSESSMENT}/summary": READ,
    f"GET {ASSESSMENT}/gaps": READ,
    f"GET {ASSESSMENT}/forecast": READ,
    f"GET {ASSESSMENT}/way-up": READ,
    f"POST {ASSESSMENT}/what-if": READ,
    f"GET {ASSESSMENT}/impact": READ,
    f"POST {ASSESSMENT}/carry-forward": WRITE,
    f"POST {ASSESSMENT}/determinations": REVIEW,
    "GET /v1/determinations": LIST_ISSUED,
    "GET /v1/determinations/{number}": READ_ISSUED,
    "GET /v1/determinations/{number}/determination": READ_ISSUED,
    "GET /v1/determinations/{number}/verification": PUBLIC,
    "GET /v1/verification": PUBLIC,
    "POST /v1/verification": PUBLIC,
    "GET /v1/commissioning/portfolio": COMMISSIONING,
    "GET /v1/commissioning/forecast": COMMISSIONING,
    "GET /v1/me/calendar-feed": _row("no, no, no, yes, yes, yes, yes, no, no, sign in"),
    "POST /v1/me/calendar-feed": _row("no, no, no, yes, yes, yes, yes, no, no, sign in"),
    "POST /v1/me/calendar-feed/revocation": _row("no, no, no, yes, yes, yes, yes, no, no, sign in"),
    # Calendar programs can send no token: who holds the secret in the address reads what its user would.
    "GET /v1/calendar-feed": PUBLIC,
    "GET /v1/commissioning/portfolio/facets": _row("no, no, no, yes, yes, yes, yes, no, no, sign in"),
    "GET /v1/commissioning/comparison": _row("no, no, no, yes, yes, yes, yes, no, no, sign in"),
    "GET /v1/commissioning/sector": _row("no, no, no, yes, yes, yes, yes, yes, no, sign in"),
    "POST /v1/commissioning/policies": ANY_POLICY,
    "GET /v1/commissioning/policies": OWN_POLICIES,
    "POST /v1/commissioning/policies/trial": ANY_POLICY,
    f"GET {POLICY}": OWN_POLICY,
    f"PUT {POLICY}": OWN_POLICY,
    f"GET {POLICY}/versions": OWN_POLICY,
    f"GET {POLICY}/versions/{{policy_version}}": OWN_POLICY,
    f"POST {POLICY}/trial": OWN_POLICY,
    "POST /v1/commissioning/checks": OWN_POLICY,
    "GET /v1/commissioning/checks": OWN_POLICIES,
    f"GET {CHECK}": OWN_POLICY,
    f"GET {CHECK}/document": OWN_POLICY,
    f"GET {CHECK}/determination": OWN_POLICY,
    f"POST {CHECK}/repetition": OWN_POLICY,
    "GET /v1/me": EVERYBODY,
    "POST /v1/me/password": EVERYBODY,
    "GET /v1/me/sessions": _row("some, some, some, some, some, some, some, some, some, sign in", "some"),
    "POST /v1/me/sessions/{session_id}/revocation": _row(
        "yes, hidden, hidden, hidden, hidden, hidden, hidden, hidden, hidden, sign in", "hidden"
    ),
    "GET /v1/me/second-factor": EVERYBODY,
    "POST /v1/me/second-factor": EVERYBODY,
    "POST /v1/me/second-factor/confirmation": EVERYBODY,
    "POST /v1/me/second-factor/removal": EVERYBODY,
    "POST /v1/users/{user_id}/second-factor/reset": ADMINISTER,
    "POST /v1/invitations": INVITERS,
    "GET /v1/invitations": _row("some, no, empty, no, no, no, no, no, some, sign in", "empty"),
    "GET /v1/invitations/{invitation_id}": INVITE,
    "POST /v1/invitations/{invitation_id}/token": INVITE,
    "POST /v1/invitations/{invitation_id}/withdrawal": INVITE,
    "POST /v1/invitations/acceptance": PUBLIC,
    "POST /v1/clients": INVITERS,
    "GET /v1/clients": _row("some, no, empty, no, no, no, no, no, some, sign in", "empty"),
    "GET /v1/clients/{client_id}": INVITE,
    "POST /v1/clients/{client_id}/secret": INVITE,
    "POST /v1/clients/{client_id}/revocation": INVITE,
    "POST /v1/users": ADMINISTER,
    "GET /v1/users": _row("some, some, some, some, some, some, some, some, some, sign in", "some"),
    "GET /v1/users/{user_id}": _row("yes, yes, hidden, hidden, hidden, hidden, hidden, hidden, yes, sign in", "hidden"),
    "POST /v1/users/{user_id}/erasure": ADMINISTER,
    "GET /v1/audit-events": _row("some, some, some, some, some, some, some, some, some, sign in", "some"),
    "POST /v1/users/{user_id}/deactivation": ADMINISTER,
    "POST /v1/users/{user_id}/reactivation": ADMINISTER,
    "GET /v1/users/{user_id}/sessions": _row("no, no, no, no, no, no, no, no, some, sign in"),
    "POST /v1/providers": ADMINISTER,
    "GET /v1/providers": _row("some, some, some, some, some, empty, empty, empty, some, sign in", "some"),
    "GET /v1/providers/{provider_id}": _row("yes, yes, hidden, yes, yes, hidden, hidden, hidden, yes, sign in", "yes"),
    "PUT /v1/providers/{provider_id}": ADMINISTER,
    "POST /v1/commissioners": ADMINISTER,
    "GET /v1/commissioners": _row("some, some, some, some, some, some, some, empty, some, sign in", "some"),
    "GET /v1/commissioners/{commissioner_id}": _row(
        "yes, yes, yes, yes, yes, hidden, hidden, hidden, yes, sign in", "yes"
    ),
    "PUT /v1/commissioners/{commissioner_id}": ADMINISTER,
    "POST /v1/scrutiny-bodies": ADMINISTER,
    "GET /v1/scrutiny-bodies": _row("empty, empty, empty, empty, empty, empty, empty, some, some, sign in", "empty"),
    "GET /v1/scrutiny-bodies/{scrutiny_body_id}": _row(
        "hidden, hidden, hidden, hidden, hidden, hidden, hidden, yes, yes, sign in", "hidden"
    ),
    "PUT /v1/scrutiny-bodies/{scrutiny_body_id}": ADMINISTER,
    "POST /v1/token": PUBLIC,
    "POST /v1/token/revocation": PUBLIC,
    "GET /.well-known/jwks.json": PUBLIC,
    "GET /v1/rule-sets": PUBLIC,
    "GET /v1/rule-sets/{rule_set}": PUBLIC,
    f"GET {RULE_SET}": PUBLIC,
    f"GET {RULE_SET}/standards/{{number}}": PUBLIC,
    f"GET {RULE_SET}/requirements/{{requirement}}": PUBLIC,
    f"GET {RULE_SET}/changes": PUBLIC,
    "GET /v1/accreditation-schemes": PUBLIC,
    "GET /v1/accreditation-schemes/{scheme}": PUBLIC,
    "GET /v1/crosswalks": PUBLIC,
    "GET /v1/crosswalks/{crosswalk}": PUBLIC,
    "GET /v1/crosswalks/{crosswalk}/versions/{version}": PUBLIC,
    "GET /v1/schemas": PUBLIC,
    "GET /v1/schemas/{name}": PUBLIC,
    "GET /v1/regions": PUBLIC,
    "GET /v1/health-boards": PUBLIC,
    "GET /v1/police-forces": PUBLIC,
    "GET /v1/local-authorities": PUBLIC,
    "GET /health/live": PUBLIC,
    "GET /health/ready": PUBLIC,
    # Last, as the lead is signed in no longer after it.
    "POST /v1/users/{user_id}/sessions/revocation": ADMINISTER,
}


def roles_for(operation: str) -> set[str] | None:
    """The roles that an operation is open to; ``None`` where anyone may call it."""
    cells = MATRIX[operation]
    if cells is PUBLIC:
        return None
    return {role for caller, (_, role) in CALLERS.items() if role is not None and cells[caller] != "no"}


INTRODUCTION = """# Who may do what

Written out from `tests/api/access.py` by `python -m tests.api.access`. The same table is the test: every operation is
called by every one of these callers, about one provider's service, an assessment of it that is in review and shared
with one commissioner, a determination that was issued to that commissioner, and a policy and a check of that
commissioner; a route that has no row fails the tests. Do not edit this page.

The columns are callers; *it* is that service, that assessment, that provider and its people.
"""
DRAFTS = """
Every operation on an assessment is *hidden* from commissioners and reviewers, whoever they are, while it is a draft.
A partner in a service reads of it what its provider reads, under the rule set versions that it answers for. It changes
only the responses and answers that it answers for; all else is a 403 to it (`tests/services/test_partners.py`). A
reviewer whose organisation has a part in the service gets a 403 wherever this table lets reviewers judge.

What is hidden is answered with the same words, and after the same queries to the database, as what does not exist. In
the database itself row-level security decides the same again (`tests/db/test_access.py`).
"""


def page() -> str:
    """The whole page."""
    lines = [INTRODUCTION]
    lines += [f"- **{answer}**: {meaning}" for answer, meaning in ANSWERS.items()]
    lines += ["", "| operation | " + " | ".join(title for title, _ in CALLERS.values()) + " |"]
    lines += ["|---" * (len(CALLERS) + 1) + "|"]
    lines += [f"| `{operation}` | " + " | ".join(cells.values()) + " |" for operation, cells in MATRIX.items()]
    return "\n".join(lines) + "\n" + DRAFTS


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201  # it is what the command is for
