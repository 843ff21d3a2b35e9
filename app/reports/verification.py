"""What is said of a document that somebody verifies: four results, or why nothing was looked at, in both languages."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from app.engine.values import Text

Verdict: TypeAlias = Literal["current", "superseded", "lapsed", "unknown"]

_SAID: Final[dict[Verdict, Text]] = {
    "current": Text(
        en="Authentic and current: this determination was issued here, and no later one takes its place.",
        cy="Dilys a chyfredol: cyhoeddwyd y dyfarniad hwn yma, ac nid oes un diweddarach yn cymryd ei le.",
    ),
    "superseded": Text(
        en="Authentic but superseded: this determination was issued here, and a later one has taken its place.",
        cy="Dilys ond wedi'i ddisodli: cyhoeddwyd y dyfarniad hwn yma, ac mae un diweddarach wedi cymryd ei le.",
    ),
    "lapsed": Text(
        en="Authentic but lapsed: this determination was issued here, and the last day that it speaks for has passed.",
        cy="Dilys ond wedi dod i ben: cyhoeddwyd y dyfarniad hwn yma, ac mae'r diwrnod olaf y mae'n siarad drosto wedi "
        "mynd heibio.",
    ),
    "unknown": Text(
        en="Unknown: nothing like this was issued here. A number may be mistyped, and a file that was altered in the "
        "least is not the one that was issued.",
        cy="Anhysbys: ni chyhoeddwyd dim byd tebyg i hyn yma. Gall rhif fod wedi'i deipio'n anghywir, ac nid yr un a "
        "gyhoeddwyd yw ffeil a newidiwyd yn y mymryn lleiaf.",
    ),
}
_DEMONSTRATION: Final = Text(
    en=" It is a demonstration, on an unpublished draft of the rule set; nothing may be decided by it.",
    cy=" Arddangosiad ydyw, ar sail drafft heb ei gyhoeddi o'r set reolau; ni cheir penderfynu dim ar ei sail.",
)


def verdict_in_words(verdict: Verdict, *, demonstration: bool) -> Text:
    """The result as a sentence; what only demonstrates is said to."""
    said = _SAID[verdict]
    if not demonstration:
        return said
    return Text(en=said.en + _DEMONSTRATION.en, cy=f"{said.cy}{_DEMONSTRATION.cy}")


# What is wrong, in the words of problem details but for a file that they call a body, and what a person can do.
_REFUSED: Final[dict[str, tuple[Text, Text]]] = {
    "bad-input": (
        Text(en="There is no file in the request that can be read.", cy="Nid oes ffeil yn y cais y gellir ei darllen."),
        Text(
            en="Choose the PDF or JSON file as it was issued, and send it again.",
            cy="Dewiswch y ffeil PDF neu JSON fel y'i cyhoeddwyd, a'i hanfon eto.",
        ),
    ),
    "too-large": (
        Text(
            en="The file is larger than the {most} bytes that the service takes.",
            cy="Mae'r ffeil yn fwy na'r {most} beit y mae'r gwasanaeth yn eu cymryd.",
        ),
        Text(
            en="No determination that is issued here is so large: see that it is the right file.",
            cy="Nid oes dyfarniad a gyhoeddir yma mor fawr: gwnewch yn siŵr mai dyna'r ffeil gywir.",
        ),
    ),
    "unsupported-media-type": (
        Text(
            en="The body is in a form that is not read here.", cy="Mae'r corff ar ffurf nad yw'n cael ei darllen yma."
        ),
        Text(
            en="Choose the PDF or JSON file in the form below, and send it again.",
            cy="Dewiswch y ffeil PDF neu JSON yn y ffurflen isod, a'i hanfon eto.",
        ),
    ),
    "invalid": (
        Text(en="The request's parameters have faults.", cy="Mae gwallau ym mharamedrau'r cais."),
        Text(
            en="Ask for a number of at most 100 characters or for a SHA-256, which has 64 hexadecimal digits. A page "
            "is in English (en) or in Welsh (cy).",
            cy="Holwch am rif o 100 nod ar y mwyaf, neu am SHA-256, sydd â 64 digid hecsadegol. Mae tudalen yn Saesneg "
            "(en) neu yn Gymraeg (cy).",
        ),
    ),
    "unavailable": (
        Text(en="The service cannot do this now.", cy="Ni all y gwasanaeth wneud hyn ar hyn o bryd."),
        Text(en="Try again in a little while.", cy="Rhowch gynnig arall arni ymhen ychydig."),
    ),
    "too-many-attempts": (
        Text(
            en="Too many documents were verified from your address.",
            cy="Dilyswyd gormod o ddogfennau o'ch cyfeiriad.",
        ),
        Text(
            en="Nothing was looked at this time. Try again in a little while.",
            cy="Felly nid edrychwyd ar ddim y tro hwn. Rhowch gynnig arall arni ymhen ychydig.",
        ),
    ),
}


def refusal_in_words(code: str, data: Mapping[str, object]) -> tuple[Text, Text] | None:
    """Why nothing was looked at, and what a person can do; ``None`` for a refusal that is nothing of theirs.

    ``data`` has what the sentence tells of, such as the ``most`` bytes that are taken.
    """
    if code not in _REFUSED:
        return None
    what, remedy = _REFUSED[code]
    return Text(en=what.en.format_map(data), cy=(what.cy or what.en).format_map(data)), remedy
