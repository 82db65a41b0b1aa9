#pragma once

#include <tlm>

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace aqpim {

/// The physical memory that a hart reaches through host pointers (TLM's direct memory interface): what targets have
/// granted.
class DirectMemory {
 public:
    /// Asks the bus for a pointer: `command` says what for.
    using Request = std::function<bool(tlm::tlm_command command, std::uint64_t address, tlm::tlm_dmi& grant)>;

    explicit DirectMemory(Request request) : request_(std::move(request)) {}

    /// The host address of [address, address + bytes), or null where no target grants it.
    std::uint8_t* find(tlm::tlm_command command, std::uint64_t address, std::uint64_t bytes);

    /// A target takes back its pointers.
    void invalidate(std::uint64_t start, std::uint64_t end);

 private:
    struct Grant {
        std::uint64_t end;  ///< last byte
        std::uint8_t* host;
    };
    using Grants = std::map<std::uint64_t, Grant>;  ///< by first byte

    static std::uint8_t* look_up(const Grants& grants, std::uint64_t address, std::uint64_t bytes);
    void accept(const tlm::tlm_dmi& grant);

    Request request_;
    Grants readable_;
    Grants writable_;
};

}  // namespace aqpim
