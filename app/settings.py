"""The settings: read once, from the environment, by whoever starts the service, and passed on as one value."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.db import address
from app.errors import Unavailable
from app.shipped import default_data_dir, shipped

PREFIX = "SAFONAU_"


class Settings(BaseSettings):
    """Every setting of the service; each is described in docs/settings.md, and a test says so."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: Annotated[
        SecretStr | None,
        Field(
            validation_alias="DATABASE_URL",
            description="Address of the database, with the ordinary role that the service runs as. "
            "Without it `safonau serve` starts an embedded PostgreSQL in the data folder.",
        ),
    ] = None
    migration_database_url: Annotated[
        SecretStr | None,
        Field(
            validation_alias="MIGRATION_DATABASE_URL",
            description="Address of the same database with the role that owns the schema; used to migrate only. "
            "Without it DATABASE_URL is used.",
        ),
    ] = None
    data_dir: Annotated[
        Path,
        Field(
            description="Folder for the embedded database and, unless set otherwise, for the keys and "
            "the files of documents."
        ),
    ] = Field(default_factory=default_data_dir)
    standards_dir: Annotated[
        Path, Field(description="Folder of the rule sets, schemes and crosswalks; by default those that come along.")
    ] = Field(default_factory=lambda: shipped("standards"))
    key_dir: Annotated[
        Path | None,
        Field(
            description="Folder of the private keys (*.pem, P-256) that sign tokens; every process needs the same. "
            "By default `keys` in the data folder, where a first key is made when there is none."
        ),
    ] = None
    public_url: Annotated[
        str,
        Field(
            pattern=r"^https?://[^/\s?#]+$",
            description="Address under which callers reach the service, without a path; tokens name it as issuer. "
            "Served on this machine only, it is by default the address served at, with its port.",
        ),
    ] = "http://127.0.0.1:8000"
    access_token_minutes: Annotated[
        int, Field(ge=1, le=1440, description="How long an access token holds, in minutes.")
    ] = 15
    max_body_bytes: Annotated[
        int, Field(ge=65_536, le=104_857_600, description="Largest request body taken, in bytes.")
    ] = 4_194_304
    max_upload_bytes: Annotated[
        int, Field(ge=65_536, le=1_073_741_824, description="Largest file of evidence taken, in bytes.")
    ] = 104_857_600
    object_store_url: Annotated[
        str | None,
        Field(
            pattern=r"^s3://[^/\s?#]+(/[^\s?#]*)?$",
            description="Where the files of documents lie, as `s3://bucket/prefix`. "
            "Address and credentials come from the usual AWS_* variables. By default `documents` in the data folder.",
        ),
    ] = None
    clamd_address: Annotated[
        str | None,
        Field(
            pattern=r"^(/[^\s]+|[^\s/]+:[0-9]{1,5})$",
            description="The ClamAV daemon that looks at every upload, as `host:port` or the path of its socket. "
            "While it cannot be reached nothing is taken in.",
        ),
    ] = None
    oidc_issuer: Annotated[
        str | None,
        Field(
            pattern=r"^https?://[^\s?#]+$",
            description="An outside OpenID provider whose ID tokens get tokens: its issuer, as in the claim `iss`. "
            "It is believed which verified e-mail address somebody has.",
        ),
    ] = None
    oidc_jwks_url: Annotated[
        str | None,
        Field(
            pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s]+$",
            description="Where its keys are (JSON Web Key Set): by https, or on this machine.",
        ),
    ] = None
    oidc_audience: Annotated[
        str | None, Field(min_length=1, description="The client id under which this service is known to it.")
    ] = None
    oidc_algorithm: Annotated[
        Literal["ES256", "RS256"], Field(description="What it signs with; nothing else is taken.")
    ] = "RS256"
    retention_days: Annotated[
        int | None,
        Field(
            ge=1,
            le=36_500,
            description="Days after which `safonau documents purge` takes away the file of a document that was "
            "withdrawn. Without it nothing is ever purged.",
        ),
    ] = None
    integrity_hours: Annotated[
        int,
        Field(
            ge=0,
            le=8_760,
            description="Hours between two checks of all files of documents by a running service; 0 is never.",
        ),
    ] = 24
    idempotency_hours: Annotated[
        int,
        Field(
            ge=1,
            le=720,
            description="Hours for which a request sent again under its Idempotency-Key is answered as before.",
        ),
    ] = 24
    pool_size: Annotated[
        int,
        Field(
            ge=1,
            le=64,
            description="Database connections of one process, and as many requests that it works on at once.",
        ),
    ] = 8
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="Least serious event that is written to the log."),
    ] = "info"

    @model_validator(mode="before")
    @classmethod
    def _addresses(cls, given: dict[str, object]) -> dict[str, object]:
        return {name: _normalised(name, value) for name, value in given.items()}

    @model_validator(mode="after")
    def _one_database(self) -> Self:
        if self.migration_database_url is not None and self.database_url is None:
            raise ValueError("MIGRATION_DATABASE_URL is set but DATABASE_URL is not; set both or neither")
        return self

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        given = (self.oidc_issuer, self.oidc_jwks_url, self.oidc_audience)
        if any(given) and not all(given):
            raise ValueError(
                "of SAFONAU_OIDC_ISSUER, SAFONAU_OIDC_JWKS_URL and SAFONAU_OIDC_AUDIENCE some are set; set all or none"
            )
        return self

    @property
    def key_folder(self) -> Path:
        """Where the private keys lie, whether or not that was set."""
        return self.key_dir or self.data_dir / "keys"

    @property
    def document_folder(self) -> Path:
        """The folder for the files of documents where no other store is named."""
        return self.data_dir / "documents"

    @property
    def app_url(self) -> str | None:
        """The normalised address that the service uses; None means the embedded database."""
        return self.database_url.get_secret_value() if self.database_url else None

    @property
    def owner_url(self) -> str | None:
        """The normalised address for migrations; None means the embedded database."""
        return self.migration_database_url.get_secret_value() if self.migration_database_url else self.app_url


def read_settings() -> Settings:
    """Read the environment; raises ``Unavailable`` with one sentence for every setting that is wrong or unknown."""
    known = {f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if not field.validation_alias}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        message = f"There is no setting called {' or '.join(unknown)}."
        raise Unavailable(message, hint="docs/settings.md lists the settings.")
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(_named(fault["loc"]) + _sentence(fault["msg"]) for fault in error.errors())
        message = f"The settings cannot be used: {faults}."
        raise Unavailable(message, hint="docs/settings.md says what each one takes.") from None


def _named(place: tuple[int | str, ...]) -> str:
    if not place:
        return ""
    name = str(place[0])
    return (name if name.isupper() else f"{PREFIX}{name.upper()}") + ": "


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")


def _normalised(name: str, value: object) -> object:
    variable = name.upper()
    if variable not in {"DATABASE_URL", "MIGRATION_DATABASE_URL"} or value is None:
        return value
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return address.normalise(text, variable)
