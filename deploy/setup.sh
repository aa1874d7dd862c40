#!/bin/sh
# setup.sh        makes .venv at the root of the tree: the locked packages, then the project itself, editable.
#                 Does nothing when .venv is already what the lock, the project file and this script make of it.
#                 Then builds the console's page, if its sources changed.
# setup.sh kafka  does that, and brings what a Kafka broker needs here: Java, Maven, and with it the broker's jars.
# setup.sh tests  does all that, and brings what else the tests run on: Chromium with a Chinese font, and the programs of a
#                 PostgreSQL server.
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

find_jre() { # the name of a package with a Java that will do
    for jre in openjdk-21-jre-headless openjdk-17-jre-headless default-jre-headless; do
        [ -z "$(apt-cache madison "$jre" 2>/dev/null)" ] || break # show would also find names that others only refer to
    done
    printf '%s\n' "$jre"
}

has_browser() { command -v chromium >/dev/null; }
has_chinese_font() { fc-list :lang=zh-cn 2>/dev/null | grep -q .; }
has_postgresql() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; }

missing() { # packages, for what is asked for
    for part in "$@"; do
        case "$part" in
            kafka) has_kafka_tools || printf '%s maven ' "$(find_jre)" ;;
            tests)
                has_browser || printf 'chromium '
                has_chinese_font || printf 'fontconfig fonts-wqy-microhei '
                has_postgresql || printf 'postgresql '
                ;;
        esac
    done
}

without_cluster() { # runs a command; a PostgreSQL that it installs makes no database of its own and starts nothing
    dropin=/etc/postgresql-common/createcluster.d/breakwater-setup.conf
    as_root mkdir -p "${dropin%/*}" && printf 'create_main_cluster = false\n' | as_root tee "$dropin" >/dev/null || return 1
    status=0
    "$@" || status=$?
    as_root rm -f "$dropin"
    return "$status"
}

install_missing() { # all that is missing, at once
    [ -n "$(missing "$@")" ] || return 0
    apt_update || return 1
    packages="$(missing "$@")ca-certificates"
    # shellcheck disable=SC2086
    case "$packages" in
        *postgresql*) without_cluster apt_install $packages ;;
        *) apt_install $packages ;;
    esac
}

bring() { # what these parts need
    install_missing "$@" || true
    has_kafka_tools || {
        say "setup: Java 17 or later and Maven are needed to run Kafka. On Debian or Ubuntu: apt-get install openjdk-17-jre-headless maven"
        exit 1
    }
    "$VENV/bin/python" -m deploy.kafka.jars
    [ "$*" = kafka ] && return
    has_browser && has_chinese_font && has_postgresql || {
        say "setup: The tests need Chromium, fc-list with a Chinese font, and the programs of a PostgreSQL server." \
            "On Debian: apt-get install chromium fontconfig fonts-wqy-microhei postgresql"
        exit 1
    }
}

case "${1-}" in
    "")
        make_venv
        make_page
        ;;
    kafka)
        make_venv
        make_page
        bring kafka
        ;;
    tests)
        make_venv
        make_page
        bring kafka tests
        ;;
    *)
        say "usage: $0 [kafka | tests]"
        exit 2
        ;;
esac
