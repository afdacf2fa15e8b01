# Sourced by eng/kit.sh: the same commit in two places gives the same kit.
reproduce() {
  local folder place
  folder=$(mkdir -p "$1" && cd "$1" && pwd -P)
  shift
  [ -z "$(git status --porcelain)" ] || fail "the checkout has changes: commit them first, since copies are made of the commit"
  for place in one a/longer/way/to/two; do
    git clone -q --no-hardlinks "$here" "$folder/$place"
    "$folder/$place/eng/kit.sh" stage "$folder/$place-staging" "$@"
    (cd "$folder/$place-staging" && find tree sbom stage.json -type f | LC_ALL=C sort | xargs sha256sum) >"$folder/$(basename "$place").sums"
  done
  cmp "$folder/one.sums" "$folder/two.sums" && echo "the same: $(wc -l <"$folder/one.sums") files, $(sha256sum <"$folder/one.sums" | cut -c 1-64)"
}
