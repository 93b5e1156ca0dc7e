#!/bin/sh
# The server reads its password from the environment only; this keeps it out of the container's description.
set -eu
POSTGRES_PWD="$(cat /run/secrets/temporal-password)"
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
