# The image of every Sanjian process: sanjian migrate, worker, api, demo, up. Built from the lock file; not root.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /build
# An index of your own, where the build has no internet: docker build --build-arg PIP_INDEX_URL=…
ARG PIP_INDEX_URL=
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/sanjian
# What Sanjian needs to run, in the versions of the lock; the tools of development stay outside.
COPY requirements.lock pyproject.toml ./
RUN python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
        > runtime.txt \
    && /opt/sanjian/bin/pip install --requirement runtime.txt --constraint requirements.lock
COPY README.md ./
COPY api api
COPY clickhouse clickhouse
COPY grafana grafana
COPY sanjian sanjian
COPY simulators simulators
COPY standard standard
COPY streams streams
RUN /opt/sanjian/bin/pip install --no-deps .

FROM python:${PYTHON}
# A volume that is mounted where a directory is takes its owner.
RUN useradd --system --uid 10001 --home-dir /var/lib/sanjian --create-home sanjian \
    && install --directory --owner sanjian --mode 700 /var/lib/sanjian/submissions
COPY --from=build /opt/sanjian /opt/sanjian
ENV PATH=/opt/sanjian/bin:$PATH PYTHONUNBUFFERED=1 SANJIAN_DATA_DIR=/var/lib/sanjian SANJIAN_LOG_FORMAT=json
USER 10001
WORKDIR /var/lib/sanjian
VOLUME /var/lib/sanjian
EXPOSE 8000 9100
# sanjian up and sanjian api; docker-compose.yml says what to ask a worker.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-m", "sanjian.probe", "http://127.0.0.1:8000/health/live"]
ENTRYPOINT ["sanjian"]
CMD ["up", "--host", "0.0.0.0"]
