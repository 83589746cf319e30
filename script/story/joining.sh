# A seventh agency joins by invite while mail flows. Sourced.

chapter "11. A seventh agency joins while mail flows"
shelter_tests() { jq_at social '[.messages[] | select(.kind == "test")] | length' inbox; }
mail=12
(for _ in $(seq "$mail"); do at shelter send note.json --to social --json >/dev/null || exit 1; sleep 0.2; done) &
flow_pid=$!
admin_invite() { besa-admin invite create "$@" --country AL --agreement agreement.txt --network network.json --keys admin1; }
admin_invite "Health centre Vlora" --sector health --expires 72h --out health.invite --json >invite.json
say "An administrator makes an invite, good for 72 hours. Fingerprint: $(jq -r .fingerprint invite.json)."
besa-node join health.invite --dir health --json >joined.json
[ "$(jq -r .fingerprint invite.json)" = "$(jq -r .invite_fingerprint joined.json)" ] || fail "the invites differ"
say "The health centre makes its keys, checks the genesis and its quorum itself, and asks: $(jq -r .request_fingerprint joined.json)."
request=$(jq -r .request joined.json)
besa-admin approve "$request" --network network.json --keys admin1 --compared >/dev/null
expect_code 5 besa-admin submit "$request" --network network.json --keys admin1
say "Both fingerprints are read over the phone. With one approval: $(sed 's/^Not submitted, since it would be refused: //' last.out)"
besa-node join health.invite --dir thief --json >thief.json
expect_code 5 besa-admin approve "$(jq -r .request thief.json)" --network network.json --keys admin1 --compared
say "Somebody else with the same invite: $(sed 's/^besa-admin: [^ ]*: //' last.err)."
expect_code 5 besa-admin approve "$request" --network network.json --keys admin3 --compared
besa-admin approve "$request" --network network.json --keys admin3 --compared \
  --invite-fingerprint "$(jq -r .fingerprint invite.json)" >/dev/null
say "The other administrator is told the invite's fingerprint. With the second: $(besa-admin submit "$request" --network network.json --keys admin3 | head -n 1 | cut -d. -f1)."
rm -rf thief
printf '[peer.echo]\nmember = "%s"\n[log]\ntarget = "stderr"\n' "$(member_id authority)" >>health/node.toml
start health besa-node run --config health/node.toml
wait_for 30 "the node of the health centre" ready health
besa-node doctor --config health/node.toml --json >doctor.json || fail "the doctor is not content: $(cat doctor.json)"
[ "$(jq -r '.checks[] | select(.check == "test referral") | .result' doctor.json)" = ok ] ||
  fail "no test referral came back: $(cat doctor.json)"
say "Its node runs; the doctor: $(jq '[.checks[] | select(.result == "ok")] | length' doctor.json) of $(jq '.checks | length' doctor.json) checks are ok; the test referral went $(jq -r '.checks[] | select(.check == "test referral") | .said' doctor.json)."
wait "$flow_pid" || fail "the shelter's node did not take its mail"
mail_there() { [ "$(shelter_tests)" -ge "$mail" ]; }
wait_for 40 "the mail that flowed meanwhile" mail_there
say "All $mail messages that the shelter sent meanwhile have arrived."
