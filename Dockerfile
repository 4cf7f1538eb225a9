# Builds the tool into a virtual environment, then copies only that into a small image without a compiler.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /opt/digivaardig \
 && /opt/digivaardig/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt
COPY setup.cfg pyproject.toml README.md LICENSE ./
COPY lti_tool lti_tool
COPY xapi xapi
RUN python -m venv /opt/wheel && /opt/wheel/bin/pip install --no-cache-dir "setuptools>=69" \
 && /opt/wheel/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/digivaardig/bin/pip install --no-cache-dir --no-deps /wheels/*.whl

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/digivaardig --create-home digivaardig
COPY --from=build /opt/digivaardig /opt/digivaardig
COPY content_packages /srv/digivaardig/content_packages
ENV PATH=/opt/digivaardig/bin:$PATH PYTHONUNBUFFERED=1 CONTENT_DIR=/srv/digivaardig/content_packages
WORKDIR /srv/digivaardig
USER digivaardig
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=3)"]
CMD ["digivaardig", "serve", "--host", "0.0.0.0", "--port", "8000"]
