#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "fake_hart.h"
#include "models/gdb/session.h"

namespace aqpim::test {

/// `$payload#checksum` for a payload without special characters.
inline std::string framed(const std::string& payload) {
    unsigned sum = 0;
    for (const char byte : payload) {
        sum += static_cast<unsigned char>(byte);
    }
    return fmt::format("${}#{:02x}", payload, sum % 256);
}

/// A session over fake harts. The test is the debugger.
struct Scene {
    explicit Scene(unsigned harts = 1, const char* isa = "rv64imafdc") : all(make_harts(harts, isa, memory)) {}

    static std::vector<std::unique_ptr<FakeHart>> make_harts(unsigned count, const char* isa, FakeMemory& memory) {
        std::vector<std::unique_ptr<FakeHart>> harts;
        for (unsigned id = 0; id < count; ++id) {
            harts.push_back(std::make_unique<FakeHart>(isa, id, memory));
        }
        return harts;
    }

    FakeHart& hart(unsigned id = 0) { return *all[id]; }

    std::vector<DebugTarget*> targets() {
        std::vector<DebugTarget*> list;
        for (const auto& each : all) {
            list.push_back(each.get());
        }
        return list;
    }

    GdbHooks hooks() {
        GdbHooks result;
        result.time_text = [] { return std::string("1.5 us"); };
        result.reset = [this] { ++resets; };
        result.kill = [this] { ++kills; };
        return result;
    }

    /// Everything the session sends upon `bytes`.
    std::string send(const std::string& bytes) {
        output.clear();
        session.receive(bytes);
        return output;
    }

    /// The reply to a packet, without its frame; "none" if there is none.
    std::string ask(const std::string& payload) { return unframed(send(framed(payload))); }

    /// What the session sends when a hart stops.
    std::string stop(unsigned id, const Stop& why) {
        output.clear();
        session.stopped(id, why);
        return unframed(output);
    }

    static std::string unframed(const std::string& bytes) {
        const std::size_t start = bytes.find('$');
        const std::size_t end = bytes.rfind('#');
        return start == std::string::npos ? "none" : bytes.substr(start + 1, end - start - 1);
    }

    FakeMemory memory;
    std::vector<std::unique_ptr<FakeHart>> all;
    int resets = 0;
    int kills = 0;
    std::string output;
    GdbSession session{targets(), hooks(), [this](std::string_view bytes) { output += bytes; }};
};

}  // namespace aqpim::test
