# ghcr.io/loadgate-ci/loadgate: Python, loadgate and what it needs, nothing else; not pandas, so no
# reports. It runs without rights, as any user, from a read-only file system. release.yml builds it;
# here:
#   make dist && docker build --tag loadgate . && docker run --rm --volume "$PWD:/work" loadgate
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS base

FROM base AS build
COPY .github/requirements/action.txt dist/*.whl /tmp/
# Compiled here, as nothing can be written later.
RUN python -m venv --without-pip /opt/loadgate && \
    pip --python /opt/loadgate install --no-cache-dir --no-compile --only-binary :all: \
      --require-hashes --requirement /tmp/action.txt && \
    pip --python /opt/loadgate install --no-cache-dir --no-compile --no-index --no-deps \
      /tmp/loadgate-*.whl && \
    python -m compileall -q /opt/loadgate/lib

FROM base
LABEL org.opencontainers.image.title="loadgate" \
      org.opencontainers.image.description="A CI gate for Locust" \
      org.opencontainers.image.source="https://github.com/loadgate-ci/loadgate" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nobody installs anything here.
RUN pip uninstall --yes --root-user-action ignore pip
COPY --from=build /opt/loadgate /opt/loadgate
ENV PATH="/opt/loadgate/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["loadgate"]
