#!/bin/sh
# Make .venv from the hashed lock, with the newest Python found; does nothing when the lock has not changed.
set -eu
lock=requirements.lock
stamp=.venv/.lock

wanted=$(sha256sum "$lock" | cut -d' ' -f1)
is_there() {
	[ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null
}
if is_there; then
	exit 0
fi
exec 9<.
if ! flock --nonblock 9; then
	echo "another make is installing the packages; this one waits for it"
	flock 9
	if is_there; then
		exit 0
	fi
fi

newest=
for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
	if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
		newest=$candidate
		break
	fi
done
if [ -z "$newest" ]; then
	echo "Safar needs Python 3.11 or newer, found $(python3 --version 2>/dev/null || echo none)." >&2
	echo "On Debian 12: apt install python3 python3-venv" >&2
	exit 1
fi
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
	if ! "$newest" -c 'import ensurepip, venv' 2>/dev/null; then
		echo "$newest has no venv module. On Debian: apt install python3-venv" >&2
		exit 1
	fi
	echo "making .venv with $("$newest" --version)"
	rm -rf .venv
	"$newest" -m venv .venv
fi

total=$(grep -c '^[A-Za-z0-9].*==' "$lock")
log=.venv/install.log
echo "installing $total packages from $lock (every one checked by its hash)"
result=.venv/install.result
{
	code=0
	.venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes --progress-bar off \
		-r "$lock" 2>&1 || code=$?
	echo "$code" >"$result"
} | tee "$log" | awk -v total="$total" '
	/^(Collecting|Requirement already satisfied)/ && ++seen % 20 == 0 { printf "  %d of %d looked up\n", seen, total }
	/^Installing collected/ { print "  unpacking" }
	/^ERROR/ { print }
	{ fflush() }'
if [ "$(cat "$result")" != 0 ]; then
	echo "The installation failed; the whole story is in $log." >&2
	exit 1
fi
echo "$wanted" >"$stamp"
echo "installed"
