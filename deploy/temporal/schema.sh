#!/bin/sh
# Brings both of Temporal's databases to the schema of this version; running it again changes nothing.
set -eu
export SQL_PLUGIN=postgres12 SQL_HOST="${SQL_HOST:-postgresql}" SQL_PORT="${SQL_PORT:-5432}" SQL_USER=temporal
SQL_PASSWORD="$(cat "${TEMPORAL_PASSWORD_FILE:-/run/secrets/temporal-password}")"
export SQL_PASSWORD
schemas="${TEMPORAL_SCHEMAS:-/etc/temporal/schema/postgresql/v12}"

bring() {
  SQL_DATABASE="$1" temporal-sql-tool setup-schema --version 0.0
  SQL_DATABASE="$1" temporal-sql-tool update-schema --schema-dir "$schemas/$2/versioned"
}

bring temporal temporal
bring temporal_visibility visibility
