// A person's code as people type it: sentences for what is wrong with it. Nothing here keeps or logs a code.
#pragma once

#include <string>

#include "envelope/person_code.h"

namespace besa::node {

// One sentence, without a full stop. It holds nothing of the code but, of a word that is in no list, its place and the
// listed words that are like it: for the eyes of who typed it, never for a log.
std::string say_fault(const envelope::CodeFault& fault);

// As one writes it on a card: "0123 4567 8901 2345 6789".
std::string in_groups(base::ByteView digits);

}  // namespace besa::node
