# The service as a container: the page and the API, or with `worker` instead of `serve` what does films and batches.
#   docker build -t photochrom . && docker run --rm -p 8000:8000 --read-only --tmpfs /tmp -v photochrom:/data photochrom
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
# what else it is for: EXTRAS=ray,cloud,parquet,heic and PACKAGES='ray[default]' make an image for KubeRay
ARG EXTRAS=web,video,heic
ARG PACKAGES=
RUN python -m venv /opt/photochrom && /opt/photochrom/bin/pip install --no-cache-dir ".[${EXTRAS}]" ${PACKAGES}

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin photochrom \
    && install -d -o photochrom -g photochrom -m 700 /data
COPY --from=build /opt/photochrom /opt/photochrom
ENV PATH=/opt/photochrom/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PHOTOCHROM_STORAGE_URL=/data/store \
    TMPDIR=/data
USER photochrom
VOLUME /data
WORKDIR /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/api/v1/health', timeout=4)"]
ENTRYPOINT ["photochrom"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
