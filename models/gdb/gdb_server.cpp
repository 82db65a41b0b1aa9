#include "models/gdb/gdb_server.h"

#include <chrono>

namespace aqpim {

using State = GdbCommands::State;

GdbServer::GdbServer(std::uint16_t port, std::vector<DebugTarget*> harts, GdbHooks hooks)
    : listener_(std::make_unique<Listener>(port)),
      port_(listener_->port()),
      give_up_(hooks.give_up),
      session_(std::move(harts), std::move(hooks), [this](std::string_view bytes) { send(bytes); }) {}

bool GdbServer::wait_for_connection() {
    const auto descriptor = listener_->accept(give_up_);
    listener_.reset();
    if (!descriptor) {
        return false;
    }
    connection_ = std::make_unique<Connection>(*descriptor);
    watch_ = std::make_unique<InputWatch>(connection_->descriptor());
    return true;
}

void GdbServer::stopped(unsigned hart, const Stop& stop) {
    if (!connection_) {
        return;
    }
    session_.stopped(hart, stop);
    while (session_.state() == State::stopped && !lost_) {
        serve();
    }
    if (lost_) {
        session_.lost();
    }
    if (session_.state() == State::ended) {
        close();
    } else if (session_.state() == State::running && !session_.interrupt_requested()) {
        watch_->rearm();
    }
}

void GdbServer::serve() {
    constexpr std::chrono::milliseconds wait_step(100);
    lost_ = give_up_();
    if (lost_ || !connection_->descriptor().wait_for_input(wait_step)) {
        return;
    }
    if (const auto bytes = connection_->receive()) {
        session_.receive(*bytes);
    } else {
        lost_ = true;
    }
}

bool GdbServer::interrupt_requested() {
    if (!watch_ || !watch_->raised() || session_.state() == State::resetting) {
        return false;
    }
    if (session_.state() == State::running && !lost_) {
        if (const auto bytes = connection_->receive()) {
            session_.receive(*bytes);
        } else {
            lost_ = true;
        }
    }
    const bool wanted = lost_ || session_.state() != State::running || session_.interrupt_requested();
    if (!wanted) {
        watch_->rearm();
    }
    return wanted;
}

void GdbServer::exited(int status) {
    if (connection_) {
        session_.exited(status);
        close();
    }
}

void GdbServer::send(std::string_view bytes) {
    lost_ = lost_ || !connection_->send(bytes, give_up_);
}

void GdbServer::close() {
    if (!lost_) {
        connection_->finish();
    }
    watch_.reset();
    connection_.reset();
}

}  // namespace aqpim
