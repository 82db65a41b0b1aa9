#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace aqpim {

/// Host-target interface, as test programs for Spike use it: a double word of memory, the program's symbol `tohost`, in
/// which it leaves requests to the host.
///
///     63:56  device   55:48  command   47:0  payload
///     0               0                code << 1 | 1: ends the run; code 0 is success
///     1               1                a character in 7:0 for the console
///
/// A request is taken by clearing `tohost`. The symbol `fromhost`, if the program has it, then gets the device and the
/// command of console output back. Anything else, and with it system calls by way of memory, ends the simulation with
/// an error.
class Htif {
 public:
    /// The platform's memory, without time.
    struct Memory {
        std::function<std::uint64_t(std::uint64_t address)> read;
        std::function<void(std::uint64_t address, std::uint64_t value)> write;
    };

    Htif(std::uint64_t tohost, std::optional<std::uint64_t> fromhost, Memory memory, std::ostream& console);

    /// To be called after each store to `tohost`.
    void look();

    /// How the program ended the run; nothing if it has not.
    const std::optional<std::uint64_t>& exit_code() const { return exit_code_; }
    /// The request that was refused, in words; empty if none was.
    const std::string& refusal() const { return refusal_; }

 private:
    void refuse(std::uint64_t request);

    std::uint64_t tohost_;
    std::optional<std::uint64_t> fromhost_;
    Memory memory_;
    std::ostream& console_;
    std::optional<std::uint64_t> exit_code_;
    std::string refusal_;
};

}  // namespace aqpim
