# Belay's processes in one image, and the demo shop in another (--target shop). Debian, not Alpine: the core of
# Temporal's SDK is a binary for glibc. Nothing but the two folders for state can be written by the user they run as.
FROM node:22.20.0-bookworm-slim AS base
WORKDIR /app
ENV NODE_ENV=production

FROM base AS build
COPY package.json package-lock.json ./
RUN npm ci --include=dev --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.base.json ./
COPY activities activities
COPY runbooks runbooks
COPY scripts scripts
COPY workers workers
COPY workflows workflows
RUN node scripts/build.mjs

FROM base AS packages
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM base AS shop
RUN apt-get update \
  && apt-get install --yes --no-install-recommends supervisor \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=node --group=node /etc/shop
COPY package.json ./
COPY scripts/deploy/healthy.mjs scripts/deploy/healthy.mjs
COPY deploy/shop/supervisord.conf /etc/supervisor/shop.conf
COPY --chown=node:node deploy/shop/shop.json /etc/shop/shop.json
COPY --from=build /app/dist/scripts/demo/shop dist/scripts/demo/shop
USER node
EXPOSE 8080 8081 9001
HEALTHCHECK --interval=5s --timeout=5s --start-period=10s \
  CMD ["node", "scripts/deploy/healthy.mjs", "http://127.0.0.1:8080/healthz"]
CMD ["supervisord", "--nodaemon", "--configuration", "/etc/supervisor/shop.conf"]

FROM base AS belay
RUN install --directory --owner=node --group=node /var/lib/belay /var/lib/checkpoints
COPY package.json ./
COPY scripts/deploy/healthy.mjs scripts/deploy/healthy.mjs
COPY policies policies
COPY scripts/audit/verify-bundle.mjs scripts/audit/verify-bundle.mjs
COPY workflows/converter.cjs workflows/converter.cjs
COPY workers/remediation/no-promise-stacks.cjs workers/remediation/no-promise-stacks.cjs
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 4480 4482
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s \
  CMD ["node", "scripts/deploy/healthy.mjs", "http://127.0.0.1:4480/readyz"]
CMD ["node", "dist/workers/intake.js"]
