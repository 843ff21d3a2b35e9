"""Every fixed word and sentence of a report, in English and in Welsh, as data.

The Welsh is this project's own and unofficial: it waits for a Welsh speaker's check. The sentences of reason codes
are in ``app/reports/reason_words.py``. Placeholders in braces are the same in both languages; a test says so.
"""

from typing import Literal, NamedTuple, TypeAlias

from app.engine.determination import Applicability, Route, Rung, Status
from app.engine.rules import Basis, Obligation

Language: TypeAlias = Literal["en", "cy"]
LANGUAGES: tuple[Language, ...] = ("en", "cy")


class Words(NamedTuple):
    """One sentence or name in both languages."""

    en: str
    cy: str


RUNG_NAMES: dict[Rung, Words] = {
    "declared": Words("Declared", "Datganwyd"),
    "evidenced": Words("Evidenced", "Tystiolaethwyd"),
    "verified": Words("Verified", "Dilyswyd"),
}

RUNG_MEANINGS: dict[Rung, Words] = {
    "declared": Words("The provider says so", "Mae'r darparwr yn dweud hynny"),
    "evidenced": Words("Shown by evidence or accreditation", "Drwy dystiolaeth neu achrediad"),
    "verified": Words("Confirmed by a reviewer or register", "Gan adolygydd neu gofrestr"),
}

STATUSES: dict[Status, Words] = {
    "meets": Words("Meets", "Yn bodloni"),
    "critical_gaps": Words("Critical gaps", "Bylchau critigol"),
    "working_towards": Words("Working towards", "Gweithio tuag ato"),
    "not_assessed": Words("Not assessed", "Heb ei asesu"),
}

VERDICTS: dict[Status, Words] = {
    "meets": Words(
        "Meets rule set {rule_set}, version {version}, on the {rung} rung.",
        "Yn bodloni'r set reolau {rule_set}, fersiwn {version}, ar y gris {rung}.",
    ),
    "critical_gaps": Words(
        "Does not meet rule set {rule_set}, version {version}, on the {rung} rung.",
        "Nid yw'n bodloni'r set reolau {rule_set}, fersiwn {version}, ar y gris {rung}.",
    ),
    "working_towards": Words(
        "Does not yet meet rule set {rule_set}, version {version}, on the {rung} rung.",
        "Nid yw eto'n bodloni'r set reolau {rule_set}, fersiwn {version}, ar y gris {rung}.",
    ),
    "not_assessed": Words(
        "Not assessed against rule set {rule_set}, version {version}, on the {rung} rung: nothing mandatory applies.",
        "Heb ei asesu yn erbyn y set reolau {rule_set}, fersiwn {version}, ar y gris {rung}:"
        " nid oes dim gorfodol yn gymwys.",
    ),
}

ROUTES: dict[Route, Words] = {
    "override": Words("A reviewer saw for themselves", "Gwelodd adolygydd drosto'i hun"),
    "accreditation": Words("Accreditation", "Achrediad"),
    "evidence": Words("Evidence", "Tystiolaeth"),
    "evidence_and_accreditation": Words("Evidence and accreditation", "Tystiolaeth ac achrediad"),
    "declaration": Words("Declaration only", "Datganiad yn unig"),
    "none": Words("None", "Dim"),
    "exclusion": Words("Exclusion accepted by a reviewer", "Eithriad a dderbyniwyd gan adolygydd"),
    "not_applicable_by_rule": Words("Does not apply to this profile", "Nid yw'n gymwys i'r proffil hwn"),
}

APPLICABILITIES: dict[Applicability, Words] = {
    "applicable": Words("Applicable", "Cymwys"),
    "excluded": Words("Excluded", "Wedi'i eithrio"),
    "not_applicable": Words("Not applicable", "Ddim yn gymwys"),
}

OBLIGATIONS: dict[Obligation, Words] = {
    "must": Words("Mandatory", "Gorfodol"),
    "should": Words("Good practice", "Arfer da"),
}

BASES: dict[Basis, Words] = {
    "official": Words("official text", "testun swyddogol"),
    "secondary": Words("reported by another source", "adroddwyd gan ffynhonnell arall"),
    "heading": Words("the published heading", "y pennawd cyhoeddedig"),
    "comparable": Words("a comparable standard", "safon gymaradwy"),
    "law": Words("law of Wales or the UK", "cyfraith Cymru neu'r DU"),
    "editorial": Words("this project's own drafting", "drafft y prosiect hwn ei hun"),
}

# What a crosswalk entry rests on. A name that is not here is shown as the file has it.
ENTRY_BASES: dict[str, Words] = {
    "inferred": Words("inferred by this project", "casglwyd gan y prosiect hwn"),
    "secondary": Words("reported by another source", "adroddwyd gan ffynhonnell arall"),
}

