# The image of every Sanjian process: sanjian migrate, worker, api, simulate. Built from the lock file, runs as nobody.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /build
# An index of your own, where the build has no internet: docker build --build-arg PIP_INDEX_URL=…
ARG PIP_INDEX_URL=
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/sanjian
COPY requirements.lock ./
# The lock holds the tools of development too; they do no harm, but they do not belong into an image.
RUN grep -v -E '^(aiosmtpd|atpublic|hypothesis|mypy|mypy_extensions|pytest|pytest-asyncio|ruff|types-.*|pluggy|iniconfig)==' \
        requirements.lock > runtime.lock \
    && /opt/sanjian/bin/pip install --requirement runtime.lock
COPY pyproject.toml README.md ./
COPY api api
COPY clickhouse clickhouse
COPY grafana grafana
COPY sanjian sanjian
COPY simulators simulators
COPY standard standard
COPY streams streams
RUN /opt/sanjian/bin/pip install --no-deps .

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --home-dir /var/lib/sanjian --create-home sanjian
COPY --from=build /opt/sanjian /opt/sanjian
ENV PATH=/opt/sanjian/bin:$PATH PYTHONUNBUFFERED=1 SANJIAN_DATA_DIR=/var/lib/sanjian SANJIAN_LOG_FORMAT=json
USER 10001
WORKDIR /var/lib/sanjian
VOLUME /var/lib/sanjian
EXPOSE 8000 9100
# One probe for both: a worker serves metrics, an API says whether it makes progress.
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s --retries=4 CMD ["sanjian", "probe"]
ENTRYPOINT ["sanjian"]
CMD ["up", "--host", "0.0.0.0"]
