#pragma once

#include <systemc>
#include <tlm>

#include <cstdint>
#include <vector>

#include "models/common/clock.h"
#include "models/common/recorder.h"
#include "models/common/sockets.h"
#include "models/common/sparse_memory.h"
#include "models/dram/address_map.h"
#include "models/dram/channel.h"
#include "models/dram/dram_parameters.h"

namespace aqpim::dram {

/// The PIM memory as its host sees it: one socket over every channel, from address 0 to the capacity.
///
/// A payload is split into bursts; each goes to its channel as it arrives, those of different channels and banks
/// overlap, and the transaction ends with the last one. A burst that a payload covers in part takes as long as a whole
/// one. Byte enables are honoured. No DMI: every access takes its time.
///
/// What an engine does with `channel()` and `store()` competes with the socket's accesses for the same timing.
class DramMemory : public sc_core::sc_module {
 public:
    TargetSocket<DramMemory> socket;

    /// `trace` receives every command and `recorder` the accesses, on the track `pim.memory_port`; either may be null,
    /// and outlives the memory's use.
    DramMemory(sc_core::sc_module_name name, const DramParameters& parameters, CommandSink* trace = nullptr,
               Recorder* recorder = nullptr);

    Channel& channel(std::uint32_t index) { return channels_[index]; }
    const Channel& channel(std::uint32_t index) const { return channels_[index]; }
    const Organization& organization() const { return organization_; }
    const Clock& clock() const { return clock_; }
    const AddressMap& address_map() const { return address_map_; }
    SparseMemory& store() { return store_; }

    /// Over all channels.
    Counters counters() const;
    /// Gives the trace what it has not had yet; at the end of a run, before the trace is closed.
    void finish_trace();

 private:
    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& transaction);

    bool refuse(tlm::tlm_generic_payload& transaction) const;
    Ticks access_bursts(std::uint64_t address, std::uint64_t bytes, bool write, Ticks arrival);
    void settle();
    void move_data(tlm::tlm_generic_payload& transaction, unsigned bytes);

    Organization organization_;
    Clock clock_;
    Picoseconds controller_latency_;
    AddressMap address_map_;
    SparseMemory store_;
    std::vector<Channel> channels_;
    bool traced_;
    Recorder* recorder_;
    TrackId port_track_ = 0;
};

}  // namespace aqpim::dram
