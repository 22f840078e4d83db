# docker-compose.yml and the release name this base by its digest. It is the smallest whose Node.js is one of Node.js' own builds;
# src/DECISIONS.md says more.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
ARG TARGETARCH
# What is built into the program is seen here alone: the list of all packages (SBOM) takes this stage in.
ARG BUILDKIT_SBOM_SCAN_STAGE=true
WORKDIR /build
COPY package.json package-lock.json ./
COPY .ci/node .ci/node
# No package has a script to be run when it is installed; the lockfile holds the hash of each.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY vite.config.ts tsconfig.json LICENSE ./
COPY .ci/pack.ts .ci/
COPY src src
# The program is the same for all platforms, but for one binary.
RUN npx vite build && npx vite build --config src/web/vite.config.ts && node .ci/pack.ts image /app "linux-$TARGETARCH"

FROM ${NODE_IMAGE} AS bridge
LABEL org.opencontainers.image.title="thermo2mqtt" \
      org.opencontainers.image.description="Local bridge for Terneo and Welrok Wi-Fi thermostats: MQTT, Home Assistant, REST" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
COPY --from=build /app ./
RUN ln -s /app/dist/main.js /usr/local/bin/thermo2mqtt && mkdir -m 700 /data && chown node:node /data
# Nobody outside a container can reach its loopback address.
ENV NODE_ENV=production T2M_DATA_DIR=/data T2M_API_HOST=0.0.0.0
# The C library else keeps freed memory for each thread of its own.
ENV MALLOC_ARENA_MAX=1
VOLUME /data
USER node
# 8580: REST and the page. 23500: beacons of the devices.
EXPOSE 8580 23500/udp
# Healthy means that the process works. /readyz says what is not ready. Port and certificate come from the settings.
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["thermo2mqtt", "health"]
CMD ["thermo2mqtt", "run"]

# The app of Home Assistant (docker/homeassistant/app): docker build --target homeassistant. The Supervisor mounts /data as
# root's, so it starts as root, takes /data over, and goes on as the user node by itself.
FROM bridge AS homeassistant
ARG BUILD_VERSION=0.1.0
LABEL io.hass.type="app" io.hass.arch="aarch64|amd64" io.hass.version="${BUILD_VERSION}"
# hadolint ignore=DL3002
USER root

# Without a target, the bridge by itself.
FROM bridge
