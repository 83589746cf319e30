// What is wrong with the text of an option by itself: a word for people, or nothing if it is well formed.
#pragma once

#include <string>

namespace besa::admin {

std::string wrong_id(const std::string& text, std::size_t bytes);  // hex digits, and not all zeros
std::string wrong_network_name(const std::string& text);
std::string wrong_sector(const std::string& text);
std::string wrong_country(const std::string& text);
std::string wrong_endpoint(const std::string& text);
std::string wrong_time(const std::string& text);

}  // namespace besa::admin
