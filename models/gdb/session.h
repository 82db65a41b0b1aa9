#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/gdb/commands.h"
#include "models/gdb/packet.h"

namespace aqpim {

/// The remote protocol with one debugger, from bytes to bytes. Takes any stream of bytes.
class GdbSession {
 public:
    using Send = std::function<void(std::string_view)>;

    /// `send` is called with each packet and acknowledgement for the debugger.
    GdbSession(std::vector<DebugTarget*> harts, GdbHooks hooks, Send send);

    /// What the debugger sent. While the simulation runs, only the interrupt byte has an effect, no hart is touched,
    /// and packets are refused.
    void receive(std::string_view bytes);
    /// See Debugger::stopped.
    void stopped(unsigned hart, const Stop& stop);
    /// The simulation has ended.
    void exited(int status);
    /// The connection is lost: as if the debugger detached.
    void lost();

    GdbCommands::State state() const { return commands_.state(); }
    /// Since the simulation went on.
    bool interrupt_requested() const { return interrupt_requested_; }

 private:
    void take(PacketReader::Event event);
    void answer(const std::string& packet);
    void refuse_damaged();
    void send_packet(std::string_view payload);
    void resend();

    GdbCommands commands_;
    Send send_;
    PacketReader reader_;
    std::string last_packet_;  ///< in its frame
    unsigned resent_ = 0;      ///< times the last packet was sent again
    bool interrupt_requested_ = false;
};

}  // namespace aqpim
