#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "models/common/error.h"
#include "models/gdb/gdb_server.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace std::chrono_literals;

namespace {

/// A debugger's end of the connection.
class Client {
 public:
    explicit Client(std::uint16_t port, const char* host = "127.0.0.1") {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        inet_pton(AF_INET, host, &address.sin_addr);
        connected = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    ~Client() { close(); }

    void send(const std::string& bytes) { ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    /// Reads until `end` has come; what has come until then, or until the connection ended.
    std::string read_until(const std::string& end) {
        std::string text;
        while (!text.ends_with(end)) {
            pollfd wait{socket_, POLLIN, 0};
            char byte;
            if (poll(&wait, 1, 10'000) <= 0 || recv(socket_, &byte, 1, 0) <= 0) {
                return text + "<end>";
            }
            text += byte;
        }
        return text;
    }
    void close() {
        if (socket_ >= 0) {
            ::close(std::exchange(socket_, -1));
        }
    }

    bool connected = false;

 private:
    int socket_ = socket(AF_INET, SOCK_STREAM, 0);
};

/// The simulation is the test's thread; the debugger is a thread of its own.
struct ServerScene : Scene {
    GdbServer server{0, targets(), hooks()};

    void wait_for_interrupt() {
        const auto limit = std::chrono::steady_clock::now() + 10s;
        bool requested = false;
        while (!requested && std::chrono::steady_clock::now() < limit) {
            requested = server.interrupt_requested();
        }
        REQUIRE(requested);
    }
    void attach() {
        REQUIRE(server.wait_for_connection());
        server.stopped(0, {StopReason::attached, FakeMemory::base});
    }
};

}  // namespace

TEST_CASE("a debugger connects, reads, continues, interrupts and is told the exit status") {
    ServerScene scene;
    std::string heard;
    std::thread debugger([&] {
        Client client(scene.server.port());
        client.send("+$qC#b4");
        heard = client.read_until("#c5");
        client.send("$c#63");
        heard += client.read_until("+");
        client.send("\x03");
        heard += client.read_until(framed("T02thread:1;"));
        client.send("+$c#63");
        heard += client.read_until(framed("W08"));
    });
    scene.attach();
    scene.wait_for_interrupt();
    scene.server.stopped(0, {StopReason::interrupted, FakeMemory::base});
    CHECK_FALSE(scene.server.interrupt_requested());
    scene.server.exited(0x108);
    debugger.join();
    CHECK(heard == fmt::format("+$QC1#c5+{}+{}", framed("T02thread:1;"), framed("W08")));
}

TEST_CASE("an interrupt right behind the packet that continues is not missed") {
    ServerScene scene;
    Client client(scene.server.port());
    client.send("$c#63\x03");
    scene.attach();
    CHECK(scene.server.interrupt_requested());
    CHECK(scene.server.interrupt_requested());
}

TEST_CASE("a forgotten step does not hide an interrupt") {
    ServerScene scene;
    Client client(scene.server.port());
    client.send("$c#63\x03");
    scene.attach();
    scene.server.stopped(0, {StopReason::stepped, FakeMemory::base});
    CHECK(scene.server.interrupt_requested());
}

TEST_CASE("before the debugger has let it go, the simulation is asked to stop") {
    ServerScene scene;
    CHECK_FALSE(scene.server.interrupt_requested());
    Client client(scene.server.port());
    REQUIRE(scene.server.wait_for_connection());
    CHECK(scene.server.interrupt_requested());
}

TEST_CASE("packets while running are answered with an error, the simulation runs on") {
    ServerScene scene;
    Client client(scene.server.port());
    client.send("$c#63");
    scene.attach();
    client.send("$g#67");
    std::string heard;
    std::thread debugger([&] {
        heard = client.read_until(framed("E16"));
        client.send("\x03");
    });
    scene.wait_for_interrupt();
    debugger.join();
    CHECK(heard == fmt::format("++{}", framed("E16")));
}

TEST_CASE("after detach the connection is closed and the simulation runs on by itself") {
    ServerScene scene;
    Client client(scene.server.port());
    client.send(framed("Z0,80000000,4") + framed("D"));
    std::string heard;
    std::thread debugger([&] {
        heard = client.read_until("<never>");
        client.close();
    });
    scene.attach();
    debugger.join();
    CHECK(heard == fmt::format("+{0}+{0}<end>", framed("OK")));
    CHECK_FALSE(scene.server.interrupt_requested());
    CHECK(scene.hart().breakpoints.empty());
    scene.server.stopped(0, {StopReason::breakpoint, FakeMemory::base});
    scene.server.exited(0);
}

TEST_CASE("a connection lost while stopped lets the simulation run on by itself") {
    ServerScene scene;
    Client client(scene.server.port());
    client.send(framed("Z0,80000000,4"));
    std::thread debugger([&] {
        client.read_until(framed("OK"));
        client.close();
    });
    scene.attach();
    debugger.join();
    CHECK(scene.hart().breakpoints.empty());
    CHECK_FALSE(scene.server.interrupt_requested());
}

TEST_CASE("a connection lost while running stops the hart once, so that nothing stays set in it") {
    ServerScene scene;
    Client client(scene.server.port());
    client.send(framed("Z0,80000000,4") + framed("c"));
    scene.attach();
    client.close();
    scene.wait_for_interrupt();
    CHECK(scene.hart().breakpoints.size() == 1);
    scene.server.stopped(0, {StopReason::interrupted, FakeMemory::base});
    CHECK(scene.hart().breakpoints.empty());
    CHECK_FALSE(scene.server.interrupt_requested());
}

TEST_CASE("after monitor reset the simulation goes on until the reset is carried out") {
    ServerScene scene;
    Client client(scene.server.port());
    client.send(framed("qRcmd,7265736574"));
    scene.attach();
    CHECK(scene.resets == 1);
    CHECK_FALSE(scene.server.interrupt_requested());
    std::string heard;
    std::thread debugger([&] {
        heard = client.read_until(framed("OK"));
        client.send(framed("k"));
        client.close();
    });
    scene.server.stopped(0, {StopReason::attached, FakeMemory::base});
    debugger.join();
    CHECK(heard == fmt::format("+{}", framed("OK")));
    CHECK(scene.kills == 1);
}

TEST_CASE("waiting for a debugger, and for its next word, can be given up") {
    Scene scene;
    bool give_up = true;
    GdbHooks hooks = scene.hooks();
    hooks.give_up = [&] { return give_up; };
    GdbServer nobody(0, scene.targets(), hooks);
    CHECK_FALSE(nobody.wait_for_connection());
    nobody.stopped(0, {});
    CHECK_FALSE(nobody.interrupt_requested());

    GdbServer server(0, scene.targets(), hooks);
    Client silent(server.port());
    give_up = false;
    REQUIRE(server.wait_for_connection());
    give_up = true;
    server.stopped(0, {StopReason::attached, FakeMemory::base});
    CHECK_FALSE(server.interrupt_requested());
}

TEST_CASE("a debugger that reads nothing does not keep the simulation when it is given up") {
    Scene scene;
    const auto start = std::chrono::steady_clock::now();
    GdbHooks hooks = scene.hooks();
    hooks.give_up = [&] { return std::chrono::steady_clock::now() > start + 1s; };
    GdbServer server(0, scene.targets(), hooks);
    Client client(server.port());
    std::thread debugger([&] {
        for (int i = 0; i < 2000; ++i) {
            client.send(framed("m80000000,2000"));
        }
    });
    REQUIRE(server.wait_for_connection());
    server.stopped(0, {StopReason::attached, FakeMemory::base});
    CHECK_FALSE(server.interrupt_requested());
    debugger.join();
}

TEST_CASE("one debugger can connect, from this machine's loopback only") {
    ServerScene scene;
    Client first(scene.server.port());
    REQUIRE(scene.server.wait_for_connection());
    CHECK_FALSE(Client(scene.server.port()).connected);
    ServerScene other;
    CHECK_FALSE(Client(other.server.port(), "127.0.0.2").connected);
}

TEST_CASE("a port that is taken is refused with its number") {
    Scene scene;
    GdbServer first(0, scene.targets(), {});
    try {
        GdbServer second(first.port(), scene.targets(), {});
        FAIL("the port was had twice");
    } catch (const InputError& error) {
        CHECK_THAT(error.what(), Catch::Contains(std::to_string(first.port())) && Catch::Contains("127.0.0.1"));
    }
}
