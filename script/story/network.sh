# Genesis, enrolment, policy. Sourced.

chapter "1. Genesis: three administrators of different organisations begin a network"
besa-broker keys --dir broker/keys >/dev/null
for i in 1 2 3; do besa-admin keys --dir "admin$i" >/dev/null; done
say "The broker and three administrators have made their keys, each on its own side."
genesis() {
  besa-admin genesis --name nrm.example --threshold "$1" --broker broker/keys/broker.public.json \
    --administrator "$2/administrator.public.json" --administrator "$3/administrator.public.json" \
    --administrator "$4/administrator.public.json" --out "$5" >/dev/null
}
genesis 2 admin1 admin2 admin3 genesis.statement
besa-admin sign genesis.statement --keys admin1 >/dev/null
expect_code 5 besa-admin network genesis.statement --endpoint tcp://127.0.0.1:1 --out network.json
say "With one signature it is refused: $(sed 's/^besa-admin: //' last.err)."
organisation=$(jq -r .organisation admin2/administrator.public.json)
besa-admin keys --dir admin-twin --organisation "$organisation" >/dev/null
expect_code 5 genesis 2 admin1 admin2 admin-twin alone.statement
say "A threshold that one organisation could reach alone: $(sed 's/^besa-admin: //' last.err)."
besa-admin sign genesis.statement --keys admin2 >/dev/null
say "With a second signature, of another organisation, it holds."

cat >broker/broker.toml <<TOML
state = "state"
keys = "keys"
[listen]
address = "127.0.0.1"
port = 0
[log]
target = "stderr"
TOML
besa-broker init --config broker/broker.toml --genesis genesis.statement >/dev/null
start broker besa-broker run --config broker/broker.toml
wait_for 20 "the broker" test -s broker/state/endpoint
endpoint=$(cat broker/state/endpoint)
# From now on the same port, so that the agencies find it again after a crash.
sed -i "s/^port = .*/port = ${endpoint##*:}/" broker/broker.toml
besa-admin network genesis.statement --endpoint "$endpoint" --out network.json >/dev/null
say "The broker listens on $endpoint. Its first log entry is the genesis."

# decide FILE: two administrators sign, one submits
decide() {
  besa-admin sign "$1" --keys admin1 >/dev/null
  besa-admin sign "$1" --keys admin3 >/dev/null
  besa-admin submit "$1" --network network.json --keys admin1 --json | jq -r '.verdict + " " + .reason'
}

chapter "2. Enrolment: only public parts travel, two administrators sign"
echo "Data-sharing agreement of the demonstration network." >agreement.txt
declare -A sector=([police]=border_police [social]=social_services [shelter]=shelter [iom]=iom [jobs]=employment_service
  [authority]=responsible_authority [auditor]=auditor)
for who in "${agencies[@]}" auditor; do
  besa-node keys --dir "$who/keys" >/dev/null 2>&1
  besa-admin enrol "$who/keys/member.request.json" --sector "${sector[$who]}" --country AL --agreement agreement.txt \
    --network network.json --replaces none --out "enrol-$who.statement" >/dev/null
  besa-node possess "enrol-$who.statement" --dir "$who/keys" >/dev/null
done
besa-node keys --dir stranger/keys >/dev/null 2>&1
expect_code 5 besa-audit export export-stranger --network network.json --keys stranger/keys
rm -rf export-stranger
say "A key that is not enrolled does not get past the handshake."
besa-admin sign enrol-police.statement --keys admin1 >/dev/null
expect_code 5 besa-admin submit enrol-police.statement --network network.json --keys admin1
say "An enrolment with one signature: $(head -n 1 last.out)"
besa-admin sign enrol-police.statement --keys admin3 >/dev/null
besa-admin submit enrol-police.statement --network network.json --keys admin1 >/dev/null
for who in "${agencies[@]:1}" auditor; do
  [ "$(decide "enrol-$who.statement")" = "accepted none" ] || fail "the enrolment of $who was not accepted"
done
say "Six agencies and an auditor are enrolled; each enrolment names the agreement by a salted hash."
besa-admin appoint-auditor "$(member_id auditor)" --days 30 --network network.json --replaces none \
  --out appointment.statement >/dev/null
[ "$(decide appointment.statement)" = "accepted none" ] || fail "the auditor was not appointed"
say "The auditor is appointed for 30 days."

chapter "3. Policy: what may go where"
besa-admin policy check "$examples/policy.toml" --json | jq -r '"   A rule table of \(.rules) rules compiles without complaint."'
# An answer to a withdrawal may take 72 hours; here five seconds, so that one can be seen to stay out.
sed 's/^retention_days.*/&\nwithdrawal_answer = "5s"/' "$examples/policy.toml" >policy.toml
besa-admin policy adopt policy.toml --network network.json --replaces none --out policy.statement >/dev/null
[ "$(decide policy.statement)" = "accepted none" ] || fail "the policy was not adopted"
say "Two administrators have adopted it. What no rule allows is refused, and a deny rule beats every allow rule."

for who in "${agencies[@]}"; do
  {
    printf 'state = "state"\nkeys = "keys"\nsocket = "node.sock"\nnetwork = "%s"\n' "$(jq -r .network network.json)"
    printf '[broker]\nendpoint = "%s"\ntransport_key = "%s"\n' "$endpoint" "$(jq -r .broker_transport_key network.json)"
    for peer in "${agencies[@]}"; do printf '[peer.%s]\nmember = "%s"\n' "$peer" "$(member_id "$peer")"; done
    # The authority is the network's echo member, too: it answers connection tests by itself.
    [ "$who" != authority ] || printf '[echo]\nanswer = true\n'
    printf '[log]\ntarget = "stderr"\n'
  } >"$who/node.toml"
  besa-node run --check-config --config "$who/node.toml" >/dev/null
  start "$who" besa-node run --config "$who/node.toml"
done
ready() { [ "$(jq_at "$1" .connected status)" = true ] && [ "$(jq_at "$1" .prekeys_until status)" != null ]; }
for who in "${agencies[@]}"; do wait_for 30 "the node of $who" ready "$who"; done
say "The six agencies' nodes run, have checked all governance themselves, and have published prekeys."
