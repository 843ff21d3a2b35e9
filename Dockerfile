# syntax=docker/dockerfile:1
# The service for production, with a PostgreSQL of its own elsewhere (docs/settings.md). Migrate first, with the same
# image:  docker run --rm -e DATABASE_URL -e MIGRATION_DATABASE_URL safonau safonau migrate
# The service itself is given DATABASE_URL only, and then cannot change the schema. /data holds the private keys and
# nothing else; every container of one installation mounts the same. The rest of the file system can be read-only.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN ["python", "-m", "venv", "/opt/safonau"]
WORKDIR /src
COPY requirements.lock ./
RUN ["/opt/safonau/bin/pip", "install", "--require-hashes", "-r", "requirements.lock"]
COPY LICENSE README.md pyproject.toml ./
COPY app app
COPY alembic alembic
COPY standards standards
RUN ["/opt/safonau/bin/pip", "install", "--no-deps", "--no-build-isolation", "."]

FROM python:3.13-slim
COPY --from=build --chown=root:root /opt/safonau /opt/safonau
ENV PATH=/opt/safonau/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SAFONAU_DATA_DIR=/data
WORKDIR /data
RUN ["chown", "10001:10001", "/data"]
USER 10001
VOLUME ["/data"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
CMD ["safonau", "serve", "--host", "0.0.0.0", "--no-demo"]
