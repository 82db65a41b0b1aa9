#include "platform/sweep/digest.h"

#include <fmt/format.h>

#include <filesystem>

namespace aqpim {

void Digest::add(std::string_view bytes) {
    for (const char c : bytes) {
        hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
}

std::string Digest::text() const {
    return fmt::format("{:016x}", hash_);
}

std::string file_state(const std::string& name) {
    namespace fs = std::filesystem;
    const fs::path absolute = fs::absolute(name).lexically_normal();
    fs::path file = absolute;
    if (!fs::exists(file)) {
        file = file.string().substr(0, file.string().rfind('@'));
    }
    std::error_code error;
    const auto bytes = fs::file_size(file, error);
    const auto changed = fs::last_write_time(file, error);
    return error ? absolute.string()
                 : fmt::format("{} {} {}", absolute.string(), bytes, changed.time_since_epoch().count());
}

}  // namespace aqpim
