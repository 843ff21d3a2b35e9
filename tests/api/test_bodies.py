"""Where bodies are read and checked: small ones at once, large ones so that nobody else has to wait."""

import threading
from typing import Annotated

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, field_validator

from app.api import errors
from app.api.bodies import WORKED_ON_THE_LOOP, body

CHECKED_BY: list[int] = []


class Words(BaseModel):
    words: str

    @field_validator("words")
    @classmethod
    def _note_who_checks(cls, value: str) -> str:
        CHECKED_BY.append(threading.get_ident())
        return value


@pytest.mark.parametrize(("size", "on_the_loop"), [(10, True), (WORKED_ON_THE_LOOP, False)])
def test_a_large_body_is_checked_in_a_thread_of_its_own(size: int, *, on_the_loop: bool) -> None:
    app = FastAPI()
    errors.install(app)

    @app.post("/")
    async def take(given: Annotated[Words, body(Words)]) -> bool:
        return bool(given.words) and CHECKED_BY[-1] == threading.get_ident()

    with TestClient(app) as client:
        assert client.post("/", json={"words": "x" * size}).json() is on_the_loop
