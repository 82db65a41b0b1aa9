#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/dram/controller.h"
#include "models/dram/lockstep_channels.h"
#include "models/dram/request.h"
#include "models/dram/transfer.h"

namespace aqpim::dram {

/// Receives what a TransferEngine was given to start.
class TransferSink {
 public:
    virtual ~TransferSink() = default;
    /// `at`: the tick at which its last burst has left the data bus.
    virtual void transfer_done(std::uint64_t id, Ticks at) = 0;
};

/// Brings transfers to the channels, as `memory.fidelity` says. Knows no simulation kernel; ticks are the channels'.
///
///   fast      in closed form on the banks' states, in the order of the calls
///   detailed  what is started goes through the channels' controllers. What is run to its end at once competes with
///             nothing but what waits there already: with it through the controllers, which run ahead until then;
///             in a channel where nothing waits, in closed form
///
/// A controller's time may be ahead of the callers': what it has decided stands, and a transfer that comes with an
/// earlier arrival enters at its present.
class TransferEngine : private CompletionSink {
 public:
    static constexpr Ticks never = Controller::never;

    /// `address_map`, `channels` and `sink` outlive the engine's use.
    TransferEngine(const DramParameters& parameters, const AddressMap& address_map, LockstepChannels& channels,
                   TransferSink& sink);

    /// The whole transfer, now: returns the tick at which its last burst has left the data bus.
    Ticks run(const Transfer& transfer, Ticks arrival);
    /// Queues the transfer; returns the tick at which all of it has found room. The sink is told of its end, by this
    /// call or a later one of any kind.
    Ticks start(const Transfer& transfer, std::uint64_t id, Ticks arrival);

    /// No transfer that has been started and not completed can end before; `never` if there is none.
    Ticks next_end();
    /// Lets the controllers decide what goes before `end`: no transfer will arrive earlier.
    void advance(Ticks end);

    /// Serves all that waits in a channel, so that others may issue commands on it.
    void finish(std::uint32_t channel);
    bool is_idle(std::uint32_t channel) const { return !is_detailed_ || lanes_[channel].controller->waiting() == 0; }

 private:
    /// Of which requests are under way.
    struct Open {
        std::uint64_t id;
        std::uint64_t requests;
        Ticks done;
    };
    static constexpr std::uint32_t blocking = 0;  ///< the index of run()'s
    /// What a channel has to it with controllers.
    struct Lane {
        std::optional<Controller> controller;
        bool bypassed = false;                ///< the channel has had commands that its controller does not know of
        std::uint64_t blocking_requests = 0;  ///< of run(), under way
    };

    Ticks run_walk(const Transfer& transfer, Ticks arrival);
    bool is_idle() const;
    Controller& controller_of(std::uint32_t channel);
    Ticks access(const Request& request, Ticks arrival);
    Ticks enter(const Request& request, Ticks arrival);
    void serve_blocking();
    void completed(const Request& request, Ticks at) override;
    void end_request(std::uint32_t index, Ticks at);
    std::uint32_t open(std::uint64_t id);

    DramParameters parameters_;
    const AddressMap& address_map_;
    Organization organization_;
    LockstepChannels& channels_;
    TransferSink& sink_;
    bool is_detailed_;
    std::vector<Lane> lanes_;  ///< by channel
    bool has_stripes_;         ///< bursts in a row are those of all channels in a row
    Ticks least_latency_;      ///< from a column command to the end of its burst
    std::vector<Open> open_;   ///< by the index that their requests carry
    std::vector<std::uint32_t> free_;
};

}  // namespace aqpim::dram
