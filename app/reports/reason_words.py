"""The sentence of every reason code (semantics.md 7), in English and in Welsh, as data.

A code whose data can take two forms has a sentence for each: ``code/field`` where the field says which. The Welsh is
unofficial. Placeholders are the names of the data, already put into words.
"""

from app.reports.words import Words

REASONS: dict[str, Words] = {
    "profile_unstated": Words(
        "It counts as applicable because the profile does not state: {fields}.",
        "Fe'i cyfrifir yn gymwys am nad yw'r proffil yn nodi: {fields}.",
    ),
    "exclusion_not_allowed": Words(
        "The provider says that it does not apply; this requirement cannot be excluded.",
        "Mae'r darparwr yn dweud nad yw'n gymwys; ni ellir eithrio'r gofyniad hwn.",
    ),
    "exclusion_unexplained": Words(
        "The provider says that it does not apply, but gives no reason.",
        "Mae'r darparwr yn dweud nad yw'n gymwys, ond nid yw'n rhoi rheswm.",
    ),
    "exclusion_unreviewed": Words(
        "The provider says that it does not apply, and gives a reason; no reviewer has accepted it.",
        "Mae'r darparwr yn dweud nad yw'n gymwys, ac yn rhoi rheswm; nid oes adolygydd wedi'i dderbyn.",
    ),
    "not_answered": Words(
        "The provider has not answered this requirement.",
        "Nid yw'r darparwr wedi ateb y gofyniad hwn.",
    ),
    "self_rated_below_met": Words(
        "The provider rates itself “{rating}”.",
        "Mae'r darparwr yn ei sgorio ei hun “{rating}”.",
    ),
    "document_missing": Words(
        "Too few documents are linked: {have} of {wanted}. Type: {types}.",
        "Nid oes digon o ddogfennau wedi'u cysylltu: {have} o {wanted}. Math: {types}.",
    ),
    "document_withdrawn": Words(
        "Document {document} was withdrawn on {withdrawn_on}.",
        "Tynnwyd dogfen {document} yn ôl ar {withdrawn_on}.",
    ),
    "document_not_yet_valid/issued_on": Words(
        "Document {document} is not issued until {issued_on}.",
        "Ni chyhoeddir dogfen {document} tan {issued_on}.",
    ),
    "document_not_yet_valid/valid_from": Words(
        "Document {document} is not in force until {valid_from}.",
        "Nid yw dogfen {document} mewn grym tan {valid_from}.",
    ),
    "document_expired": Words(
        "Document {document} was valid only until {valid_until}.",
        "Dim ond hyd at {valid_until} yr oedd dogfen {document} yn ddilys.",
    ),
    "document_replaced": Words(
        "Document {document} has been replaced by document {replaced_by}, and no longer counts.",
        "Disodlwyd dogfen {document} gan ddogfen {replaced_by}, ac nid yw'n cyfrif mwyach.",
    ),
    "document_too_old": Words(
        "Document {document} is too old: it was accepted until {accepted_until}.",
        "Mae dogfen {document} yn rhy hen: fe'i derbyniwyd hyd at {accepted_until}.",
    ),
    "answer_missing": Words(
        "Not answered: “{question}”. Needed: {wanted}.",
        "Heb ei ateb: “{question}”. Angen: {wanted}.",
    ),
    "answer_insufficient": Words(
        "Answer to “{question}”: {given}. Needed: {wanted}.",
        "Ateb i “{question}”: {given}. Angen: {wanted}.",
    ),
    "accreditation_edition_not_recognised": Words(
        "Accreditation {accreditation} does not count: its edition is not recognised.",
        "Nid yw achrediad {accreditation} yn cyfrif: ni chydnabyddir ei argraffiad.",
    ),
    "accreditation_stage_not_recognised": Words(
        "Accreditation {accreditation} does not count: its stage is not recognised.",
        "Nid yw achrediad {accreditation} yn cyfrif: ni chydnabyddir ei gam.",
    ),
    "accreditation_crosswalk_not_applicable": Words(
        "Accreditation {accreditation} does not count: its crosswalk does not apply to this profile.",
        "Nid yw achrediad {accreditation} yn cyfrif: nid yw ei groesgyfeiriad yn gymwys i'r proffil hwn.",
    ),
    "accreditation_out_of_scope": Words(
        "Accreditation {accreditation} does not count: its scope does not reach what is judged here.",
        "Nid yw achrediad {accreditation} yn cyfrif: nid yw ei gwmpas yn cyrraedd yr hyn a fernir yma.",
    ),
    "accreditation_withdrawn": Words(
        "Accreditation {accreditation} was withdrawn on {withdrawn_on}.",
        "Tynnwyd achrediad {accreditation} yn ôl ar {withdrawn_on}.",
    ),
    "accreditation_not_yet_awarded": Words(
        "Accreditation {accreditation} is not awarded until {awarded_on}.",
        "Ni ddyfernir achrediad {accreditation} tan {awarded_on}.",
    ),
    "accreditation_expired": Words(
        "Accreditation {accreditation} ran only until {expires_on}.",
        "Dim ond hyd at {expires_on} yr oedd achrediad {accreditation} mewn grym.",
    ),
    "accreditation_suspended": Words(
        "Accreditation {accreditation} has been suspended since {suspended_on}.",
        "Mae achrediad {accreditation} wedi'i atal ers {suspended_on}.",
    ),
    "accreditation_condition_open": Words(
        "Accreditation {accreditation} has an area of concern about this requirement, open since {opened_on}.",
        "Mae gan achrediad {accreditation} faes pryder am y gofyniad hwn, yn agored ers {opened_on}.",
    ),
    "accreditation_not_redeclared": Words(
        "Accreditation {accreditation}: the provider's declaration that nothing has changed spoke until "
        "{declared_until}.",
        "Achrediad {accreditation}: hyd at {declared_until} yr oedd datganiad y darparwr nad oes dim wedi newid yn "
        "ddilys.",
    ),
    "accreditation_not_redeclared/never": Words(
        "Accreditation {accreditation}: the provider has not declared that nothing has changed since it was awarded, "
        "or reinstated.",
        "Achrediad {accreditation}: nid yw'r darparwr wedi datgan nad oes dim wedi newid ers ei ddyfarnu, neu ei "
        "adfer.",
    ),
    "accreditation_unverified": Words(
        "Accreditation {accreditation}: the check against the register spoke until {verified_until}.",
        "Achrediad {accreditation}: hyd at {verified_until} yr oedd y gwiriad yn erbyn y gofrestr yn ddilys.",
    ),
    "accreditation_unverified/never": Words(
        "Accreditation {accreditation}: nobody has checked it against the register since it was awarded, or "
        "reinstated.",
        "Achrediad {accreditation}: nid oes neb wedi'i wirio yn erbyn y gofrestr ers ei ddyfarnu, neu ei adfer.",
    ),
    "review_rejected": Words(
        "A reviewer rejected it on {decided_at}: “{reason}”",
        "Gwrthododd adolygydd ef ar {decided_at}: “{reason}”",
    ),
    "review_rejected/never": Words(
        "A reviewer rejected it on {decided_at}, without a reason on record.",
        "Gwrthododd adolygydd ef ar {decided_at}, heb reswm ar gofnod.",
    ),
    "more_information_requested": Words(
        "A reviewer asked for more information on {decided_at}: “{reason}”",
        "Gofynnodd adolygydd am ragor o wybodaeth ar {decided_at}: “{reason}”",
    ),
    "more_information_requested/never": Words(
        "A reviewer asked for more information on {decided_at}, without a reason on record.",
        "Gofynnodd adolygydd am ragor o wybodaeth ar {decided_at}, heb reswm ar gofnod.",
    ),
    "override_lapsed": Words(
        "A reviewer had seen for themselves; that counted until {until}.",
        "Roedd adolygydd wedi gweld drosto'i hun; roedd hynny'n cyfrif hyd at {until}.",
    ),
    "review_stale": Words(
        "A reviewer accepted it, but what was accepted has changed since; it needs a new review.",
        "Derbyniodd adolygydd ef, ond mae'r hyn a dderbyniwyd wedi newid ers hynny; mae angen adolygiad newydd.",
    ),
    "review_pending": Words(
        "No reviewer has decided on it yet.",
        "Nid oes adolygydd wedi penderfynu arno eto.",
    ),
}

# The datum that may be null, of the codes that have a sentence for that.
MAY_BE_NULL: dict[str, str] = {
    "accreditation_not_redeclared": "declared_until",
    "accreditation_unverified": "verified_until",
    "review_rejected": "reason",
    "more_information_requested": "reason",
}
