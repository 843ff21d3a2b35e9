"""Whether a resource for reading comes in each of its forms, and each language of it by itself."""

from tests.api.conftest import Somebody

FORMS = {"application/pdf": "pdf", "text/html": "", "text/plain": ""}


def every_form(by: Somebody, place: str) -> None:
    """PDF to be saved, HTML under a policy, text; all in Welsh too, with tags of their own."""
    for form, suffix in FORMS.items():
        page = by.get(place, accept=form, accept_language="cy")
        assert (page.status_code, page.headers["content-language"]) == (200, "cy"), form
        assert page.headers["content-type"].startswith(form)
        assert page.headers.get("content-disposition", "").endswith('-cy.pdf"') == (suffix == "pdf")
        assert ("style-src" in page.headers.get("content-security-policy", "")) == (form == "text/html")
        tag = page.headers["etag"]
        assert by.get(place, accept=form, accept_language="cy", If_None_Match=tag).status_code == 304
        assert by.get(place, accept=form, If_None_Match=tag).status_code == 200, "the other language is another page"
