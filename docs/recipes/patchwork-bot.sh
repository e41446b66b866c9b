#!/bin/sh
# One mail series in, one KTAP out: applies an mbox to a kernel tree in memory, gates it, and prints KTAP.
#
#     curl --silent "https://patchwork.kernel.org/series/$SERIES/mbox/" | patchwork-bot.sh linux > result.ktap
#
# With PATCHWORK_CHECKS, the address of a patch's checks such as …/api/patches/123/checks/, and PATCHWORK_TOKEN, it also
# adds a check there; RESULT_URL is where the KTAP can be read.
set -u
tree=$1
result=$(mktemp) || exit 2
trap 'rm -f "$result"' EXIT

foliocheck gate --tree "$tree" --patch - --no-progress --reporter ktap > "$result"
code=$?
cat "$result"
case $code in
  0) state=success description="every claim holds" ;;
  1) state=fail description="the series violates a claim: see the KTAP" ;;
  3) state=warning description="incomplete" ;;
  *) state=warning description="not gated: the series does not apply, or the tree is not known" ;;
esac
if [ -n "${PATCHWORK_CHECKS:-}" ]; then
  curl --silent --show-error --fail --output /dev/null --header "Authorization: Token $PATCHWORK_TOKEN" \
    --form "state=$state" --form "context=foliocheck" --form "description=$description" \
    --form "target_url=${RESULT_URL:-}" "$PATCHWORK_CHECKS" || exit 70
fi
exit $code
