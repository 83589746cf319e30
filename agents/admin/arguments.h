// What is wrong with the text of an option by itself: a word for people, or nothing if it is well formed.
#pragma once

#include <cstdint>
#include <string>

namespace besa::admin {

std::string wrong_id(const std::string& text, std::size_t bytes);  // hex digits, and not all zeros
std::string wrong_member(const std::string& text);
std::string wrong_organisation(const std::string& text);
std::string wrong_agency_name(const std::string& text);  // not empty, nothing that a terminal obeys or hides
std::string wrong_invite_life(const std::string& text);
std::string wrong_fingerprint(const std::string& text);  // forty digits, in groups or not
std::string wrong_network_name(const std::string& text);
std::string wrong_sector(const std::string& text);
std::string wrong_country(const std::string& text);
std::string wrong_endpoint(const std::string& text);
std::string wrong_time(const std::string& text);

// Of two letters that wrong_country let pass.
std::uint16_t country_code(const std::string& letters);

}  // namespace besa::admin
