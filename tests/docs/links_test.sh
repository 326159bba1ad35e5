#!/usr/bin/env bash
# Every relative link in the documentation points to a file that exists.
set -euo pipefail
cd "$1"
broken=0 checked=0
while IFS= read -r page; do
  while IFS= read -r link; do
    target=${link%%#*}
    case "$target" in "" | http://* | https://* | mailto:*) continue ;; esac
    checked=$((checked + 1))
    [ -e "$(dirname "$page")/$target" ] || { echo "$page: broken link $link"; broken=$((broken + 1)); }
  done < <(grep -oE '\]\([^) ]+\)' "$page" | sed -E 's/^\]\((.*)\)$/\1/')
done < <(find . -name '*.md' -not -path './build/*' -not -path './.git/*')
[ "$checked" -gt 0 ] || { echo "no link was found at all: the check is broken"; exit 1; }
[ "$broken" -eq 0 ] || exit 1
echo "$checked relative links are good"
