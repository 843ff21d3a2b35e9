"""The fixed words of rules put into words, in English and in Welsh; the Welsh is this project's own and unofficial."""

from typing import Literal

from app.engine.rules import Concern
from app.reports.words import Words

LABELS: dict[str, Words] = {
    "language": Words("English", "Cymraeg"),
    "rule_set": Words("Rule set", "Set reolau"),
    "standard": Words("Standard", "Safon"),
    "requirement": Words("Requirement", "Gofyniad"),
    "requirements": Words("Requirements", "Gofynion"),
    "statement": Words("Statement (this project's wording)", "Datganiad (geiriad y prosiect hwn)"),
    "official_text": Words("Official text", "Testun swyddogol"),
    "obligation": Words("Obligation", "Rhwymedigaeth"),
    "safety": Words("Safety critical", "Critigol i ddiogelwch"),
    "concerns": Words("Is about", "Yn ymwneud â"),
    "applies": Words("Applies", "Yn gymwys"),
    "excluded": Words("May be argued not to apply", "Gellir dadlau nad yw'n gymwys"),
    "show": Words("What to show", "Beth i'w ddangos"),
    "guidance": Words("Guidance", "Arweiniad"),
    "basis": Words("Basis of the wording", "Sail y geiriad"),
    "sources": Words("Sources", "Ffynonellau"),
    "coverage": Words("What an accreditation shows of it", "Beth mae achrediad yn ei ddangos ohono"),
    "note": Words("Note", "Nodyn"),
    "scheme": Words("Scheme", "Cynllun"),
    "body": Words("Awarding body", "Corff dyfarnu"),
    "scope": Words("Scope", "Cwmpas"),
    "term": Words("Usual term", "Tymor arferol"),
    "editions": Words("Editions", "Argraffiadau"),
    "stages": Words("Stages", "Camau"),
    "programmes": Words("Programmes", "Rhaglenni"),
    "crosswalk": Words("Crosswalk", "Croesgyfeiriad"),
    "crosswalks": Words("Crosswalks", "Croesgyfeiriadau"),
    "recognises": Words("Recognises", "Yn cydnabod"),
    "entries": Words("Requirements that it covers", "Gofynion y mae'n eu cwmpasu"),
}

SENTENCES: dict[str, Words] = {
    "not_at_hand": Words("not at hand", "ddim wrth law"),
    "weight": Words("{obligation}, weight {weight}", "{obligation}, pwysau {weight}"),
    "yes_because": Words("yes: {reason}", "ydy: {reason}"),
    "yes": Words("yes", "ydy"),
    "no": Words("no", "nac ydy"),
    "may": Words("yes, with a reason that a reviewer accepts", "gellir, gyda rheswm y mae adolygydd yn ei dderbyn"),
    "may_not": Words("no", "na ellir"),
    "always": Words("always", "bob amser"),
    "where": Words(
        "where this holds, or the profile leaves it open:",
        "lle mae hyn yn wir, neu lle mae'r proffil yn ei adael yn agored:",
    ),
    "only_where": Words(
        "only where the profile says that this holds:", "dim ond lle mae'r proffil yn dweud bod hyn yn wir:"
    ),
    "all_of": Words("All of these:", "Pob un o'r rhain:"),
    "any_of": Words("At least one of these:", "O leiaf un o'r rhain:"),
    "not_so": Words("Not this:", "Nid hyn:"),
    "documents": Words("{types}, at least {count}", "{types}, o leiaf {count}"),
    "one_document": Words("{types}", "{types}"),
    "age": Words("{document}, at most {months} old", "{document}, heb fod yn hŷn na {months}"),
    "document": Words("Document: {document}.", "Dogfen: {document}."),
    "answer": Words("Answer to “{question}”: {wanted}.", "Ateb i “{question}”: {wanted}."),
    "profile": Words("“{field}”: {wanted}", "“{field}”: {wanted}"),
    "page": Words("page {place}", "tudalen {place}"),
    "section": Words("section {place}", "adran {place}"),
    "full": Words("all of it", "y cyfan"),
    "partial": Words("in part: {leaves}", "yn rhannol: {leaves}"),
    "nothing": Words("nothing", "dim"),
    "covered": Words("{scheme}: {coverage}. {reason}", "{scheme}: {coverage}. {reason}"),
    "basis": Words("Basis: {basis}.", "Sail: {basis}."),
    "read_in": Words("Crosswalk {id} version {version}.", "Croesgyfeiriad {id} fersiwn {version}."),
    "read_from": Words(
        "Crosswalk {id} version {version}, in use from {date}.",
        "Croesgyfeiriad {id} fersiwn {version}, mewn defnydd o {date}.",
    ),
    "recognised": Words("recognised: {reason}", "cydnabyddir: {reason}"),
    "not_recognised": Words("not recognised: {reason}", "ni chydnabyddir: {reason}"),
    "recognises": Words(
        "editions {editions}; stages {stages}; declared again every {redeclare}, looked up again every {recheck}",
        "argraffiadau {editions}; camau {stages}; datgan eto bob {redeclare}, gwirio eto bob {recheck}",
    ),
}

# What ``reports.words.WANTED`` has no words for: the operator that only conditions on the profile have.
WITHIN = Words("none but: {value}", "dim ond: {value}")

CONCERNS: dict[Concern, Words] = {
    "organisation": Words("the organisation", "y sefydliad"),
    "service": Words("the service", "y gwasanaeth"),
    "programme": Words("each programme", "pob rhaglen"),
}

SCOPES: dict[Literal["service", "programme"], Words] = {
    "service": Words("a service, or the whole organisation", "gwasanaeth, neu'r sefydliad cyfan"),
    "programme": Words("a programme", "rhaglen"),
}
