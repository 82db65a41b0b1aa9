#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aqpim {

/// A packet is not carried out. The reply tells why, with the number of a Linux error.
struct GdbRefusal {
    const char* reply;

    static constexpr const char* malformed = "E22";  ///< EINVAL: not of the packet's form, or no such thread
    static constexpr const char* not_there = "E14";  ///< EFAULT: no such register or memory
    static constexpr const char* no_room = "E28";    ///< ENOSPC: too many breakpoints
    static constexpr const char* running = "E16";    ///< EBUSY: the simulation runs
    static constexpr const char* too_long = "E90";   ///< EMSGSIZE
};

/// The digit's value; -1: it is none.
int hex_digit(char character);
/// Two lower-case digits for each byte.
std::string to_hex(std::string_view bytes);
/// Throws GdbRefusal for anything but pairs of digits.
std::string from_hex(std::string_view digits);

/// Takes a packet apart from its left end. What is not there as expected throws GdbRefusal.
class Fields {
 public:
    explicit Fields(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    /// Go past `token` if it comes next.
    bool skip(std::string_view token);
    void expect(std::string_view token);
    void expect_end() const;
    /// A hexadecimal number of at most 64 bits.
    std::uint64_t number();
    /// What is left.
    std::string_view rest() const { return rest_; }
    /// What comes before `separator`, which is gone past, or what is left.
    Fields until(char separator);

 private:
    std::string_view rest_;
};

}  // namespace aqpim
