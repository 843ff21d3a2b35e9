"""One example of each body, for the documentation; a test holds them against their models."""

from typing import Any

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SERVICE_ID = "0193b3f0-6c1d-7c3a-9b56-1f2e3d4c5b6a"
ORGANISATION_ID = "0193b3f0-1111-7c3a-9b56-1f2e3d4c5b6a"

POLICY_ID = "0193b3f0-2222-7c3a-9b56-1f2e3d4c5b6a"
POLICY = {
    "name": "Grants from April 2026",
    "rule_set": "wales-perpetrator-services",
    "rung": "evidenced",
    "minimum_compliance": "80",
    "required_standards": [14],
    "required_requirements": ["14.1"],
    "maximum_age_months": 12,
    "conditions": ["rule_set_not_in_force", "compliance_below"],
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "Acknowledgement": {"acknowledged_warnings": True},
    "LegalHold": {"held": True, "reason": "Asked for by a court."},
    "Shredding": {"reason": "It told who a client is."},
    "TokenRequest": {
        "grant_type": "password",
        "username": "mair@example.org",
        "password": "a long sentence to remember",
    },
    "TokenToRevoke": {"token": "kq3vN1s0cL0l0hJ4mF0o2xq6b0Xw6m4q0m8l6n1uV2A"},
    "PasswordChange": {"current": "the sentence until today", "new": "another sentence to remember"},
    "NewInvitation": {"email": "mair@example.org", "organisation": ORGANISATION_ID, "role": "provider_editor"},
    "NewClient": {
        "name": "Case management",
        "organisation": ORGANISATION_ID,
        "role": "provider_editor",
        "scope": "read write",
    },
    "Acceptance": {
        "token": "kq3vN1s0cL0l0hJ4mF0o2xq6b0Xw6m4q0m8l6n1uV2A",
        "name": "Mair Example",
        "password": "a long sentence to remember",
    },
    "OwnPassword": {"password": "a long sentence to remember"},
    "CodeOfApp": {"code": "287082"},
    "PasswordAndCode": {"password": "a long sentence to remember", "code": "JBSW-Y3DP-EHPK-3PXP"},
    "NewOrganisation": {"name": "Example Provider"},
    "CommissionerContent": {
        "name": "Example regional board",
        "regions": ["gwent"],
        "members": [{"kind": "local_authority", "body": "newport"}, {"kind": "other", "body": "Example Trust"}],
    },
    "NewUser": {
        "email": "mair@example.org",
        "name": "Mair Example",
        "organisation": ORGANISATION_ID,
        "role": "provider_lead",
        "password": "a long sentence to remember",
    },
    "ServiceContent": {
        "name": "Community behaviour change",
        "profile": {"forms_of_abuse": ["domestic_abuse"], "client_groups": ["adult_men"]},
        "programmes": [{"id": "prog-a", "version": "3", "name": "Group programme", "profile": {"delivery": ["group"]}}],
        "regions": ["gwent"],
        "local_authorities": ["newport"],
        "programme_types": ["behaviour_change"],
    },
    "Accreditation": {
        "id": "acc-1",
        "scheme": "respect",
        "edition": "3",
        "stage": "accredited",
        "certificate": "R-0001",
        "awarded_on": "2025-04-01",
        "expires_on": "2028-03-31",
        "scope": {"kind": "service", "services": [SERVICE_ID]},
        "unchanged_declared_on": "2026-03-01",
    },
    "Redeclaration": {"unchanged_declared_on": "2026-03-01"},
    "Verification": {"verified_on": "2026-03-05", "register": "entry seen on the public list"},
    "Document": {
        "id": "doc-1",
        "type": "policy",
        "title": "Supervision policy",
        "issued_on": "2025-01-15",
        "valid_until": "2027-01-31",
        "media_type": "application/pdf",
        "size": 18233,
        "sha256": SHA256,
    },
    "NewAssessment": {
        "service": SERVICE_ID,
        "rule_set": {"id": "wales-perpetrator-services", "version": "2018.1"},
    },
    "ResponseContent": {
        "self_rating": "met",
        "narrative": "Every practitioner has clinical supervision each month.",
        "documents": ["doc-1"],
    },
    "AnswerContent": {"value": "1.5"},
    "Submission": {"share_with": [ORGANISATION_ID]},
    "ManyResponses": {
        "items": [
            {"requirement": "14.2", "etag": None, "self_rating": "met", "documents": ["doc-1"]},
            {"requirement": "14.3", "etag": "2", "narrative": "To be finished."},
        ]
    },
    "ManyAnswers": {"items": [{"question": "clinical_supervision_hours_per_month", "etag": None, "value": "1.5"}]},
    "NewOverride": {
        "requirement": "14.2",
        "response_version": 2,
        "until": "2026-12-31",
        "reason": "Seen on a visit: supervision is minuted each month.",
    },
    "ImprovementAction": {
        "requirement": "14.2",
        "rung": "evidenced",
        "what": "Write down who supervises whom, and how often.",
        "owner_role": "Practice manager",
        "due_on": "2026-09-30",
        "state": "in_progress",
        "evidence": ["doc-1"],
    },
    "PartnerContent": {
        "answers_for": [
            {
                "rule_set": {"id": "wales-perpetrator-services", "version": "2018.1"},
                "standards": [9],
                "requirements": ["14.2"],
            }
        ]
    },
    "CarryForward": {"rule_set_version": "2018.2"},
    "Share": {"commissioner": ORGANISATION_ID},
    "Withdrawal": {"reason": "The service ends in June."},
    "Return": {"requirements": [{"requirement": "14.2", "reason": "The policy is from before the merger."}]},
    "NewReview": {"requirement": "14.2", "response_version": 2, "decision": "accepted"},
    "WhatIf": {
        "documents": [
            {"id": "doc-9", "type": "policy", "title": "New policy", "issued_on": "2026-05-01", "sha256": SHA256}
        ],
        "link": {"14.2": ["doc-9"]},
        "as_of": "2026-12-31",
    },
    "Policy": POLICY,
    "PolicyTrial": {"as_of": "2026-04-01"},
    "DraftTrial": {"policy": POLICY, "as_of": "2026-04-01"},
    "NewCheck": {"policy": POLICY_ID, "service": SERVICE_ID, "as_of": "2026-04-01"},
    "Repetition": {"as_of": "2026-06-30"},
    "Pack": {
        "format": "safonau/assessment-pack/1",
        "rule_set": {"id": "wales-perpetrator-services", "version": "2018.1"},
        "service": {"id": SERVICE_ID, "name": "Community behaviour change", "provider": "Example Provider"},
        "answers": [
            {
                "question": "clinical_supervision_hours_per_month",
                "value": "1.5",
                "answered_at": "2026-03-01T09:30:00Z",
            }
        ],
        "responses": [{"requirement": "14.2", "version": 1, "self_rating": "met", "documents": []}],
    },
}
