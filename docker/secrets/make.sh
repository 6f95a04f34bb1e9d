#!/bin/sh
# Makes the secrets that the compose files mount, each once: random passwords of 32 characters, and what follows from them.
# What is there stays, so running it again changes nothing. Keep a copy where your backups are, not in them.
set -eu
cd "$(dirname "$0")"
# Nobody else on this host gets in; the files themselves can be read, because the processes inside the containers, which
# are given single files, are not you.
chmod 700 .
umask 022

# Characters that need no escape in an address.
random() { head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }
keep() { [ -e "$1" ] || { cat > "$1.part" && mv "$1.part" "$1" && echo "made $1"; }; }
hash() { sha256sum < "$1" | cut -d' ' -f1; }

random | keep clickhouse_password
random | keep clickhouse_grafana_password
random | keep postgres_password
random | keep grafana_admin
# The secret of the client with which Grafana sends its alerts: put it here when you have made the client.
random | keep grafana_webhook_secret
# smtp://user:password@host:587 to send e-mails; empty: none are sent.
printf '' | keep sanjian_smtp

printf 'clickhouse://sanjian:%s@clickhouse:8123/sanjian' "$(cat clickhouse_password)" | keep sanjian_clickhouse
printf 'clickhouse://sanjian:%s@clickhouse-front:8123/sanjian' "$(cat clickhouse_password)" | keep sanjian_clickhouse_cluster
printf 'postgresql://sanjian:%s@accounts:5432/sanjian' "$(cat postgres_password)" | keep sanjian_accounts
keep clickhouse_passwords.xml <<XML
<clickhouse>
    <users>
        <sanjian><password_sha256_hex>$(hash clickhouse_password)</password_sha256_hex></sanjian>
        <grafana><password_sha256_hex>$(hash clickhouse_grafana_password)</password_sha256_hex></grafana>
    </users>
</clickhouse>
XML
