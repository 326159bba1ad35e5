#!/usr/bin/env bash
# docs/errors.md and docs/man/quoted-errors.7 are what the error table says.
set -euo pipefail
generator=$1 docs=$2
same() {
  local document=$1
  shift
  diff -u "$document" <("$generator" "$@") ||
    { echo "$document is not up to date: run scripts/generate-docs"; exit 1; }
}
same "$docs/errors.md"
same "$docs/man/quoted-errors.7" --man
echo "docs/errors.md and docs/man/quoted-errors.7 equal the error table"
