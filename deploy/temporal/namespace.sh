#!/bin/sh
# Waits for Temporal, then creates what Belay needs there and is missing: its namespace and its search attributes.
# Running it again changes nothing. TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE are read by the CLI itself.
set -eu
attributes="BelayState BelayGate BelayRunbook BelayService BelayLevel BelayOutcome BelayReason"
tries=60

# Tries a command until it works; a new namespace takes seconds to be known everywhere.
insist() {
  try=0
  until "$@"; do
    try=$((try + 1))
    if [ "$try" -ge "$tries" ]; then
      echo "gave up after $tries tries: $*" >&2
      exit 1
    fi
    sleep 2
  done
}

namespace() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 720h
}

attribute() {
  temporal operator search-attribute list | grep -q "$1 *Keyword" ||
    temporal operator search-attribute create --name "$1" --type Keyword
}

insist temporal operator cluster health
insist namespace
for name in $attributes; do insist attribute "$name"; done
