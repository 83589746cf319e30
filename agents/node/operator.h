// What the `besa` command does with the answers of its node: plain sentences for people, JSON for programs.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "program/http_client.h"
#include "program/json_fwd.h"

namespace besa::node {

// Exit code for an answer of the node: 0, 5 refused, 4 not found, 2 malformed, 75 try again later, 1 otherwise.
int exit_code_of(unsigned status);

// Sentences for an answer of each command; each ends with a newline.
std::string say_sent(const program::Json& answer);
std::string say_inbox(const program::Json& answer);
std::string say_message(const program::Json& answer);
std::string say_explained(const program::Json& answer);
std::string say_opened(const program::Json& answer);
std::string say_queued(const program::Json& answer);
std::string say_resumed(const program::Json& answer);
std::string say_found(const program::Json& answer);
std::string say_taken_back(const program::Json& answer);
// Behind the error, when the node gave no answer to what was asked with a code.
std::string say_unanswered(bool takes_back);
std::string say_consents(const program::Json& answer);
std::string say_threads(const program::Json& answer);
std::string say_status(const program::Json& answer);

// A request with a person's code, in one piece: `rest` is an object with the other fields. Neither a JSON value nor a
// writer's buffer holds the code; the caller wipes what is returned.
std::string body_with_code(std::string_view digits, const program::Json& rest);

// What a mistake is said to be in: the file that was handed in, and the field of the request that holds it.
struct Asked {
  std::string file;
  std::string inside;               // "/referral"
  std::string_view message = "ID";  // what a message is named by
};
std::string say_error(const program::Json& answer, const Asked& asked);

}  // namespace besa::node
