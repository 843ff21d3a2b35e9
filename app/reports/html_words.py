"""The fixed words of the public pages that neither reports nor the stewards' commands have; the Welsh is unofficial."""

from app.reports.words import Words

PAGE_WORDS: dict[str, Words] = {
    # every page
    "site": Words("Safonau", "Safonau"),
    "skip": Words("Skip to the content", "Neidio i'r cynnwys"),
    "main_menu": Words("Published standards", "Safonau cyhoeddedig"),
    "path": Words("Where you are", "Ble'r ydych chi"),
    "other_language": Words("Cymraeg", "English"),
    "rule_sets": Words("Rule sets", "Setiau rheolau"),
    "schemes": Words("Accreditation schemes", "Cynlluniau achredu"),
    "crosswalks": Words("Crosswalks", "Croesgyfeiriadau"),
    "english_only": Words("in English only", "yn Saesneg yn unig"),
    "welsh_page": Words(
        "The Welsh of this page is unofficial.",
        "Mae Cymraeg y dudalen hon, gan gynnwys y penawdau, yn answyddogol: geiriad y prosiect hwn ei hun ydyw.",
    ),
    "unofficial": Words("unofficial Welsh", "Cymraeg answyddogol"),
    "official": Words("official Welsh", "Cymraeg swyddogol"),
    "none_here": Words("None.", "Dim."),
    "for_programs": Words(
        "For programs: this address gives the same as JSON where the request says",
        "Ar gyfer rhaglenni: mae'r cyfeiriad hwn yn rhoi'r un peth ar ffurf JSON lle mae'r cais yn dweud",
    ),
    "not_a_certificate": Words(
        "These pages say what is asked. They are no certificate, and no statement of the issuer of the standards.",
        "Mae'r tudalennau hyn yn dweud beth a ofynnir. Nid tystysgrif ydynt, na datganiad gan gyhoeddwr y safonau.",
    ),
    "earlier": Words("Previous", "Blaenorol"),
    "later": Words("Next", "Nesaf"),
    "neighbours": Words("Before and after", "Cynt ac wedyn"),
    "missing": Words("There is nothing at this address", "Nid oes dim yn y cyfeiriad hwn"),
    "missing_note": Words(
        "It may be misspelt, or name something that this service does not have. All that is here is found from:",
        "Efallai fod camsillafu ynddo, neu ei fod yn enwi rhywbeth nad yw gan y gwasanaeth hwn. Ceir popeth yma o:",
    ),
    # the first page
    "welcome": Words("Welcome", "Croeso"),
    "welcome_lead": Words(
        "Here, services for people who perpetrate abuse assess themselves against published minimum standards, with "
        "evidence. Reviewers check it, and commissioners read what is met and what is missing.",
        "Yma mae gwasanaethau i bobl sy'n cam-drin yn eu hasesu eu hunain yn erbyn safonau gofynnol cyhoeddedig, gyda "
        "thystiolaeth. Mae adolygwyr yn ei gwirio, a chomisiynwyr yn darllen beth a fodlonir a beth sydd ar goll.",
    ),
    "welcome_open": Words("Open to everybody", "Agored i bawb"),
    "welcome_api": Words(
        "The HTTP API, by which everything else is done",
        "Yr API HTTP, y gwneir popeth arall drwyddo; Saesneg yw ei dudalen",
    ),
    # verification
    "verify_title": Words("Verify a determination", "Dilysu dyfarniad"),
    "verify_lead": Words(
        "Find out whether a determination was issued here and still stands. Nothing else about it is told.",
        "Dewch i wybod a gyhoeddwyd dyfarniad yma ac a yw'n dal i sefyll. Ni ddywedir dim arall amdano.",
    ),
    "verify_file": Words("By the file", "Yn ôl y ffeil"),
    "verify_file_label": Words(
        "The PDF or JSON file as you have it; it is not kept",
        "Y ffeil PDF neu JSON fel y mae gennych; ni chaiff ei chadw",
    ),
    "verify_typed": Words("By its number or hash", "Yn ôl ei rif neu ei stwnsh"),
    "verify_number_label": Words("Number, such as SAF-2026-7K3QX-9MD4T-C", "Rhif, megis SAF-2026-7K3QX-9MD4T-C"),
    "verify_hash_label": Words("SHA-256, 64 hexadecimal digits", "SHA-256, 64 digid hecsadegol"),
    "verify_button": Words("Verify", "Dilysu"),
    "verify_number_only": Words(
        "A number alone does not show that the document in your hand is unaltered: verify the file for that.",
        "Nid yw rhif yn unig yn dangos bod y ddogfen yn eich llaw heb ei newid: dilyswch y ffeil ar gyfer hynny.",
    ),
    "verify_footnote": Words(
        "This page says whether a document was issued here. It is no statement of the issuer of the standards.",
        "Mae'r dudalen hon yn dweud a gyhoeddwyd dogfen yma. Nid datganiad gan gyhoeddwr y safonau ydyw.",
    ),
    # what is official
    "wording_own": Words(
        "The wording of the requirements is this project's own. It is not the text of the issuer, {issuer}.",
        "Geiriad y prosiect hwn ei hun sydd i'r gofynion. Nid testun y cyhoeddwr, {issuer}, ydyw.",
    ),
    "wording_mixed": Words(
        "Official text stands beside {official} of {all} requirements and is marked as such. The other wording is this "
        "project's own; it is not the text of the issuer, {issuer}.",
        "Mae testun swyddogol wrth ochr {official} o {all} gofyniad, ac wedi'i nodi felly. Geiriad y prosiect hwn ei "
        "hun yw'r gweddill; nid testun y cyhoeddwr, {issuer}, ydyw.",
    ),
    "headings_official": Words(
        "Numbers, headings and pages of the standards are those of the published document.",
        "Rhifau, penawdau a thudalennau'r safonau yw rhai'r ddogfen gyhoeddedig.",
    ),
    "headings_own": Words(
        "The headings are not the text of the issuer either.", "Nid testun y cyhoeddwr yw'r penawdau chwaith."
    ),
    "issuer_unknown": Words("whoever issued the standards", "pwy bynnag a gyhoeddodd y safonau"),
    # status
    "status": Words("Status", "Statws"),
    "draft": Words("Status: draft.", "Statws: drafft."),
    "draft_note": Words(
        "Nothing that binds should be decided by this version.",
        "Ni ddylid penderfynu dim sy'n rhwymo ar sail y fersiwn hon.",
    ),
    "withdrawn": Words("Status: withdrawn.", "Statws: tynnwyd yn ôl."),
    "withdrawn_note": Words(
        "This version is kept so that what was judged by it stays readable.",
        "Cedwir y fersiwn hon er mwyn gallu darllen yr hyn a farnwyd ar ei sail.",
    ),
    # lists
    "list_rule_sets": Words(
        "Published standards as rules that a service can be assessed against, requirement by requirement.",
        "Safonau cyhoeddedig fel rheolau y gellir asesu gwasanaeth yn eu herbyn, fesul gofyniad.",
    ),
    "list_schemes": Words(
        "Schemes whose certificates can show a part of what the rule sets ask.",
        "Cynlluniau y gall eu tystysgrifau ddangos rhan o'r hyn y mae'r setiau rheolau'n ei ofyn.",
    ),
    "list_crosswalks": Words(
        "What a certificate of a scheme shows of a rule set: a cautious reading by this project, with reasons.",
        "Beth mae tystysgrif cynllun yn ei ddangos o set reolau: darlleniad gofalus gan y prosiect hwn, gyda rhesymau.",
    ),
    "version": Words("Version", "Fersiwn"),
    "versions": Words("Other versions", "Fersiynau eraill"),
    # a rule set
    "issuer": Words("Issuer", "Cyhoeddwr"),
    "source": Words("Published as", "Cyhoeddwyd fel"),
    "in_force": Words("In force", "Mewn grym"),
    "since": Words("from {day}", "o {day}"),
    "since_until": Words("from {start} until {end}", "o {start} hyd {end}"),
    "until": Words("until {day}", "hyd {day}"),
    "not_said": Words("not said", "ni ddywedir"),
    "counts": Words("Requirements", "Gofynion"),
    "counts_value": Words(
        "{all}: mandatory {must}, good practice {should}; safety critical {critical}",
        "{all}: gorfodol {must}, arfer da {should}; critigol i ddiogelwch {critical}",
    ),
    "standards": Words("Standards", "Safonau"),
    "number": Words("No.", "Rhif"),
    "heading": Words("Heading", "Pennawd"),
    "place": Words("Page", "Tudalen"),
    "critical": Words("Safety critical", "Critigol i ddiogelwch"),
    "for_some": Words("applies to some services only", "yn gymwys i rai gwasanaethau'n unig"),
    "about": Words("About this version", "Am y fersiwn hon"),
    "hash": Words("SHA-256", "SHA-256"),
    # a requirement
    "in_english": Words("In English", "Yn Saesneg"),
    "in_welsh": Words("In Welsh", "Yn Gymraeg"),
    "not_at_hand": Words(
        "Not at hand. The wording above is this project's own and no quotation.",
        "Ddim wrth law. Geiriad y prosiect hwn ei hun sydd uchod, nid dyfyniad.",
    ),
    "why_critical": Words("Safety critical", "Critigol i ddiogelwch"),
    "at_a_glance": Words("At a glance", "Cipolwg"),
    "covers": Words("Covers", "Yn cwmpasu"),
    "why": Words("Why", "Pam"),
    "covers_all": Words("All of it", "Y cyfan"),
    "covers_part": Words("In part", "Yn rhannol"),
    "covers_none": Words("Nothing", "Dim"),
    "not_listed": Words(
        "This crosswalk does not list the requirement: a certificate shows nothing of it.",
        "Nid yw'r croesgyfeiriad hwn yn rhestru'r gofyniad: nid yw tystysgrif yn dangos dim ohono.",
    ),
    "coverage_note": Words(
        "By this project's reading, which is no statement of the scheme's own. A certificate counts only while it is "
        "in force, for what it is for, and as the crosswalk says.",
        "Yn ôl darlleniad y prosiect hwn, nad yw'n ddatganiad gan y cynllun ei hun. Dim ond tra bydd mewn grym, ar "
        "gyfer yr hyn y mae ar ei gyfer, ac fel y dywed y croesgyfeiriad y mae tystysgrif yn cyfrif.",
    ),
    "no_crosswalk": Words(
        "There is no crosswalk to this rule set version: no certificate shows anything of it.",
        "Nid oes croesgyfeiriad i'r fersiwn hon o'r set reolau: nid oes tystysgrif yn dangos dim ohoni.",
    ),
    "all_of": Words("All of these", "Pob un o'r rhain"),
    "any_of": Words("At least one of these", "O leiaf un o'r rhain"),
    "read_version": Words("version {version}", "fersiwn {version}"),
    "in_use_from": Words("In use from", "Mewn defnydd o"),
    "from_the_start": Words("no first day is set", "ni phennwyd diwrnod cyntaf"),
    # schemes and crosswalks
    "name": Words("Name", "Enw"),
    "what_is_known": Words("What is known of it", "Yr hyn sy'n hysbys amdano"),
    "setting": Words("Setting", "Lleoliad"),
    "recognised": Words("Recognised", "Cydnabyddir"),
    "not_recognised": Words("Not recognised", "Ni chydnabyddir"),
    "reading": Words(
        "This crosswalk is this project's own cautious reading. Neither the scheme nor the issuer of the standards "
        "made or approved it.",
        "Darlleniad gofalus y prosiect hwn ei hun yw'r croesgyfeiriad hwn. Nid y cynllun na chyhoeddwr y safonau a'i "
        "gwnaeth nac a'i cymeradwyodd.",
    ),
    "crosswalk_title": Words(
        "{scheme}: what it shows of “{rule_set}”", "{scheme}: beth mae'n ei ddangos o “{rule_set}”"
    ),
    "months_declared": Words("Declared unchanged again", "Datgan eto heb newid"),
    "months_checked": Words("Looked up in the register again", "Gwirio eto yn y gofrestr"),
    "every_months": Words("every {months}", "bob {months}"),
    "entry_counts": Words("{full} in full, {partial} in part", "{full} yn llawn, {partial} yn rhannol"),
}
