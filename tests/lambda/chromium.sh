#!/bin/sh
# chromium.sh check: fails when the locked Chromium is over 30 days old and Debian has a newer one.
# chromium.sh lock: writes version and date of the Chromium in the built image to functions/image/chromium.txt.
set -eu
cd "$(dirname "$0")/../.."
lock=functions/image/chromium.txt
if [ "${1:-check}" = lock ]; then
    lines=$(tests/lambda/engine.sh) || exit $?
    eval "$lines"
    "$ENGINE" run --rm --entrypoint python "${STILLFRAME_IMAGE:-stillframe}" -c 'import json
facts = json.load(open("/opt/stillframe/build.json"))
print(facts["chromium_package"], facts["chromium_built"])' >$lock
    cat $lock
    exit
fi
read -r version date <$lock
days=$((($(date +%s) - $(date -d "$date" +%s)) / 86400))
echo "Chromium $version is $days days old."
[ $days -gt 30 ] || exit 0
[ "$(id -u)" -ne 0 ] || apt-get update -qq 2>/dev/null || :
newest=$(apt-cache madison chromium-headless-shell 2>/dev/null | awk 'NR == 1 { print $3 }')
if [ -z "$newest" ]; then
    echo "Warning: no Debian archive answers here, so it stays unknown whether a newer one is out."
elif dpkg --compare-versions "$newest" gt "$version"; then
    echo "Chromium $newest is out: build the image again, look at the golden images, then 'make lock'." >&2
    exit 1
else
    echo "Warning: Debian has no newer one."
fi
