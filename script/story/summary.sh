# The closing lines. Sourced.

seconds=$((SECONDS - started))
printf '\nDone in %s seconds: %s log entries, all verified and decided again.\n' "$seconds" "$(jq .entries replay.json)"
if [ "$json" = yes ]; then
  jq -c --argjson seconds "$seconds" --argjson tampering "$tampering" --argjson found "$found" '{
    accepted: .types.envelope.accepted, refused: .types.envelope.refused, received: .types.received.items,
    opened: .types.opened.accepted, entries: .entries, audit: .result, replayed_decisions: .replayed_decisions,
    withheld: .withheld, tampering_detected: $tampering, plaintext_found: $found, seconds: $seconds}' replay.json
fi
