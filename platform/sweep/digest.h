#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aqpim {

/// FNV-1a of 64 bits (draft-eastlake-fnv), piece by piece: tells contents apart that nobody forges.
class Digest {
 public:
    void add(std::string_view bytes);
    /// 16 hexadecimal digits.
    std::string text() const;

 private:
    std::uint64_t hash_ = 0xcbf29ce484222325;
};

/// What tells a file from a changed one without reading it: its place, size and time of change. `name` may carry an
/// address, FILE@ADDRESS; of a file that is not there the name alone.
std::string file_state(const std::string& name);

}  // namespace aqpim
