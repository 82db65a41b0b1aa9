#include "models/gdb/connection.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "models/common/error.h"

namespace aqpim {

namespace {

using namespace std::chrono_literals;

constexpr auto wait_step = 100ms;  // between two questions whether to give up
constexpr auto send_limit = 10s;
constexpr auto finish_limit = 1s;

bool wait_for(int descriptor, short events, std::chrono::milliseconds limit) {
    pollfd wait{descriptor, events, 0};
    return poll(&wait, 1, static_cast<int>(limit.count())) > 0;
}

void set_option(int descriptor, int level, int option) {
    const int on = 1;
    setsockopt(descriptor, level, option, &on, sizeof on);
}

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) {
        close(number_);
    }
}

bool Descriptor::wait_for_input(std::chrono::milliseconds limit) const {
    return wait_for(number_, POLLIN, limit);
}

Listener::Listener(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    set_option(socket_.number(), SOL_SOCKET, SO_REUSEADDR);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_.number(), generic, bytes) != 0 || listen(socket_.number(), 1) != 0 ||
        getsockname(socket_.number(), generic, &bytes) != 0) {
        throw InputError(
            fmt::format("port {} of 127.0.0.1 cannot be listened on for a debugger: {}; give another, or 0 "
                        "for any free one",
                        port, std::strerror(errno)));
    }
    port_ = ntohs(address.sin_port);
}

std::optional<int> Listener::accept(const GiveUp& give_up) const {
    while (!give_up()) {
        if (!socket_.wait_for_input(wait_step)) {
            continue;
        }
        const int connection = accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (connection >= 0) {
            return connection;
        }
    }
    return std::nullopt;
}

Connection::Connection(int descriptor) : socket_(descriptor) {
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY);
}

std::optional<std::string> Connection::receive() {
    std::array<char, 4096> buffer;
    const ssize_t bytes = recv(socket_.number(), buffer.data(), buffer.size(), 0);
    if (bytes > 0) {
        return std::string(buffer.data(), static_cast<std::size_t>(bytes));
    }
    return bytes < 0 && would_block() ? std::optional<std::string>("") : std::nullopt;
}

bool Connection::send(std::string_view bytes, const GiveUp& give_up) {
    auto deadline = std::chrono::steady_clock::now() + send_limit;
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
            deadline = std::chrono::steady_clock::now() + send_limit;
        } else if (!would_block() || give_up() || std::chrono::steady_clock::now() > deadline) {
            return false;
        } else {
            wait_for(socket_.number(), POLLOUT, wait_step);
        }
    }
    return true;
}

void Connection::finish() {
    shutdown(socket_.number(), SHUT_WR);
    const auto deadline = std::chrono::steady_clock::now() + finish_limit;
    while (std::chrono::steady_clock::now() < deadline && receive()) {
        socket_.wait_for_input(wait_step);
    }
}

}  // namespace aqpim