RATINGS: dict[str, Words] = {
    "partly_met": Words("partly met", "wedi'i fodloni'n rhannol"),
    "not_met": Words("not met", "heb ei fodloni"),
}

RULE_SET_STATUSES: dict[Literal["draft", "published", "withdrawn"], Words] = {
    "draft": Words("draft: not for decisions that bind", "drafft: nid ar gyfer penderfyniadau sy'n rhwymo"),
    "published": Words("published", "cyhoeddwyd"),
    "withdrawn": Words("withdrawn", "tynnwyd yn ôl"),
}

WANTED: dict[str, Words] = {
    "is": Words("{value}", "{value}"),
    "at_least": Words("at least {value}", "o leiaf {value}"),
    "at_most": Words("at most {value}", "ar y mwyaf {value}"),
    "one_of": Words("one of: {value}", "un o'r rhain: {value}"),
    "includes_all": Words("all of: {value}", "pob un o'r rhain: {value}"),
    "includes_any": Words("any of: {value}", "unrhyw un o'r rhain: {value}"),
    "within_months": Words(
        "a date within the last {value}, counted in months from the date given",
        "dyddiad o fewn y {value} diwethaf, gan gyfrif misoedd o'r dyddiad a roddwyd",
    ),
}

PHRASES: dict[str, Words] = {
    "gap_report": Words("Gap report", "Adroddiad bylchau"),
    "determination": Words("Determination", "Dyfarniad"),
    "yes": Words("yes", "ie"),
    "no": Words("no", "na"),
    "or": Words("or", "neu"),
    "english_only": Words("{text}", "{text} (yn Saesneg yn unig)"),
    "instant": Words("{date}, {time} UTC", "{date}, {time} UTC"),
    "percent": Words("{score}%", "{score}%"),
    "nothing_applies": Words("nothing applies", "dim yn gymwys"),
    "no_end": Words("no end date", "dim dyddiad gorffen"),
    "page": Words("Page {page} of", "Tudalen {page} o"),
    "draft": Words(
        "DEMONSTRATION. This rests on an unpublished draft of the rule set. Nothing may be decided by it.",
        "ARDDANGOSIAD. Mae hyn yn seiliedig ar ddrafft heb ei gyhoeddi o'r set reolau. "
        "Ni cheir penderfynu dim ar ei sail.",
    ),
    "month": Words("{count} month", "{count} mis"),
    "months": Words("{count} months", "{count} mis"),
    # page 1
    "provider": Words("Provider", "Darparwr"),
    "rule_set": Words("Rule set", "Set reolau"),
    "rule_set_value": Words(
        "{id}, version {version} ({status}). {title}", "{id}, fersiwn {version} ({status}). {title}"
    ),
    "wording": Words("Wording", "Geiriad"),
    "wording_own": Words(
        "The requirement wording is the project's own.",
        "Geiriad y prosiect ei hun sydd i'r gofynion.",
    ),
    "wording_mixed": Words(
        "Official text is given for {official} of {all} requirements; the other wording is the project's own.",
        "Rhoddir testun swyddogol ar gyfer {official} o {all} gofyniad; geiriad y prosiect ei hun yw'r gweddill.",
    ),
    "headings_official": Words("Headings and pages are official.", "Mae'r penawdau a'r tudalennau'n swyddogol."),
    "welsh_unofficial": Words(
        "The Welsh of this report is unofficial.",
        "Mae Cymraeg yr adroddiad hwn, gan gynnwys y penawdau, yn answyddogol.",
    ),
    "welsh_own": Words(
        "The Welsh of this page is unofficial: it is this project's own wording.",
        "Mae Cymraeg y dudalen hon yn answyddogol: geiriad y prosiect hwn ei hun ydyw.",
    ),
    "as_of": Words("As of", "Ar ddyddiad"),
    "valid_through": Words("Valid through", "Yn ddilys hyd at"),
    "valid_through_value": Words("{date}, on what is known now", "{date}, ar sail yr hyn sy'n hysbys yn awr"),
    "valid_for_ever": Words(
        "no date ahead changes it by itself", "nid oes dyddiad i ddod a fydd yn ei newid ohono'i hun"
    ),
    "gaps_for": Words("Gaps are for", "Y bylchau ar gyfer"),
    "gaps_for_value": Words("the {rung} rung: {meaning}", "y gris {rung}: {meaning}"),
    "critical_title": Words(
        "Safety-critical gaps on the {rung} rung: {count}", "Bylchau diogelwch critigol ar y gris {rung}: {count}"
    ),
    "critical_note": Words(
        "Each can put a victim, a child or a worker at risk. No score makes up for them.",
        "Gall pob un roi dioddefwr, plentyn neu weithiwr mewn perygl. Nid oes sgôr a all wneud iawn amdanynt.",
    ),
    "critical_more": Words("Also, in the list of gaps: {ids}.", "Hefyd, yn y rhestr o fylchau: {ids}."),
    "compliance": Words("Compliance with the mandatory requirements", "Cydymffurfiaeth â'r gofynion gorfodol"),
    "claim_no_status": Words("A claim has no status", "Nid oes statws i honiad"),
    "progress": Words("Progress towards evidence", "Cynnydd tuag at dystiolaeth"),
    "good_practice": Words("Good practice", "Arfer da"),
    "gap_counts": Words("Gaps", "Bylchau"),
    "gap_counts_value": Words(
        "mandatory {must}, of these safety critical {critical}; good practice {should}",
        "gorfodol {must}, gan gynnwys {critical} sy'n gritigol i ddiogelwch; arfer da {should}",
    ),
    "judged": Words("Mandatory requirements", "Gofynion gorfodol"),
    "judged_value": Words(
        "applicable {applicable}, excluded {excluded}, not applicable {not_applicable}",
        "cymwys {applicable}, wedi'u heithrio {excluded}, ddim yn gymwys {not_applicable}",
    ),
    # what it rests on
    "rests_on": Words("What the result rests on", "Yr hyn y mae'r canlyniad yn dibynnu arno"),
    "rests_on_note": Words(
        "Mandatory weight lost were the accreditation alone to lapse today, of {weight} applicable.",
        "Y pwysau gorfodol a gollid pe bai'r achrediad hwn yn unig yn dod i ben heddiw, allan o {weight} cymwys.",
    ),
    "rests_on_none": Words(
        "No accreditation stands in for anything: the result rests on what was handed in.",
        "Nid oes achrediad yn sefyll yn lle dim: mae'r canlyniad yn dibynnu ar yr hyn a gyflwynwyd.",
    ),
    "accreditation": Words("Accreditation", "Achrediad"),
    "scheme": Words("Scheme", "Cynllun"),
    "stands_in_for": Words("Stands in for", "Yn sefyll yn lle"),
    "stands_in_value": Words("{full} in full, {partial} in part", "{full} yn llawn, {partial} yn rhannol"),
    "next_change": Words("Next change after", "Newid nesaf ar ôl"),
    # standards
    "standards": Words("Standard by standard", "Fesul safon"),
    "standards_note": Words(
        "Bars, from top to bottom: declared, evidenced, verified.",
        "Barrau, o'r top i'r gwaelod: datganwyd, tystiolaethwyd, dilyswyd.",
    ),
    "number": Words("No.", "Rhif"),
    "standard": Words("Standard", "Safon"),
    "status": Words("Status", "Statws"),
    "bar": Words("Chart", "Siart"),
    "bar_alt": Words("Compliance: {scores}", "Cydymffurfiaeth: {scores}"),
    # gaps
    "gaps": Words("Gaps on the {rung} rung: {count}", "Bylchau ar y gris {rung}: {count}"),
    "gaps_note": Words(
        "Mandatory before good practice, safety critical first, then by weight.",
        "Gorfodol cyn arfer da, critigol i ddiogelwch yn gyntaf, yna yn ôl pwysau.",
    ),
    "gaps_none": Words(
        "There are no gaps: every applicable requirement is satisfied on the {rung} rung.",
        "Nid oes bylchau: mae pob gofyniad cymwys wedi'i fodloni ar y gris {rung}.",
    ),
    "gaps_nothing": Words(
        "There are no gaps, because no requirement of this rule set applies to this service. That is not a "
        "pass: nothing was assessed.",
        "Nid oes bylchau, am nad oes gofyniad o'r set reolau hon yn gymwys i'r gwasanaeth hwn. Nid yw hynny'n "
        "golygu llwyddo: ni aseswyd dim.",
    ),
    "safety_critical": Words("Safety critical", "Critigol i ddiogelwch"),
    "weight": Words("weight {weight}", "pwysau {weight}"),
    "in_standard": Words("Standard {number}: {title}", "Safon {number}: {title}"),
    "official_text": Words("Official text: {text}", "Testun swyddogol: {text}"),
    "why": Words("Why it is a gap", "Pam mae'n fwlch"),
    "why_risk": Words("Why it is safety critical: {text}", "Pam mae'n gritigol i ddiogelwch: {text}"),
    "hand_in": Words("What to hand in", "Beth i'w gyflwyno"),
    "hand_in_nothing": Words(
        "Nothing more to hand in: what is missing is said under “{why}”.",
        "Nid oes dim arall i'w gyflwyno: dywedir beth sydd ar goll o dan “{why}”.",
    ),
    "programme": Words("Programme: {programmes}.", "Rhaglen: {programmes}."),
    "item": Words("See item {item}.", "Gweler eitem {item}."),
    "would_cover": Words(
        "Full coverage would also come from an accreditation in force under: {schemes}.",
        "Byddai achrediad mewn grym o dan y canlynol hefyd yn ei gwmpasu'n llawn: {schemes}.",
    ),
    "would_cover_none": Words(
        "No accreditation covers this requirement in full for this service.",
        "Nid oes achrediad yn cwmpasu'r gofyniad hwn yn llawn ar gyfer y gwasanaeth hwn.",
    ),
    "basis": Words("Basis of the wording: {basis}.", "Sail y geiriad: {basis}."),
    # the rest
    "satisfied": Words(
        "Requirements satisfied on the {rung} rung: {count}", "Gofynion wedi'u bodloni ar y gris {rung}: {count}"
    ),
    "satisfied_none": Words(
        "No requirement is satisfied on this rung.", "Nid oes gofyniad wedi'i fodloni ar y gris hwn."
    ),
    "requirement": Words("Requirement", "Gofyniad"),
    "route": Words("How", "Sut"),
    "override_until": Words("{route}, until {date}: {reason}", "{route}, hyd at {date}: {reason}"),
    "uncounted": Words("Requirements that do not count: {count}", "Gofynion nad ydynt yn cyfrif: {count}"),
    "uncounted_none": Words("Every requirement counts.", "Mae pob gofyniad yn cyfrif."),
    "why_short": Words("Why", "Pam"),
    "how": Words("How this was worked out", "Sut y cyrhaeddwyd hyn"),
    "how_note": Words(
        "The same rule set, crosswalks and assessment pack give the same determination, to the last byte, on any "
        "computer.",
        "Mae'r un set reolau, croesgyfeiriadau a phecyn asesu yn rhoi'r un dyfarniad, hyd at y beit olaf, ar "
        "unrhyw gyfrifiadur.",
    ),
    "how_rungs": Words(
        "Each applicable requirement is judged on three rungs, each implying the ones before. Declared: the provider "
        "says that it meets the requirement. Evidenced: and the evidence on file satisfies the rule, or an "
        "accreditation in force stands in for it. Verified: and a reviewer accepted that evidence, or the "
        "accreditation was itself verified.",
        "Bernir pob gofyniad cymwys ar dri gris, pob un yn cynnwys y rhai o'i flaen. Datganwyd: mae'r darparwr yn "
        "dweud ei fod yn bodloni'r gofyniad. Tystiolaethwyd: ac mae'r dystiolaeth ar ffeil yn bodloni'r rheol, neu mae "
        "achrediad mewn grym yn sefyll yn ei lle. Dilyswyd: a derbyniodd adolygydd y dystiolaeth honno, neu "
        "dilyswyd yr achrediad ei hun.",
    ),
    "how_scores": Words(
        "Compliance is the weight of the mandatory requirements satisfied, as a share of the weight that applies. "
        "100.0 is shown only when everything is satisfied. Progress also counts what is partly there. Good practice is "
        "scored apart and never makes up for a mandatory requirement.",
        "Cydymffurfiaeth yw pwysau'r gofynion gorfodol a fodlonwyd, fel cyfran o'r pwysau sy'n gymwys. Dangosir 100.0 "
        "dim ond pan fydd popeth wedi'i fodloni. Mae cynnydd hefyd yn cyfrif yr hyn sydd yno'n rhannol. Sgorir arfer "
        "da ar wahân ac nid yw byth yn gwneud iawn am ofyniad gorfodol.",
    ),
    "how_limits": Words(
        "This report says what was claimed, shown and checked against a rule set. It is not a certificate, and not a "
        "judgement by the issuer of the published standards.",
        "Mae'r adroddiad hwn yn dweud beth a honnwyd, a ddangoswyd ac a wiriwyd yn erbyn set reolau. Nid tystysgrif "
        "mohono, na barn gan gyhoeddwr y safonau.",
    ),
    "engine": Words("Engine version", "Fersiwn y peiriant"),
    "rule_set_hash": Words("Rule set SHA-256", "SHA-256 y set reolau"),
    "pack_hash": Words("Assessment pack SHA-256", "SHA-256 y pecyn asesu"),
    "determination_hash": Words("Determination SHA-256", "SHA-256 y dyfarniad"),
    "service_id": Words("Service id", "Dynodwr y gwasanaeth"),
    "crosswalk": Words("{id}, version {version}: SHA-256 {sha256}", "{id}, fersiwn {version}: SHA-256 {sha256}"),
    "crosswalks": Words("Crosswalks in use", "Croesgyfeiriadau mewn defnydd"),
    "none": Words("none", "dim"),
    "basis_counts": Words("Basis of the applicable requirements", "Sail y gofynion cymwys"),
    "route_counts": Words("Mandatory requirements by route", "Gofynion gorfodol yn ôl llwybr"),
    "counted": Words("{name}: {count}", "{name}: {count}"),
}
