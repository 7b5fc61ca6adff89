# syntax=docker/dockerfile:1
# Two stages: what builds the program stays behind, what runs it has no compiler and no root.
FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY undertow undertow
COPY analysis analysis
COPY templates templates
COPY bot bot
COPY docs/method.md docs/drivers.md docs/
RUN python -m venv /opt/undertow && /opt/undertow/bin/pip install ".[postgres]"

FROM python:3.12-slim-bookworm
RUN groupadd --gid 10001 undertow \
    && useradd --uid 10001 --gid undertow --no-create-home --home-dir /var/lib/undertow undertow \
    && install -d -o undertow -g undertow -m 0700 /var/lib/undertow
COPY --from=build /opt/undertow /opt/undertow
ENV PATH=/opt/undertow/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    UNDERTOW_HOST=0.0.0.0 \
    UNDERTOW_PORT=8080
# The root file system may be read-only: everything the desk writes lies in var/ here, or in
# /tmp. No address of the database stands above, so that it can come from a secret's file.
VOLUME /var/lib/undertow
WORKDIR /var/lib/undertow
USER 10001:10001
EXPOSE 8080
# SIGTERM lets the claim in hand be finished; give it the time a slow relay takes.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["undertow"]
CMD ["serve"]
