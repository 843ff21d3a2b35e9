"""The text of a PDF on standard input, page by page, for a process of its own: a hostile file ends that and no more.

Started by ``app.files.texts`` as a program. It may use so much memory and time, writes a form feed after each page
and at the end, unless it left pages out, a record separator.
"""

import resource
import sys

from pypdf import PdfReader

MOST_PAGES = 200
MOST_CHARACTERS = 5_000_000
MEMORY_BYTES = 1024**3
CPU_SECONDS = 10
PAGE_END = "\f"
ALL_READ = "\x1e"


def main() -> None:
    """Write the text and stop."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    out = sys.stdout.buffer
    pages = PdfReader(sys.stdin.buffer).pages
    written = 0
    for page in pages[:MOST_PAGES]:
        text = page.extract_text().replace(PAGE_END, " ").replace(ALL_READ, " ")
        written += len(text)
        if written > MOST_CHARACTERS:
            return
        out.write((text + PAGE_END).encode("utf-8", "replace"))
        out.flush()
    if len(pages) <= MOST_PAGES:
        out.write(ALL_READ.encode())


if __name__ == "__main__":
    main()
