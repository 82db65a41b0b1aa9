#pragma once

#include <systemc>
#include <tlm>

#include <cstdint>
#include <optional>
#include <string>

#include "models/common/clock.h"
#include "models/common/recorder.h"
#include "models/common/sockets.h"
#include "models/common/sparse_memory.h"
#include "models/dram/address_map.h"
#include "models/dram/dram_parameters.h"
#include "models/dram/faults.h"
#include "models/dram/lockstep_channels.h"
#include "models/dram/memory_port.h"
#include "models/dram/transfer_engine.h"

namespace aqpim::dram {

/// The PIM memory as its host sees it: one socket over every channel, from address 0 to the capacity.
///
/// A payload is split into bursts; those of different channels and banks overlap, and the transaction ends with the
/// last one. A burst that a payload covers in part takes as long as a whole one. Both transports of TLM-2.0 may be
/// used, also at the same time; they share banks and buses with each other and with what engines do.
///
///   b_transport   annotates the time to the end of the last burst, and never waits: in closed form, in the order of
///                 the calls. With `memory.fidelity = detailed`, where requests of nb_transport wait in a channel, it
///                 competes with them in the controller, which runs ahead until the payload's bursts are done.
///   nb_transport  four phases, see MemoryPort; with `detailed` through the full controllers.
///
/// Data moves in the call: of b_transport, or of nb_transport with BEGIN_REQ. So accesses take effect in the order of
/// the calls, whatever order the controllers find, and a read sees every write before it. Byte enables are honoured in
/// reads and writes; a payload with NoContents moves nothing. With a streaming width below the length, each beat visits
/// the same place again, in data and in time. DMI is granted by pages with `memory.dmi`, and goes past all timing but
/// its latencies.
class DramMemory : public sc_core::sc_module {
 public:
    TargetSocket<DramMemory> socket;

    /// `trace` receives every command and `recorder` the calls of b_transport, on `track`; either may be null, and
    /// outlives the memory's use.
    DramMemory(sc_core::sc_module_name name, const DramParameters& parameters, CommandSink* trace = nullptr,
               Recorder* recorder = nullptr, const std::string& track = "pim.memory_port");
    ~DramMemory() override;

    /// For commands of engines, once what waits in the controllers is served.
    LockstepChannels& channels() { return channels_; }
    const LockstepChannels& channels() const { return channels_; }
    void serve_waiting();
    /// One channel, for what concerns it alone; what waits in its controller is served before.
    Channel& channel(std::uint32_t index);
    const Organization& organization() const { return organization_; }
    /// Of the channels' ticks.
    const Clock& clock() const { return clock_; }
    const AddressMap& address_map() const { return address_map_; }
    SparseMemory& store() { return store_; }
    /// What reads through the socket have met; a read with an error that ECC cannot correct is answered with
    /// TLM_GENERIC_ERROR_RESPONSE, its data as read. Debug accesses and the engines' computations see what was written.
    const MemoryErrors& memory_errors() const { return faults_.errors(); }

    /// Over all channels.
    Counters counters() const;
    /// The same with the time up to `now_ps` of rows that are still open.
    Counters counters_until(Picoseconds now_ps) const;
    /// Gives the trace what it has not had yet; at the end of a run, before the trace is closed.
    void finish_trace();

    /// Withdraws every DMI pointer and serves what waits in the controllers. No request is dropped: each is answered as
    /// ever. Contents and the banks' states stay.
    void reset();
    /// Payloads of nb_transport that have not had their END_RESP.
    std::uint64_t in_flight() const { return port_.in_flight(); }

 private:
    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi);

    std::optional<Transfer> accept(tlm::tlm_generic_payload& transaction);
    tlm::tlm_response_status check(const tlm::tlm_generic_payload& transaction) const;
    bool is_inside(std::uint64_t address, std::uint64_t bytes) const;
    void settle();
    void move_data(tlm::tlm_generic_payload& transaction);
    void move_beat(tlm::tlm_generic_payload& transaction, unsigned offset, unsigned bytes);
    void move(tlm::tlm_generic_payload& transaction, std::uint64_t address, std::uint8_t* data, unsigned bytes);
    bool grants_dmi() const { return dmi_ && !faults_.active(); }

    Organization organization_;
    Clock clock_;
    AddressMap address_map_;
    SparseMemory store_;
    FaultInjector faults_;
    LockstepChannels channels_;
    MemoryPort port_;
    std::optional<TransferEngine> engine_;
    bool traced_;
    bool dmi_;
    bool dmi_granted_ = false;
    sc_core::sc_time read_latency_;  ///< of a row hit
    sc_core::sc_time write_latency_;
    Recorder* recorder_;
    TrackId port_track_ = 0;
};

}  // namespace aqpim::dram
