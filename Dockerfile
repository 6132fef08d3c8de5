# The image of web, worker and scheduler. It holds no secret: docker-compose.yml passes them in.
FROM python:3.13-slim-bookworm AS packages
WORKDIR /srv/irtcat
COPY bootstrap.py requirements.txt requirements-dev.txt ./
# PostgreSQL and Redis are services of their own here.
RUN IRTCAT_EMBEDDED=0 python bootstrap.py environment

FROM python:3.13-slim-bookworm
ENV PATH=/srv/irtcat/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OPENBLAS_NUM_THREADS=1
RUN groupadd --gid 10001 irtcat \
    && useradd --uid 10001 --gid irtcat --no-create-home --shell /usr/sbin/nologin irtcat
WORKDIR /srv/irtcat
COPY --from=packages /srv/irtcat/.venv .venv
COPY . .
RUN python manage.py collectstatic --no-input --verbosity 0 \
    && python -m whitenoise.compress --quiet staticfiles
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "irtcat_site.wsgi", "--bind=0.0.0.0:8000", "--workers=3", "--preload", \
     "--no-control-socket", "--worker-tmp-dir=/dev/shm"]
