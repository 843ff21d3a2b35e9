"""What is said of a document that somebody verifies: four results and nothing else, in both languages."""

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
