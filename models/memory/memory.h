#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "models/common/parameter.h"
#include "models/common/sockets.h"

namespace aqpim {

struct MemoryParameters {
    std::uint64_t size = 0;       ///< bytes
    Picoseconds latency = 0;      ///< from arrival to the first byte, when idle
    std::uint64_t bandwidth = 1;  ///< bytes per second, of reads and writes together

    /// A default and where it comes from: they differ between the platform's memories.
    struct Default {
        std::string value;
        std::string source;
    };
    void declare(ParameterSection section, const Default& size_default, const Default& latency_default,
                 const Default& bandwidth_default);
};

/// RAM behind one data bus: an access takes latency + bytes / bandwidth, and accesses share the bus in the order of
/// calls. Serves byte enables and streaming widths, debug access, and DMI of the whole memory. A payload with
/// NoContents takes its time and is counted, and moves nothing.
///
/// The contents are one reserved but not committed region of the host's address space. So all of it can be granted as a
/// single DMI region, bytes never written read as zero, and only pages written to take space, for 16 GiB of HBM too.
/// DMI and transactions reach the same bytes: a hart that holds a DMI pointer sees DMA writes at once.
class Memory : public sc_core::sc_module {
 public:
    TargetSocket<Memory> socket{"socket"};

    /// Throws InputError if `size` is zero or more than the host can reserve.
    Memory(sc_core::sc_module_name name, const MemoryParameters& parameters);
    ~Memory() override;

    std::uint64_t size() const { return parameters_.size; }
    /// Data that crossed the bus in transactions, enabled or not; DMI and debug accesses are not seen.
    std::uint64_t bytes_read() const { return bytes_read_; }
    std::uint64_t bytes_written() const { return bytes_written_; }

 private:
    struct Unmap {
        std::size_t bytes = 0;
        void operator()(std::uint8_t* region) const;
    };
    using Region = std::unique_ptr<std::uint8_t, Unmap>;
    static Region reserve(const std::string& owner, std::uint64_t bytes);

    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi);

    bool is_well_formed(tlm::tlm_generic_payload& transaction) const;
    /// Takes the data bus for `bytes` bytes and returns `delay` with the access's time added.
    sc_core::sc_time occupy(std::uint64_t bytes, const sc_core::sc_time& delay);
    void move_data(tlm::tlm_generic_payload& transaction);
    void move_bytes(tlm::tlm_generic_payload& transaction);

    MemoryParameters parameters_;
    Region contents_;
    Picoseconds free_at_ = 0;  // when the data bus has carried all it was given
    std::uint64_t bytes_read_ = 0;
    std::uint64_t bytes_written_ = 0;
};

}  // namespace aqpim
