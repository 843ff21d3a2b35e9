"""The page at /docs: every operation on one page, without scripts and without anything from another server.

It is written from the OpenAPI document, so it is complete, works where there is no internet, can be read by any reader
of pages, and sends nobody's address to a third party.
"""

import base64
import hashlib
import json
import re
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 60rem; margin: 0 auto;
  padding: 1rem }
h1, h2, h3 { line-height: 1.2 } h2 { margin-top: 3rem; border-bottom: 2px solid #1a1a1a }
section { margin: 2rem 0 } a { color: #0b4f9e } a:focus { outline: 3px solid #0b4f9e }
code, pre { font-family: ui-monospace, monospace; font-size: .95em }
pre { background: #f3f3f3; padding: .75rem; overflow-x: auto }
table { border-collapse: collapse; width: 100% } caption { text-align: left }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ccc }
summary { cursor: pointer; padding: .25rem 0 } nav ul { columns: 2; padding-left: 1.2rem }
"""

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: HTTP API</title><style>{style}</style></head>
<body>
<h1>{title}: HTTP API, version {version}</h1>
{description}
<p>For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<nav aria-label="Operations">{contents}</nav>
<main>{operations}</main>
</body></html>
"""

OPERATION = """<section id="{id}">
<h3>{summary}</h3>
<p><code><strong>{method}</strong> {path}</code></p>
{description}
{parameters}{examples}<details><summary>Answers</summary><table>
<tr><th scope="col">Status</th><th scope="col">When</th></tr>
{responses}</table></details>
</section>
"""

PARAMETERS = """<table><caption>Parameters</caption>
<tr><th scope="col">Name</th><th scope="col">In</th><th scope="col">Meaning</th></tr>
{rows}</table>
"""


async def docs_page(request: Request) -> Response:
    """Answer with the page; its own content policy allows its one style and nothing else."""
    content = _rendered(json.dumps(request.app.openapi()))
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
    headers = {"content-security-policy": policy, "cache-control": "public, no-cache"}
    return Response(content, headers=headers, media_type="text/html")


@cache
def _rendered(document: str) -> str:
    openapi = json.loads(document)
    groups = _groups(openapi)
    contents, operations = [], []
    for tag, entries in groups.items():
        heading = f"<h2>{escape(tag.capitalize())}</h2>"
        links = "".join(f'<li><a href="#{entry["id"]}">{entry["summary"]}</a></li>\n' for entry in entries)
        contents.append(f"{heading}<ul>{links}</ul>")
        operations.append(heading + "".join(OPERATION.format(**entry) for entry in entries))
    return PAGE.format(
        title=escape(openapi["info"]["title"]),
        version=escape(openapi["info"]["version"]),
        description=_prose(openapi["info"]["description"]),
        style=STYLE,
        contents="".join(contents),
        operations="".join(operations),
    )


def _groups(openapi: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Operations by tag, in the order of the document, each as the parts of its section in HTML."""
    groups: dict[str, list[dict[str, str]]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            entry = {
                "id": escape(operation["operationId"]),
                "method": method.upper(),
                "path": escape(path),
                "summary": escape(operation["summary"]),
                "description": _prose(operation["description"]),
                "parameters": _parameters(operation.get("parameters", [])),
                "examples": "".join(map(_example, operation.get("requestBody", {}).get("content", {}).items())),
                "responses": "".join(
                    f"<tr><td>{status}</td><td>{_prose(response['description'])}</td></tr>\n"
                    for status, response in sorted(operation["responses"].items())
                ),
            }
            groups.setdefault(operation["tags"][0], []).append(entry)
    return groups


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(item['name'])}</code>{' (needed)' if item['required'] else ''}</td>"
        f"<td>{escape(item['in'])}</td><td>{escape(item.get('description', ''))}</td></tr>\n"
        for item in parameters
    )
    return PARAMETERS.format(rows=rows) if rows else ""


def _example(item: tuple[str, dict[str, Any]]) -> str:
    form, content = item
    if form == "application/json":
        text = json.dumps(content["example"], ensure_ascii=False, indent=2)
    else:
        text = urlencode(content["example"])
    return f"<p>Takes <code>{escape(form)}</code>, for example:</p>\n<pre><code>{escape(text)}</code></pre>\n"


def _prose(text: str) -> str:
    """Paragraphs, lists, **strong words** and `code`, which is all the marking that descriptions use."""
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip()):
        marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(block))
        marked = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", marked)
        if marked.startswith("* "):
            items = re.split(r"\n?^\* ", marked, flags=re.MULTILINE)[1:]
            blocks.append("<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>")
        else:
            blocks.append(f"<p>{marked}</p>")
    return "\n".join(blocks)
