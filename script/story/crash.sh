# The broker is killed while messages flow. Sourced.

chapter "12. Crash: the broker is killed while messages flow"
cat >connection-test.json <<'JSON'
{"kind": "test", "purpose": "service_referral", "priority": "normal_2weeks", "person_class": "adult",
 "sections": {"summary": {"basis": "not_personal", "content": {"note": "connection test"}}}}
JSON
flow=40
tests_at() { jq_at iom '[.messages[] | select(.kind == "test")] | length' inbox; }
(for _ in $(seq "$flow"); do at shelter send connection-test.json --to iom --json >/dev/null || exit 1; done) &
flood=$!
sleep 0.7
kill -KILL "$(cat broker.pid)"
wait "$(cat broker.pid)" 2>/dev/null || true
say "SIGKILL. The shelter's node goes on queueing on its own disk."
wait "$flood" || fail "the node did not queue while the broker was down"
start broker besa-broker run --config broker/broker.toml
all_there() { [ "$(tests_at)" -eq "$flow" ]; }
wait_for 60 "all messages after the restart" all_there
distinct=$(jq_at iom '[.messages[] | select(.kind == "test") | .id] | unique | length' inbox)
[ "$distinct" -eq "$flow" ] || fail "$distinct distinct messages instead of $flow"
say "Restarted; the nodes came back by themselves. $flow sent, $distinct arrived, none lost and none twice."
