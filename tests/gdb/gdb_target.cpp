// Two fake harts behind a GdbServer, for test_gdb_client.py. Prints the port, waits for a debugger, runs until it ends
// the run, or 100 million instructions, or the given seconds.
//
//   gdb_target SECONDS

#include <chrono>
#include <cstring>
#include <iostream>

#include "fake_hart.h"
#include "models/gdb/gdb_server.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

/// From the base: counts in a1 and stores it at a0 for ever.
void load_program(FakeMemory& memory) {
    const std::uint32_t program[] = {0x00000013, FakeHart::addi_a1, FakeHart::sd_a1_at_a0, FakeHart::jump_8_back};
    std::memcpy(memory.bytes.data(), program, sizeof program);
}

}  // namespace

int main(int, char** arguments) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::stoi(arguments[1]));
    const auto late = [&] { return std::chrono::steady_clock::now() > end; };
    constexpr std::uint64_t instruction_limit = 100'000'000;

    FakeMemory memory;
    load_program(memory);
    FakeHart first("rv64imafdc", 0, memory);
    FakeHart second("rv64imafdc", 1, memory);
    const std::vector<FakeHart*> harts = {&first, &second};
    first.registers[10] = FakeMemory::base + 0x1000;
    second.registers[10] = FakeMemory::base + 0x2000;

    std::uint64_t instructions = 0;
    bool reset = false;
    bool killed = false;
    GdbHooks hooks;
    hooks.time_text = [&] { return std::to_string(instructions) + " instructions"; };
    hooks.reset = [&] { reset = true; };
    hooks.kill = [&] { killed = true; };
    hooks.give_up = late;

    GdbServer server(0, {&first, &second}, hooks);
    std::cout << server.port() << std::endl;
    server.wait_for_connection();
    server.stopped(0, {StopReason::attached, FakeMemory::base});
    while (!killed && instructions < instruction_limit) {
        if (reset) {
            reset = false;
            first.registers[DebugTarget::pc_number] = second.registers[DebugTarget::pc_number] = FakeMemory::base;
            server.stopped(0, {StopReason::attached, FakeMemory::base});
        }
        for (unsigned id = 0; id < harts.size(); ++id) {
            if (const auto stop = harts[id]->execute()) {
                server.stopped(id, *stop);
            }
            ++instructions;
        }
        if (server.interrupt_requested()) {
            server.stopped(0, {StopReason::interrupted, first.registers[DebugTarget::pc_number]});
        }
    }
    server.exited(7);
    std::cout << (killed ? "killed" : "ended") << std::endl;
}
