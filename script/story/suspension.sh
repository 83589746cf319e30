# A key is suspended, its mail waits, and it comes back. Sourced.

chapter "10. A key is suspended while its connection lives"
cat >note.json <<'JSON'
{"kind": "test", "purpose": "service_referral", "priority": "normal_2weeks", "person_class": "adult",
 "sections": {"summary": {"basis": "not_personal", "content": {"note": "connection test"}}}}
JSON
in_force() { [ "$(jq_at "$1" .member_in_force status)" = "$2" ]; }
tests_in() { jq_at "$1" '[.messages[] | select(.kind == "test")] | length' inbox; }
besa-admin suspend "$(member_id jobs)" --network network.json --keys admin1 --out suspend.statement >/dev/null
besa-admin sign suspend.statement --keys admin1 >/dev/null
expect_code 5 besa-admin submit suspend.statement --network network.json --keys admin1
in_force jobs true || fail "one signature suspended a member"
say "A laptop of the employment counter is lost. One administrator's signature changes nothing: $(head -n 1 last.out)"
besa-admin sign suspend.statement --keys admin3 >/dev/null
besa-admin submit suspend.statement --network network.json --keys admin1 >/dev/null
say "With a second signature, of another organisation, the key is suspended."
stuck=$(jq_at jobs '.messages[0].message' send note.json --to shelter)
turned_away() { jq_at jobs .trouble status | grep -q not_member; }
wait_for 20 "the suspended key to be turned away" turned_away
sleep 0.5
[ "$(jq_at jobs .state show "$stuck")" != accepted ] || fail "a suspended key got a message through"
say "Its next message, on the connection that it still has, is turned away: $(jq_at jobs .trouble status)."
mail=$(jq_at shelter '.messages[0].message' send note.json --to jobs)
mail_waits() { [ "$(jq_at shelter .message_state show "$mail")" = queued ]; }
wait_for 20 "mail for the suspended member" mail_waits
sleep 1
mail_waits || fail "a suspended member was handed mail"
[ "$(tests_in jobs)" -eq 0 ] || fail "a suspended member got mail"
say "What the shelter sends it meanwhile is accepted and waits."
besa-admin reinstate "$(member_id jobs)" --network network.json --keys admin1 --out reinstate.statement >/dev/null
[ "$(decide reinstate.statement)" = "accepted none" ] || fail "the reinstatement was not accepted"
at jobs send note.json --to shelter --json >/dev/null
got_mail() { [ "$(tests_in jobs)" -eq 1 ]; }
wait_for 40 "the waiting mail" got_mail
back() { [ "$(tests_in shelter)" -eq 2 ]; }
wait_for 30 "the messages of the reinstated member" back
say "The laptop is found; two administrators reinstate the key. The waiting mail comes, and what its node kept goes out."
