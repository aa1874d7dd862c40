#!/bin/sh
# setup.sh        makes .venv at the root of the tree: the locked packages, then the project itself, editable.
#                 Does nothing when .venv is already what the lock, the project file and this script make of it.
#                 Then builds the console's page, if its sources changed.
# setup.sh kafka  does that, and brings what a Kafka broker needs here: Java, Maven, and with it the broker's jars.
set -eu
cd "$(dirname "$0")/.."
VENV="$PWD/.venv"
STAMP="$VENV/.stamp"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '%s\n' "$*" >&2; }

as_root() { # fails where that is not to be had
    if [ "$(id -u)" -eq 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

apt_update() { command -v apt-get >/dev/null && as_root apt-get update -qq >&2; }

apt_install() {
    say "setup: installing $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

wanted() {
    # The place is part of it: the commands in a .venv that was moved or copied still point to the old one.
    printf '%s\n' "$VENV"
    cksum requirements-dev.lock pyproject.toml deploy/setup.sh
}

current() {
    [ -f "$STAMP" ] && [ -x "$VENV/bin/breakwater" ] && [ "$(cat "$STAMP")" = "$(wanted)" ] &&
        "$VENV/bin/python" -c '' 2>/dev/null
}

usable() { # whether this Python is one of ours and can make an environment with pip in it
    "$1" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

find_python() {
    # The newest first; of the same name, whichever on PATH really runs (a shim may not).
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        IFS=:
        for folder in $PATH; do
            if [ -x "$folder/$name" ] && usable "$folder/$name"; then
                printf '%s\n' "$folder/$name"
                return 0
            fi
        done
        unset IFS
    done
    return 1
}

install_python() { apt_update && apt_install python3 python3-venv ca-certificates; }

make_venv() {
    current && return
    # One at a time in a tree; the file only serves as the thing to hold.
    if command -v flock >/dev/null; then
        exec 9<pyproject.toml
        flock 9
        current && return
    fi

    if [ ! -f "$STAMP" ] || [ "$(head -n 1 "$STAMP")" != "$VENV" ] || ! usable "$VENV/bin/python"; then
        python=$(find_python) || { install_python && python=$(find_python); } || {
            say "setup: Python 3.11 to 3.14 with venv is needed. On Debian or Ubuntu: apt-get install python3 python3-venv"
            exit 1
        }
        say "setup: making .venv with $("$python" --version) ($python)"
        rm -rf "$VENV"
        "$python" -m venv "$VENV"
        printf '%s\n' "$VENV" >"$STAMP"
    fi

    say "setup: installing the locked packages"
    "$VENV/bin/python" -m pip install --quiet --require-hashes --only-binary :all: --requirement requirements-dev.lock
    # Hatchling comes from the lock, so that nothing unlocked is fetched to build with.
    "$VENV/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
    wanted >"$STAMP"
    say "setup: done"
}

make_page() { "$VENV/bin/python" -m deploy.page; }

has_kafka_tools() { # Maven, and Java 17 or later
    command -v mvn >/dev/null && command -v java >/dev/null || return 1
    major=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
    [ "${major:-0}" -ge 17 ]
}

install_kafka_tools() {
    apt_update || return 1
    for jre in openjdk-21-jre-headless openjdk-17-jre-headless default-jre-headless; do
        if apt-cache show "$jre" >/dev/null 2>&1; then break; fi
    done
    apt_install "$jre" maven ca-certificates && has_kafka_tools
}

bring_kafka() {
    has_kafka_tools || install_kafka_tools || {
        say "setup: Java 17 or later and Maven are needed to run Kafka. On Debian or Ubuntu: apt-get install openjdk-17-jre-headless maven"
        exit 1
    }
    "$VENV/bin/python" -m deploy.kafka.jars
}

case "${1-}" in
    "")
        make_venv
        make_page
        ;;
    kafka)
        make_venv
        make_page
        bring_kafka
        ;;
    *)
        say "usage: $0 [kafka]"
        exit 2
        ;;
esac
