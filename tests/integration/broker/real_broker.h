// A broker with real keys, files and sockets on loopback, as a process of its own or inside the test.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/keys.h"
#include "program/clock.h"
#include "tests/support/connect.h"
#include "tests/support/network.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace besa::broker {

using support::Client;

class RealBroker : public testing::Test {
 protected:
  RealBroker();

  std::string config_path() const { return folder_ / "broker.toml"; }
  std::string genesis_path() const { return folder_ / "genesis.besa"; }
  std::string state_path() const { return folder_ / "state"; }
  std::string keys_path() const { return folder_ / "keys"; }
  void write_config(const std::string& more = "");
  void write_genesis();
  // The first entry: `besa-broker init`.
  void begin_log() const;

  // Runs the program to its end.
  static support::Finished run(const std::vector<std::string>& arguments);
  // Starts the daemon and waits for its endpoint.
  void start();
  // Does not wait: it may end at once.
  void start_only(const std::vector<std::string>& environment = {});
  bool has_ended() const { return process_.has_ended(); }
  // Sends the signal and waits for the end; the exit code, or minus the signal.
  int end(int signal);
  void signal(int number) const;
  // From the next start on the port of now, so that nodes find the broker again.
  void keep_port() const;

  std::string endpoint() const;
  Client connect(const crypto::TransportSecret& secret, const base::MemberId& self, client::SavedLog saved = {});
  Client connect(const support::Agency& agency, client::SavedLog saved = {}) {
    return connect(agency.transport, agency.id, std::move(saved));
  }
  std::unique_ptr<transport::Requester> raw(const crypto::TransportSecret& secret) const;
  // By the first administrator; all must be accepted.
  void govern(const std::vector<support::Signed>& statements);
  // One statement of a member; its entry, which must be there.
  static core::Entry submit(Client& client, const support::Signed& statement, bool repeated = false);
  // Two agencies with policy and prekeys.
  void populate();
  // A message of the police to the shelter that rests on a consent, and that consent, both accepted.
  struct Resting {
    support::Signed consent;
    support::Signed message;
    crypto::SigningKey code;  // of the person
  };
  Resting send_on_consent();
  // Whether a file with segments holds this ciphertext.
  bool lies_in_a_segment(const support::Signed& message) const;

  support::TemporaryFolder folder_;
  support::Network network_;
  program::SystemClock clock_;
  support::Agency* police_ = nullptr;
  support::Agency* shelter_ = nullptr;

 private:
  support::RunningProgram process_;
};

}  // namespace besa::broker
