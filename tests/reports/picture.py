"""The README's picture: the first page of the demonstration's gap report, as it really is.

Write it anew when the report looks or reads otherwise:

    python -m tests.reports.picture
"""

from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pdfplumber
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.reports.gap_report import gap_report
from app.reports.pdf import gap_report_pdf
from tests.reports.example import catalogue, demonstration, evaluated, wales

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "gap-report.png"
WORDS = "words-sha256"
_WIDTH = 900  # pixels
_COLOURS = 256
_SERVICE = {"name": "Community behaviour change (demonstration)", "provider": "Tŷ Glas, an example provider"}


def report() -> bytes:
    """The report that is pictured, as PDF."""
    pack = demonstration()
    pack["service"] |= _SERVICE
    return gap_report_pdf(gap_report(evaluated(pack), wales(), schemes=catalogue().schemes))


def words_of(pdf: bytes) -> str:
    """The SHA-256 of the words of the first page, which a picture of it carries."""
    with pdfplumber.open(BytesIO(pdf)) as document:
        return sha256(document.pages[0].extract_text().encode()).hexdigest()


def main() -> None:
    """Write the picture."""
    pdf = report()
    with pdfplumber.open(BytesIO(pdf)) as document:
        page = document.pages[0].to_image(width=_WIDTH, antialias=True).original
    carried = PngInfo()
    carried.add_text(WORDS, words_of(pdf))
    page.quantize(_COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True, pnginfo=carried)


if __name__ == "__main__":
    main()
