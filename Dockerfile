# Bellwether in one container: one process tree, not root, everything it writes in /app/data.
#
# One gunicorn worker with many threads, on purpose. The engine lives in that worker, and there
# must be exactly one: two would trade twice. The live feed counts and serves its listeners in
# the same process's memory. More listeners mean more threads (BELLWETHER_THREADS), not workers.

FROM python:3.11-slim AS packages
COPY requirements.lock .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes -r requirements.lock

FROM node:22-slim AS scripts
WORKDIR /scripts
COPY assets/package.json assets/package-lock.json ./
RUN npm ci --ignore-scripts

FROM python:3.11-slim
# Nothing is written beside the program, so that the root file system can be read-only.
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --no-create-home --home-dir /app/data bellwether \
 && install -d -o bellwether -g bellwether -m 0700 /app/data
COPY --from=packages /venv /venv
COPY --from=scripts /scripts/node_modules /venv/share/bellwether/node_modules
WORKDIR /app
COPY pyproject.toml wsgi.py ./
COPY models models
COPY engine engine
COPY dashboard dashboard
COPY assets assets
RUN pip install --no-cache-dir --disable-pip-version-check \
      --no-deps --no-build-isolation --editable . \
 && python -m compileall -q models engine dashboard wsgi.py \
 && python -m engine.market_hours

USER bellwether
VOLUME /app/data
EXPOSE 8050
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "from urllib.request import Request, urlopen; urlopen(Request('http://127.0.0.1:8050/healthz', headers={'X-Forwarded-Proto': 'https'}), timeout=4)"]
# `exec`, so that a stop signal reaches gunicorn and the engine can let go of its lease.
CMD ["sh", "-c", "bellwether db upgrade && exec bellwether serve --bind 0.0.0.0:8050"]
