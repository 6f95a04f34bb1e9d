#!/bin/sh
# Makes the secrets that docker-compose.yml mounts, each once: random passwords, 32 characters, readable by you only.
# What is there stays, so running it again changes nothing. Keep a copy where your backups are, not in them.
set -eu
cd "$(dirname "$0")"
umask 077

random() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }
keep() { [ -e "$1" ] || { cat > "$1.part" && mv "$1.part" "$1" && echo "made $1"; }; }
sha256() { printf %s "$1" | sha256sum | cut -d' ' -f1; }

if [ ! -e clickhouse_passwords.xml ]; then
    app=$(random) boards=$(random)
    printf 'clickhouse://sanjian:%s@%s/sanjian' "$app" "${CLICKHOUSE_ADDRESS:-clickhouse:8123}" | keep sanjian_clickhouse
    printf %s "$boards" | keep grafana_clickhouse
    keep clickhouse_passwords.xml <<XML
<clickhouse>
    <users>
        <sanjian><password_sha256_hex>$(sha256 "$app")</password_sha256_hex></sanjian>
        <grafana><password_sha256_hex>$(sha256 "$boards")</password_sha256_hex></grafana>
    </users>
</clickhouse>
XML
    # The server runs as another user inside its container; it holds hashes only.
    chmod 644 clickhouse_passwords.xml
fi
random | tr -d '\n' | keep grafana_admin
random | tr -d '\n' | keep grafana_webhook
# smtp://user:password@host:587 to send e-mail; empty: none is sent.
printf '' | keep sanjian_smtp
# Processes inside the containers are not you: let them read what is mounted for them.
chmod 644 sanjian_clickhouse sanjian_smtp grafana_admin grafana_clickhouse grafana_webhook
