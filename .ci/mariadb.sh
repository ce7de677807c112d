#!/bin/sh
# Starts a throw-away MariaDB and prints the line that tells the tests of it:
#
#     eval "$(.ci/mariadb.sh)"                 sets TEST_MYSQL_URL, and MARIADB_FOLDER for the end
#     .ci/mariadb.sh stop "$MARIADB_FOLDER"    ends the server and removes its folder
#
# Where MariaDB is not installed, Debian's package is, if apt-get may be used (root); otherwise it says why
# on the error output, prints nothing and ends with 0, and the tests name MySQL among what they skipped.
set -eu

skip() {
    echo "MariaDB is skipped: $1" >&2
    exit 0
}

if [ "${1:-}" = stop ]; then
    [ -n "${2:-}" ] && [ -f "$2/server.pid" ] || exit 0
    server=$(cat "$2/server.pid")
    kill "$server"
    for _ in $(seq 100); do
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    rm -rf "$2"
    exit 0
fi

[ -z "${TEST_MYSQL_URL:-}" ] || skip "TEST_MYSQL_URL names a server already"

PATH="$PATH:/usr/sbin:/usr/local/sbin"
if ! command -v mariadbd >/dev/null; then
    command -v apt-get >/dev/null || skip "mariadbd is not installed, and there is no apt-get"
    [ "$(id -u)" = 0 ] || skip "mariadbd is not installed, and installing it needs root"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mariadb-server; } \
        >/dev/null 2>&1 || skip "apt-get could not install mariadb-server"
fi
command -v mariadb-install-db >/dev/null || skip "mariadb-install-db is not installed"

folder=$(mktemp -d "${TMPDIR:-/tmp}/flask-schema-mariadb-XXXXXX")
user=$(id -un)
mariadb-install-db --no-defaults --datadir="$folder/data" --user="$user" --auth-root-authentication-method=normal \
    --skip-test-db >"$folder/install.log" 2>&1 || {
    tail -5 "$folder/install.log" >&2
    rm -rf "$folder"
    skip "mariadb-install-db failed"
}

# listens on a socket of its own only: no port to clash with another server
setsid mariadbd --no-defaults --user="$user" --datadir="$folder/data" --socket="$folder/socket" --skip-networking \
    --pid-file="$folder/server.pid" --character-set-server=utf8mb4 --innodb-flush-log-at-trx-commit=0 \
    --innodb-doublewrite=0 --innodb-flush-method=nosync --sync-frm=0 --innodb-stats-persistent=0 >"$folder/server.log" 2>&1 </dev/null &

for _ in $(seq 300); do
    if [ -S "$folder/socket" ] && [ -f "$folder/server.pid" ]; then
        echo "export MARIADB_FOLDER='$folder'"
        echo "export TEST_MYSQL_URL='mysql+pymysql://root@localhost/mysql?unix_socket=$folder/socket'"
        exit 0
    fi
    sleep 0.1
done
tail -5 "$folder/server.log" >&2
skip "the server did not start within 30 seconds"
