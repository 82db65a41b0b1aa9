#pragma once

#include <systemc>
#include <tlm>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace aqpim {

/// A device's registers: the constructor of a device reads like its data sheet's register table.
///
///     registers_.add("mtime", 0xbff8, 8, [this] { return time(); });
///     registers_.add_array("mtimecmp", 0x4000, 8, harts, 8, read, write);
///
/// An access must match a register's offset and width, or fall within it when the register allows parts (`bytes` 8
/// read as two words of 4). Anything else is an address error, a write of a read-only register a command error.
class RegisterFile {
 public:
    using Read = std::function<std::uint64_t()>;
    /// `delay`: how far the initiator is ahead of simulated time; effects happen then (`event.notify(delay)`).
    using Write = std::function<void(std::uint64_t value, const sc_core::sc_time& delay)>;
    using ReadAt = std::function<std::uint64_t(unsigned index)>;
    using WriteAt = std::function<void(unsigned index, std::uint64_t value, const sc_core::sc_time& delay)>;

    void add(const std::string& name, std::uint64_t offset, unsigned bytes, Read read, Write write = {});
    /// `count` equal registers, `stride` bytes apart.
    void add_array(const std::string& name, std::uint64_t offset, unsigned bytes, unsigned count, unsigned stride,
                   ReadAt read, WriteAt write = {});

    /// Serves one transaction whose address is an offset, and sets its response. Never waits; the caller adds latency.
    void transport(tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay);
    /// For transport_dbg: reads registers (all reads here are free of side effects only if the model's are), never
    /// writes. Returns the bytes read.
    unsigned debug_read(tlm::tlm_generic_payload& transaction);

 private:
    struct Register {
        std::string name;
        unsigned bytes;
        unsigned index;
        ReadAt read;
        WriteAt write;
    };
    /// The register that holds [offset, offset + bytes), or null.
    const Register* find(std::uint64_t offset, unsigned bytes, std::uint64_t& start) const;

    std::map<std::uint64_t, Register> registers_;
};

}  // namespace aqpim
