# Consent taken back by the person's code, at another agency than the one that took it. Sourced.

chapter "9. The person's code: taken back at another agency"
with_code() { at police consent record "$examples/consent.json" --with-code --json; }
given=$(with_code)
other=$(with_code)
coded=$(jq -r .consent <<<"$given")
wait_for 20 "the third consent" recorded police "$coded"
wait_for 20 "the fourth consent" recorded police "$(jq -r .consent <<<"$other")"
say "A new consent, and a code for the person, shown once: 20 digits, or 6 words such as $(jq -r .code.words <<<"$other")."
say "The node keeps neither; in the log is a public key that is derived from it."
referrals() { jq_at iom '[.messages[] | select(.kind == "referral")] | length' inbox; }
before=$(referrals)
at police send "$examples/referral.json" --to iom --consent "$coded" --json >/dev/null
came_again() { [ "$(referrals)" -gt "$before" ] && arrived iom; }
wait_for 30 "the referral under it" came_again
under_code=$(incoming iom)

# by_code AGENCY WHAT CODE ARGUMENTS...: the code goes through a pipe, never on a command line
by_code() {
  local who=$1 what=$2 code=$3
  shift 3
  at "$who" person "$what" "$@" <<<"$code"
}
digits=$(jq -r .code.digits <<<"$given")
wrong=$(tr 0123456789 1234567890 <<<"${digits:0:1}")${digits:1}
[ "${wrong:0:1}" -lt 7 ] || wrong=0${digits:1}
expect_code 4 by_code iom find "$wrong"
say "The person comes to IOM. A wrong code finds nothing: $(sed 's/^besa: the code: //; s/:.*//' last.err)."
expect_code 5 by_code iom withdraw "$(jq -r .code.digits <<<"$other")" --message "$under_code"
say "Another person's code on her file: $(head -n 1 last.err | sed 's/^besa: //')"
by_code iom find "$digits" | head -n 1 | sed 's/^/   With her own code IOM finds: /'
by_code iom withdraw "$(jq -r .code.words <<<"$given")" | sed 's/^/   /'
taken_by_code() { [ "$(jq_at police ".consents[] | select(.consent == \"$coded\") | .withdrawn" consent list)" = whole ]; }
wait_for 20 "the police to be told" taken_by_code
wait_for 20 "IOM to be told what it holds" owed iom "$under_code"
at iom erase "$under_code" --json >/dev/null
say "The border police, who took it, are told; IOM owes an answer for what it got, and erases it."
