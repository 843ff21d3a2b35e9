"""What a check says, in English and Welsh; the Welsh is this project's own and unofficial."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from app.engine.determination import Rung
from app.engine.values import Text

_RUNGS: Final[dict[Rung, Text]] = {
    "declared": Text(en="declared", cy="datganwyd"),
    "evidenced": Text(en="evidenced", cy="tystiolaethwyd"),
    "verified": Text(en="verified", cy="dilyswyd"),
}
# Here and not from a library: what a check says is signed, and must not change with a release of somebody else's.
_MONTHS: Final = (
    Text(en="January", cy="Ionawr"),
    Text(en="February", cy="Chwefror"),
    Text(en="March", cy="Mawrth"),
    Text(en="April", cy="Ebrill"),
    Text(en="May", cy="Mai"),
    Text(en="June", cy="Mehefin"),
    Text(en="July", cy="Gorffennaf"),
    Text(en="August", cy="Awst"),
    Text(en="September", cy="Medi"),
    Text(en="October", cy="Hydref"),
    Text(en="November", cy="Tachwedd"),
    Text(en="December", cy="Rhagfyr"),
)
_DATES: Final = ("on", "submitted_on", "accepted_until")
_OUTCOMES: Final[dict[str, Text]] = {
    "pass": Text(
        en="Pass: it meets every threshold of the policy, read on the {rung} rung.",
        cy="Llwyddo: mae'n bodloni pob trothwy yn y polisi, ar y gris {rung}.",
    ),
    "pass_with_conditions": Text(
        en="Pass with conditions: what it misses, read on the {rung} rung, the policy lets a contract make up for.",
        cy="Llwyddo gydag amodau: ar y gris {rung}, caiff contract wneud iawn am yr hyn sydd ar goll, yn ôl y polisi.",
    ),
    "fail": Text(
        en="Fail: it misses what the policy insists on, read on the {rung} rung.",
        cy="Methu: ar y gris {rung}, nid yw'n bodloni'r hyn y mae'r polisi'n mynnu arno.",
    ),
}
_REASONS: Final[dict[str, Text]] = {
    "assessment_withdrawn": Text(
        en="The provider has withdrawn the assessment.", cy="Mae'r darparwr wedi tynnu'r asesiad yn ôl."
    ),
    "nothing_applies": Text(
        en="No requirement that must hold applies to the service, so nothing was assessed.",
        cy="Nid oes unrhyw ofyniad gorfodol yn gymwys i'r gwasanaeth, felly ni chafodd dim ei asesu.",
    ),
    "not_in_rule_set/standard": Text(
        en="The policy requires standard {standard}, which this version of the rule set does not have.",
        cy="Mae'r polisi'n mynnu safon {standard}, nad yw yn y fersiwn hon o'r set reolau.",
    ),
    "not_in_rule_set/requirement": Text(
        en="The policy requires {requirement}, which this version of the rule set does not have.",
        cy="Mae'r polisi'n mynnu {requirement}, nad yw yn y fersiwn hon o'r set reolau.",
    ),
    "rule_set_not_in_force": Text(
        en="Rule set {rule_set}, version {version}, is not published and in force on that day.",
        cy="Nid yw set reolau {rule_set}, fersiwn {version}, wedi'i chyhoeddi ac mewn grym ar y diwrnod hwnnw.",
    ),
    "assessment_too_old": Text(
        en="The assessment was last submitted on {submitted_on}; the policy takes it until {accepted_until}.",
        cy="Cyflwynwyd yr asesiad ddiwethaf ar {submitted_on}; mae'r polisi'n ei dderbyn tan {accepted_until}.",
    ),
    "critical_gap": Text(
        en="{requirement}, which is safety critical, is not {rung}.",
        cy="Nid yw {requirement}, sy'n gritigol i ddiogelwch, ar y gris {rung}.",
    ),
    "compliance_below": Text(
        en="Compliance is {compliance}% (weight {satisfied} of {applicable}); the policy asks for {minimum}%.",
        cy="Cydymffurfiaeth yw {compliance}% (pwysau {satisfied} o {applicable}); mae'r polisi'n gofyn am {minimum}%.",
    ),
    "standard_not_met": Text(
        en="Standard {standard} is required, and these of it are not {rung}: {requirements}.",
        cy="Mae angen safon {standard}, ac nid yw'r rhain ohoni ar y gris {rung}: {requirements}.",
    ),
    "requirement_not_met": Text(
        en="{requirement} is required, and is not {rung}.",
        cy="Mae angen {requirement}, ac nid yw ar y gris {rung}.",
    ),
    "critical_gap_ahead": Text(
        en="From {on}, if nobody does anything, {requirement}, which is safety critical, is no longer {rung}.",
        cy="O {on}, os na wneir dim, ni fydd {requirement}, sy'n gritigol i ddiogelwch, ar y gris {rung} mwyach.",
    ),
    "compliance_below_ahead": Text(
        en="From {on}, if nobody does anything, compliance is {compliance}% (weight {satisfied} of {applicable}); "
        "the policy asks for {minimum}%.",
        cy="O {on}, os na wneir dim, cydymffurfiaeth fydd {compliance}% (pwysau {satisfied} o {applicable}); mae'r "
        "polisi'n gofyn am {minimum}%.",
    ),
    "standard_not_met_ahead": Text(
        en="From {on}, if nobody does anything, these of standard {standard}, which is required, are not {rung}: "
        "{requirements}.",
        cy="O {on}, os na wneir dim, ni fydd y rhain o safon {standard}, y mae ei hangen, ar y gris {rung}: "
        "{requirements}.",
    ),
    "requirement_not_met_ahead": Text(
        en="From {on}, if nobody does anything, {requirement}, which is required, is no longer {rung}.",
        cy="O {on}, os na wneir dim, ni fydd {requirement}, y mae ei angen, ar y gris {rung} mwyach.",
    ),
}


def outcome_in_words(outcome: str, rung: Rung) -> Text:
    """An outcome as a sentence that names the rung, without which it says nothing."""
    return _filled(_OUTCOMES[outcome], {}, rung)


def reason_in_words(code: str, data: Mapping[str, Any], rung: Rung, headings: Mapping[str, Text]) -> Text:
    """A reason as a sentence, with the heading beside what it is about; dates are written out as people write them."""
    if code == "not_in_rule_set":
        code = f"{code}/{'standard' if 'standard' in data else 'requirement'}"
    about = headings.get(str(data.get("requirement", data.get("standard"))))
    said = _REASONS[code]
    if about is None:
        return _filled(said, data, rung)
    return Text(
        en=_filled(said, _headed(data, about.en), rung).en,
        cy=_filled(said, _headed(data, about.cy or about.en), rung).cy,
    )


def _headed(data: Mapping[str, Any], heading: str) -> dict[str, Any]:
    return {**data, **{name: f"{data[name]} ({heading})" for name in ("requirement", "standard") if name in data}}


def _filled(said: Text, data: Mapping[str, Any], rung: Rung) -> Text:
    plain = {name: ", ".join(map(str, item)) if isinstance(item, list) else item for name, item in data.items()}
    days = {name: _written_out(date.fromisoformat(data[name])) for name in _DATES if name in data}
    english, welsh = said.en, said.cy or said.en
    return Text(
        en=english.format_map({"rung": _RUNGS[rung].en, **plain, **{name: day.en for name, day in days.items()}}),
        cy=welsh.format_map({"rung": _RUNGS[rung].cy, **plain, **{name: day.cy for name, day in days.items()}}),
    )


def _written_out(day: date) -> Text:
    month = _MONTHS[day.month - 1]
    return Text(en=f"{day.day} {month.en} {day.year}", cy=f"{day.day} {month.cy} {day.year}")
