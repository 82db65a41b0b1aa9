#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace aqpim {

/// Owns a file descriptor.
class Descriptor {
 public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }
    /// False: nothing has come within `limit`, or a signal did.
    bool wait_for_input(std::chrono::milliseconds limit) const;

 private:
    int number_;
};

/// Ends a wait when it returns true; asked about ten times a second.
using GiveUp = std::function<bool()>;

/// A TCP port of 127.0.0.1 that one debugger connects to.
class Listener {
 public:
    /// Port 0: any free one. Throws InputError if it cannot be had.
    explicit Listener(std::uint16_t port);

    std::uint16_t port() const { return port_; }
    /// Wait for a connection. Returns its file descriptor; empty: given up.
    std::optional<int> accept(const GiveUp& give_up) const;

 private:
    Descriptor socket_;
    std::uint16_t port_;
};

/// A TCP connection in which nothing the other side does or fails to do blocks for ever.
class Connection {
 public:
    explicit Connection(int descriptor);

    const Descriptor& descriptor() const { return socket_; }
    /// What has come, up to a few KiB; empty text: nothing yet; no text: the other side has gone.
    std::optional<std::string> receive();
    /// False: the other side has gone, or has taken nothing for ten seconds, or the wait was given up.
    bool send(std::string_view bytes, const GiveUp& give_up);
    /// Let the other side read all that was sent and close the connection, for a second at most.
    void finish();

 private:
    Descriptor socket_;
};

}  // namespace aqpim
