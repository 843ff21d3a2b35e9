"""Fonts, colours and paragraph styles of the PDF. Every pair of text and ground has a contrast of 4.5 to 1 or more."""

from pathlib import Path
from typing import Any, NamedTuple

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames, registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

from app.engine.determination import Rung, Status

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
_FONTS = Path(__file__).parent / "fonts"

MARGIN = 17 * mm

INK = HexColor("#1B2733")
MUTED = HexColor("#52606D")
RULE = HexColor("#CBD3DB")
PANEL = HexColor("#F3F5F8")
ACCENT = HexColor("#1F4E79")
WHITE = HexColor("#FFFFFF")
TRACK = HexColor("#E1E6EB")


class Tone(NamedTuple):
    """How a status looks: a sign that works without colour, a dark colour for text, a light one for grounds."""

    sign: str
    dark: Color
    light: Color


TONES: dict[Status, Tone] = {
    "meets": Tone("✓", HexColor("#1B6B3A"), HexColor("#E6F2EA")),
    "critical_gaps": Tone("▲", HexColor("#A3161F"), HexColor("#FBEAEA")),
    "working_towards": Tone("◐", HexColor("#7A4F00"), HexColor("#FBF3E1")),
    "not_assessed": Tone("○", HexColor("#46525E"), HexColor("#EDF0F3")),
}

BARS: dict[Rung, Color] = {
    "declared": HexColor("#9FB3C8"),
    "evidenced": HexColor("#4C7FAF"),
    "verified": HexColor("#173F66"),
}


def fonts_ready() -> None:
    """Register the fonts, once in a process: reportlab's own lack the Welsh letters ŵ and ŷ."""
    if REGULAR in getRegisteredFontNames():
        return
    for name in (REGULAR, BOLD):
        registerFont(TTFont(name, _FONTS / f"{name}.ttf"))
    registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def _style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:  # noqa: ANN401  # fields of reportlab's
    settings: dict[str, Any] = {"fontName": REGULAR, "fontSize": size, "leading": leading, "textColor": INK} | more
    return ParagraphStyle(name, **settings)


BODY = _style("body", 8.6, 12.2)
SMALL = _style("small", 7.6, 10.4, textColor=MUTED)
CELL = _style("cell", 7.8, 10.4)
CELL_BOLD = _style("cell-bold", 7.8, 10.4, fontName=BOLD)
CELL_RIGHT = _style("cell-right", 7.8, 10.4, alignment=2)
HEAD = _style("head", 7.4, 9.6, fontName=BOLD, textColor=MUTED)
HEAD_RIGHT = _style("head-right", 7.4, 9.6, fontName=BOLD, textColor=MUTED, alignment=2)
KICKER = _style("kicker", 8, 10, fontName=BOLD, textColor=ACCENT)
H1 = _style("h1", 17, 21, fontName=BOLD)
H2 = _style("h2", 11.5, 15, fontName=BOLD, textColor=ACCENT, spaceBefore=10, spaceAfter=3.5, keepWithNext=1)
# Not kept with the table that follows, which would go to the next page whole.
H2_OVER_TABLE = H2.clone("h2-over-table", keepWithNext=0)
H3 = _style("h3", 9.2, 12.6, fontName=BOLD, keepWithNext=1)
NOTE = _style("note", 7.6, 10.4, textColor=MUTED, spaceAfter=4, keepWithNext=1)
NOTE_OVER_TABLE = NOTE.clone("note-over-table", keepWithNext=0)
LABEL = _style("label", 7.6, 10.4, fontName=BOLD, textColor=ACCENT, spaceBefore=4, spaceAfter=1, keepWithNext=1)
META = _style("meta", 7.6, 10.4, textColor=MUTED, spaceAfter=1, keepWithNext=1)
ITEM = _style(
    "item", 8.4, 11.8, leftIndent=14, bulletIndent=3, bulletFontName=REGULAR, bulletFontSize=8.4, spaceAfter=1
)
TAIL = _style("tail", 7.6, 10.4, textColor=MUTED, spaceBefore=3)
SCORE = _style("score", 19, 24, fontName=BOLD)
SCORE_NOTHING = _style("score-nothing", 11, 24, fontName=BOLD, textColor=MUTED)
VERDICT = _style("verdict", 8.8, 12.2, fontName=BOLD)
BOX_TITLE = _style("box-title", 11, 14.5, fontName=BOLD, textColor=WHITE)
EXPLAINED = _style("explained", 8.6, 12.6, spaceAfter=6)


def coloured(markup: str, colour: Color) -> str:
    """Paragraph markup in a colour."""
    return f'<font color="#{colour.hexval()[2:]}">{markup}</font>'
