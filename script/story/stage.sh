# What all chapters use: narration, processes, waiting. Sourced.

chapter() { printf '\n== %s\n' "$*"; }
say() { printf '   %s\n' "$*"; }
fail() {
  printf '\ndemo: %s\n' "$*" >&2
  if [ -d "$work/logs" ]; then
    echo "demo: last log lines:" >&2
    tail -n 5 "$work"/logs/*.log >&2 || true
  fi
  exit 1
}

# Must fail, with this exit code.
expect_code() {
  local wanted=$1 code=0
  shift
  "$@" >"$work/last.out" 2>"$work/last.err" || code=$?
  [ "$code" -eq "$wanted" ] || fail "expected exit code $wanted, got $code from: $*; $(cat "$work/last.err")"
}

processes=()
# start NAME COMMAND...: in the background, its log in logs/NAME.log; its process id in $work/NAME.pid
start() {
  local name=$1
  shift
  mkdir -p logs
  "$@" >>"logs/$name.log" 2>&1 &
  echo $! >"$name.pid"
  processes+=($!)
}
stop_all() {
  local pid
  for pid in "${processes[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${processes[@]}"; do wait "$pid" 2>/dev/null || true; done
  processes=()
}
finish() {
  local code=$?
  stop_all
  if [ -z "$keep" ]; then
    rm -rf "$work"
  elif [ "$code" -eq 0 ]; then
    [ "$json" = yes ] || printf '\nThe network is in %s; its log in %s.\n' "$work" "$work/export"
  fi
  exit "$code"
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds
wait_for() {
  local limit=$1 what=$2 end
  shift 2
  end=$((SECONDS + limit))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "waited $limit seconds for: $what"
    sleep 0.2
  done
}

# The besa command of an agency.
at() {
  local who=$1
  shift
  BESA_SOCKET=$work/$who/node.sock besa "$@"
}
# jq_at AGENCY FILTER ARGS...: a JSON answer through a filter
jq_at() {
  local who=$1 filter=$2
  shift 2
  at "$who" "$@" --json | jq -r "$filter"
}
member_id() { jq -r .member "$1/keys/member.request.json"; }
