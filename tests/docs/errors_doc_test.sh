#!/usr/bin/env bash
# docs/errors.md is what the error table says.
set -euo pipefail
generator=$1 document=$2
if ! diff -u "$document" <("$generator"); then
  echo "docs/errors.md is not up to date: run scripts/generate-docs"; exit 1
fi
echo "docs/errors.md equals the error table"
