#!/bin/sh
# As upstream's: scripts of the user first, then the command.
set -e
if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
	for f in /docker-entrypoint.d/*.sh; do
		[ ! -x "$f" ] || "$f"
	done
fi
exec "$@"
