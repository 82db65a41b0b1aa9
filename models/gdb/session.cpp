#include "models/gdb/session.h"

#include <fmt/format.h>

#include <utility>

namespace aqpim {

namespace {

// A stream of `-` must not make a stream of packets.
constexpr unsigned resend_limit = 3;

}  // namespace

GdbSession::GdbSession(std::vector<DebugTarget*> harts, GdbHooks hooks, Send send)
    : commands_(std::move(harts), std::move(hooks)), send_(std::move(send)) {}

void GdbSession::receive(std::string_view bytes) {
    for (const char byte : bytes) {
        if (state() == GdbCommands::State::ended) {
            return;
        }
        take(reader_.take(byte));
    }
}

void GdbSession::take(PacketReader::Event event) {
    using Event = PacketReader::Event;
    switch (event) {
        case Event::packet:
            return answer(reader_.payload());
        case Event::damaged:
            return refuse_damaged();
        case Event::too_long:
            return send_packet(GdbRefusal::too_long);
        case Event::interrupt:
            interrupt_requested_ = state() == GdbCommands::State::running;
            return;
        case Event::resend:
            return resend();
        case Event::received:
        case Event::none:
            return;
    }
}

void GdbSession::answer(const std::string& packet) {
    if (commands_.acknowledges()) {
        send_("+");
    }
    if (state() != GdbCommands::State::stopped) {
        return send_packet(GdbRefusal::running);
    }
    if (const auto reply = commands_.answer(packet)) {
        send_packet(*reply);
    }
}

void GdbSession::refuse_damaged() {
    if (commands_.acknowledges()) {
        send_("-");
    } else {
        send_packet(GdbRefusal::malformed);
    }
}

void GdbSession::send_packet(std::string_view payload) {
    last_packet_ = gdb_frame(payload);
    resent_ = 0;
    send_(last_packet_);
}

void GdbSession::resend() {
    if (!last_packet_.empty() && resent_ < resend_limit) {
        ++resent_;
        send_(last_packet_);
    }
}

void GdbSession::stopped(unsigned hart, const Stop& stop) {
    const auto reply = commands_.stopped(hart, stop);
    if (state() != GdbCommands::State::running) {
        interrupt_requested_ = false;
    }
    if (reply) {
        send_packet(*reply);
    }
}

void GdbSession::exited(int status) {
    const bool awaited = state() == GdbCommands::State::running;
    commands_.detach();
    if (awaited) {
        send_packet(fmt::format("W{:02x}", status & 0xff));
    }
}

void GdbSession::lost() {
    commands_.detach();
}

}  // namespace aqpim
