#include "platform/sweep/digest.h"

#include <fmt/format.h>

namespace aqpim {

void Digest::add(std::string_view bytes) {
    for (const char c : bytes) {
        hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
}

std::string Digest::text() const {
    return fmt::format("{:016x}", hash_);
}

}  // namespace aqpim
