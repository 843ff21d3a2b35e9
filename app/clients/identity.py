"""The keys that an outside identity provider publishes, read over the network."""

import json

import httpx

from app.errors import Unavailable

TIMEOUT_SECONDS = 5.0
MOST_BYTES = 256 * 1024


class PublishedKeys:
    """A JSON Web Key Set at an address that the operator has named."""

    def __init__(self, url: str) -> None:
        self._url = url

    def read(self) -> object:
        """The document, whatever it is; redirections are not followed, and nothing large is read.

        Raises ``Unavailable`` where it is not to be had in time, or is no JSON.
        """
        try:
            with httpx.stream("GET", self._url, timeout=TIMEOUT_SECONDS) as answer:
                answer.raise_for_status()
                content = b""
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > MOST_BYTES:
                        raise ValueError("too much")  # noqa: TRY301  # one answer to all that is wrong with it
            found: object = json.loads(content)
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise Unavailable(
                "The identity provider's keys cannot be read just now.",
                hint="Try again in a minute, or sign in with a password.",
            ) from error
        return found
