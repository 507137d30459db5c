#!/bin/sh
# Installs the servers that the tests in test/services start, and the browser of test/browser, where they are missing. Debian and its relatives; asks nothing.
set -eu

missing=''
need() { # package, files of which one is enough
  package=$1
  shift
  for file in "$@"; do [ -e "$file" ] && return; done
  missing="$missing $package"
}
need postgresql /usr/lib/postgresql/*/bin/postgres
need mariadb-server /usr/sbin/mariadbd
need redis-server /usr/bin/redis-server
need memcached /usr/bin/memcached
need nginx /usr/sbin/nginx
need strace /usr/bin/strace
need chromium /usr/bin/chromium
need openssl /usr/bin/openssl
need python3-django /usr/lib/python3/dist-packages/django/__init__.py
need python3-django-redis /usr/lib/python3/dist-packages/django_redis/__init__.py
need python3-pymemcache /usr/lib/python3/dist-packages/pymemcache/__init__.py
need python3-psycopg2 /usr/lib/python3/dist-packages/psycopg2/__init__.py
need python3-mysqldb /usr/lib/python3/dist-packages/MySQLdb/__init__.py
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then exec sudo "$0"; fi

# The tests start servers of their own: no package may start one now.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
echo "Installing$missing"
# shellcheck disable=SC2086
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
