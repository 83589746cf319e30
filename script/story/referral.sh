# Consent, the referral, a refusal, the closed loop. Sourced.

chapter "4. Consent: what the person agreed to"
consent=$(jq_at police .consent consent record "$examples/consent.json")
recorded() { [ "$(jq_at "$1" ".consents[] | select(.consent == \"$2\") | .state" consent list)" = recorded ]; }
wait_for 20 "the consent" recorded police "$consent"
say "The border police have recorded a consent: shelter and IOM may be told, health only the shelter."
say "The log holds salted rows under a root, and no identity."

chapter "5. A referral: border police to the shelter and to IOM"
at police send "$examples/referral.json" --consent "$consent" --dry-run | sed 's/^/   /'
messages=$(at police send "$examples/referral.json" --consent "$consent" --json)
to_shelter=$(jq -r '.messages[] | select(.to == "shelter") | .message' <<<"$messages")
to_iom=$(jq -r '.messages[] | select(.to == "iom") | .message' <<<"$messages")
say "Queued: one message for each recipient, so that nobody learns who else was told."
incoming() { jq_at "$1" '[.messages[] | select(.kind == "referral" and .state == "received")] | last | .message // empty' inbox; }
arrived() { [ -n "$(incoming "$1")" ]; }
wait_for 30 "the shelter's message" arrived shelter
wait_for 30 "IOM's message" arrived iom
at_shelter=$(incoming shelter)
at_iom=$(incoming iom)
at shelter open "$at_shelter" --role caseworker --as caseworker-1 --json >shelter-opened.json
at iom open "$at_iom" --role caseworker --as caseworker-2 --json >iom-opened.json
jq -e '.sections.health and .sections.identity' shelter-opened.json >/dev/null || fail "the shelter's referral is not whole"
jq -e '.sections.identity and (.sections.health | not)' iom-opened.json >/dev/null || fail "IOM's referral holds the wrong sections"
say "Both have received, verified and opened it. The shelter reads: $(jq -r '.sections | keys | join(", ")' shelter-opened.json)."
say "IOM reads: $(jq -r '.sections | keys | join(", ")' iom-opened.json); no health, and no key that opens the shelter's."

chapter "6. A refusal: the employment counter must not learn the story"
work_consent=$(jq_at shelter .consent consent record "$examples/consent-work.json")
wait_for 20 "the second consent" recorded shelter "$work_consent"
expect_code 5 at shelter send "$examples/work-with-story.json" --consent "$work_consent"
say "$(grep -m1 . last.err | sed 's|^besa: ||')"
# The broker decides for itself: the same message, handed to it although the node knows better.
at shelter send "$examples/work-with-story.json" --consent "$work_consent" --on-record --json >refused.json
refused_id=$(jq -r '.messages[0].message' refused.json)
was_refused() { [ "$(jq_at shelter .state show "$refused_id")" = refused ]; }
wait_for 20 "the broker's refusal" was_refused
say "Sent all the same, the broker refuses it on record: $(jq_at shelter .words show "$refused_id")"
at shelter send "$examples/work.json" --consent "$work_consent" --json >/dev/null
wait_for 30 "the employment counter's message" arrived jobs
say "With identity, contact and skills only, it goes through."

chapter "7. The closed loop"
echo "A bed is free from tonight." | at shelter accept "$at_shelter" --note-file - --json >/dev/null
thread_state() { jq_at police ".state" show "$to_shelter"; }
accepted() { [ "$(thread_state)" = accepted ]; }
wait_for 30 "the shelter's answer" accepted
say "The shelter accepts; the border police see: $(thread_state)."
at police show "$to_shelter" | sed 's/^/   /'
