#!/bin/sh
# .git/hooks/pre-push (chmod +x): gates what is pushed, if files that matter differ from what was pushed before. The base
# is what the remote has, so that known findings of it do not stop a push.
set -u
base=$(mktemp -d) || exit 2
trap 'git worktree remove --force "$base/tree" 2> /dev/null; rm -rf "$base"' EXIT
none=0000000000000000000000000000000000000000

# Each line: a reference here and its commit, the reference there and its commit. The hook's standard input is read to
# its end before foliocheck starts.
cat > "$base/refs"
while read -r _ commit _ remote; do
  [ "$commit" = $none ] && continue
  [ "$remote" = $none ] && remote=$(git merge-base "$commit" "@{upstream}" 2> /dev/null || git rev-parse "$commit^")
  git diff --quiet "$remote" "$commit" -- mm fs/proc include/linux && continue
  git worktree add --quiet --detach "$base/tree" "$remote" || exit 2
  git diff "$remote" "$commit" > "$base/patch"
  foliocheck gate --tree "$base/tree" --patch "$base/patch" --no-progress < /dev/null || exit $?
  git worktree remove --force "$base/tree"
done < "$base/refs"
