# shellcheck shell=bash
# Debian packages that are missing: named with the reason, then installed. Sourced by ./run and ./test.

MISSING=()

# need PACKAGE REASON CHECK…: notes the package unless the command CHECK succeeds.
need() {
    local package=$1 reason=$2
    shift 2
    if ! "$@" >/dev/null 2>&1; then
        MISSING+=("$package")
        say "Missing: $package - $reason"
    fi
}

has() { command -v "$1"; }
has_library() { pkg-config --exists "$1"; }
# libclang-cpp is another library, which clang's own tools bring along and bindgen cannot use.
has_libclang() { compgen -G '/usr/lib/llvm-*/lib/libclang[.-][s0-9]*' || compgen -G '/usr/lib/*/libclang[.-][s0-9]*' || [ -n "${LIBCLANG_PATH:-}" ]; }
has_postgres() { [ -n "${PG_BIN:-}" ] || compgen -G '/usr/lib/postgresql/*/bin/initdb' || has initdb || [ -x var/pgbin/bin/initdb ]; }
# The page is built with Node 20 or newer.
has_node() { has npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; }
apt_offers_node() { has apt-cache && [ "$(apt-cache policy nodejs | sed -n 's/^  Candidate: \([0-9]*\).*/\1/p')" -ge 20 ]; }

need_to_build() {
    need build-essential 'the C parts of OpenSSL, libxml2 and mimalloc are compiled and linked' has cc
    need pkg-config 'finds the libraries below' has pkg-config
    need libssl-dev 'OpenSSL: TLS, hashes, signatures' has_library openssl
    need libxml2-dev 'reads XML for SAML' has_library libxml-2.0
    need libxmlsec1-dev 'checks XML signatures for SAML' has_library xmlsec1
    need libclang-dev 'makes the Rust side of the XML libraries' has_libclang
    need postgresql 'the private database; nothing is started for the machine as a whole' has_postgres
    if ! has_node >/dev/null 2>&1 && apt_offers_node >/dev/null 2>&1; then
        need npm 'builds the GraphiQL page (with nodejs)' has_node
    fi
}

# Installs what was noted, as root or by sudo, and only if anything was.
install_missing() {
    [ ${#MISSING[@]} -gt 0 ] || return 0
    local install=(apt-get install -y --no-install-recommends "${MISSING[@]}")
    has apt-get >/dev/null || fail "Install these with your package manager, then start again: ${MISSING[*]}"
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        has sudo >/dev/null || fail "Only root can install them, and there is no sudo. Let an administrator run: ${install[*]}"
        root=(sudo)
    fi
    say "Installing them: ${root[*]} ${install[*]}"
    case " ${MISSING[*]} " in
        *' postgresql '*)
            # Otherwise Debian starts a cluster on port 5432, which nobody asked for.
            "${root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
            echo 'create_main_cluster = false' | "${root[@]}" tee /etc/postgresql-common/createcluster.d/portico.conf >/dev/null
            ;;
    esac
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" -qq >/dev/null || fail "This failed: ${install[*]}"
    MISSING=()
}

# Builds the GraphiQL page when its sources changed, if Node is here to do it.
build_web() {
    if ! has_node >/dev/null 2>&1; then
        say 'No Node.js 20 or newer: GraphiQL is left out, and its page says so.'
        return 0
    fi
    local now
    now=$(find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum)
    if [ -e web/dist/index.html ] && [ "$(cat var/web.sum 2>/dev/null)" = "$now" ]; then
        return 0
    fi
    say 'Building the GraphiQL page.'
    mkdir -p var
    (cd web && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build) >var/web.log 2>&1 \
        || fail "The page could not be built: $(tail -n 15 var/web.log)"
    printf '%s\n' "$now" >var/web.sum
}
