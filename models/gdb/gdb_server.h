#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/cpu/debug.h"
#include "models/gdb/connection.h"
#include "models/gdb/input_watch.h"
#include "models/gdb/session.h"

namespace aqpim {

/// Lets one GDB (or LLDB) debug the harts by the remote serial protocol, over TCP, from this machine only. Harts are
/// threads 1 to n.
///
/// It has no process: while the debugger has the word, stopped() keeps the caller, and with it simulated time. All of
/// it is to be called from the simulation's thread. When the debugger detaches, or the connection is lost (while
/// stopped or running), the run goes on without one, and no other can connect.
///
///     GdbServer server(port, harts, hooks);
///     server.wait_for_connection();
///     server.stopped(0, {StopReason::attached});  // once memory can be read: after elaboration
///     ...
///     server.exited(status);
class GdbServer : public Debugger {
 public:
    /// Port 0: any free one. Throws InputError if the port cannot be had. The harts are first used in stopped().
    GdbServer(std::uint16_t port, std::vector<DebugTarget*> harts, GdbHooks hooks);

    std::uint16_t port() const { return port_; }
    /// False: given up before a debugger came.
    bool wait_for_connection();

    /// Returns when the debugger lets the simulation go on. To be called by the hart that has stopped; by anyone (for
    /// hart 0) when interrupt_requested() and all harts sleep, or when `monitor reset` has been carried out.
    void stopped(unsigned hart, const Stop& stop) override;
    /// The debugger, or the loss of its connection, wants stopped() to be called. Costs an atomic load.
    bool interrupt_requested() override;
    /// Tell the debugger that the simulation has ended, and with which status (modulo 256); close the connection.
    void exited(int status);

 private:
    void serve();
    void send(std::string_view bytes);
    void close();

    std::unique_ptr<Listener> listener_;  ///< until a debugger has connected
    std::uint16_t port_;
    GiveUp give_up_;
    GdbSession session_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<InputWatch> watch_;  ///< of connection_
    bool lost_ = false;
};

}  // namespace aqpim
