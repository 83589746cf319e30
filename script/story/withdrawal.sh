# Consent taken back. Sourced.

chapter "8. Consent taken back"
kill -TERM "$(cat shelter.pid)"
wait "$(cat shelter.pid)" 2>/dev/null || true
say "The shelter's computer is switched off."
cp -r broker/state/journal/segments segments-before 2>/dev/null || fail "the broker's segments are not where they were"
late=$(jq_at police '.messages[0].message' send "$examples/referral.json" --to shelter --consent "$consent")
queued_there() { [ "$(jq_at police .message_state show "$late")" = queued ]; }
wait_for 20 "the second referral at the broker" queued_there

# Sixteen bytes out of the middle of what the broker has just stored, as a pattern; without 00 and 0a, at which grep
# would cut.
marks_of_late() {
  local segment place
  for segment in broker/state/journal/segments/*; do
    [ -f "segments-before/${segment##*/}" ] || continue
    place=$(cmp -l "$segment" "segments-before/${segment##*/}" | awk '{ at[NR] = $1 } END { print at[int(NR / 2)] }')
    [ -z "$place" ] && continue
    od -An -v -tx1 -j "$((place - 1))" -N 1024 "$segment" | tr -s ' ' '\n' |
      awk 'n < 16 && /^(00|0a)$/ { run = ""; n = 0; next }
           NF && n < 16 { run = run "\\x" $1; n++ }
           END { if (n == 16) printf "%s", run }'
    return 0
  done
}
marks=$(marks_of_late)
[ -n "$marks" ] || fail "the ciphertext of the waiting message was not found"
on_disk() { LC_ALL=C grep -rlaP -- "$marks" broker >/dev/null; }
on_disk || fail "the search does not find what is there"
say "A second referral to the shelter waits at the broker; its ciphertext lies on the broker's disk."

at police consent withdraw "$consent" --json >/dev/null
taken_back() { [ "$(jq_at police ".consents[] | select(.consent == \"$consent\") | .withdrawn" consent list)" = whole ]; }
wait_for 20 "the withdrawal" taken_back
say "The person changes her mind; the border police take her consent back, whole and at once."
erased_there() { ! on_disk; }
wait_for 20 "the broker to erase the ciphertext" erased_there
say "The ciphertext of the waiting message is gone from every file of the broker; the entry and its proof stay."

start shelter besa-node run --config shelter/node.toml
wait_for 30 "the node of the shelter" ready shelter
owed() { [ "$(jq_at "$1" ".messages[] | select(.message == \"$2\") | .withdrawn" inbox)" = answer_owed ]; }
wait_for 30 "the shelter to be told" owed shelter "$at_shelter"
wait_for 30 "IOM to be told" owed iom "$at_iom"
[ "$(jq_at shelter '[.messages[] | select(.kind == "referral")] | length' inbox)" -eq 1 ] || fail "the shelter got what was taken back"
say "The shelter is back: the second referral never comes. For the first, the shelter and IOM are told and owe an answer."
at shelter erase "$at_shelter" --json >/dev/null
answered() { jq_at police '[.events[].what] | index("withdrawal_answer") != null' show "$to_shelter" | grep -q true; }
wait_for 30 "the shelter's answer to the withdrawal" answered
at shelter open "$at_shelter" --role caseworker --as caseworker-1 --json >shelter-after.json
jq -e '.sections.health | not' shelter-after.json >/dev/null || fail "the shelter still holds the health section"
say "The shelter erases what rested on consent and answers: $(jq -r '.sections | keys | join(", ")' shelter-after.json) remain, on another basis."
overdue() { [ "$(jq_at police '[.alarms[] | select(.kind == "withdrawal_overdue")] | length' status)" -ge 1 ]; }
wait_for 60 "IOM's answer to become overdue" overdue
say "IOM does not answer. When the time is over (5 seconds here, 72 hours in the policy), a tick says so, and the police see:"
at police status | grep -m1 'ALARM' | sed 's/^/   /'
rm -rf segments-before
