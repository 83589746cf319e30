# Export, verify, replay, tampering, the search for plain text. Sourced.

chapter "13. Audit: verify everything, read nothing"
sleep 1
besa-audit export export --network network.json --keys auditor/keys | sed 's/^/   /'
besa-audit verify export --network network.json | sed 's/^/   /'
besa-audit replay export --network network.json --json >replay.json || fail "the replay found a problem: $(cat replay.json)"
say "Decided again: $(jq .replayed_decisions replay.json) decisions, all equal."

cp -r export tampered
bundle=$(find tampered/tile/entries -type f | sort | head -n 1)
size=$(stat -c %s "$bundle")
offset=$((size / 2))
byte=$(od -An -tu1 -j "$offset" -N 1 "$bundle" | tr -d ' ')
printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$bundle" bs=1 seek="$offset" conv=notrunc status=none
expect_code 3 besa-audit verify tampered --network network.json
tampering=true
say "One bit flipped in a copy: $(sed 's/^besa-audit: //' last.err)"
rm -rf tampered

stop_all
found=false
for planted in Lirije Shembulli 355690000017 'Rruga e Prov' 'fracture of the left wrist'; do
  if grep -rlaF -- "$planted" broker logs export >/dev/null 2>&1; then
    found=true
    say "FOUND in plain text: $planted"
  fi
done
[ "$found" = false ] || fail "plain text was found where only ciphertext may be"
say "Searched every file of the broker, the export and every log line for the person's name, phone, address and"
say "injury: nothing. (They are in the example files, so the search can find them: $(grep -rlF Shembulli "$examples" | wc -l) files.)"
