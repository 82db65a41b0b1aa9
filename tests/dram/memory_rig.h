#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "models/dram/dram_memory.h"
#include "scene.h"

// The default PIM memory, some parameters changed, and an initiator on its socket.
namespace aqpim::dram {

struct Initiator : sc_core::sc_module {
    explicit Initiator(sc_core::sc_module_name name) : sc_core::sc_module(name), socket("socket") {
        socket.register_invalidate_direct_mem_ptr(this, &Initiator::invalidate_direct_mem_ptr);
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) { withdrawn.emplace_back(start, end); }

    InitiatorSocket<Initiator> socket;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> withdrawn;
};

struct Rig {
    explicit Rig(std::initializer_list<std::pair<std::string, std::string>> changes = {}, CommandSink* trace = nullptr)
        : scene(changes), memory("memory", scene.parameters, trace), initiator("initiator") {
        initiator.socket.bind(memory.socket);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }

    /// A read of eight bytes from address 0, after `change`.
    tlm::tlm_response_status run(const std::function<void(tlm::tlm_generic_payload&)>& change) {
        std::array<std::uint8_t, 8> data{};
        tlm::tlm_generic_payload transaction;
        transaction.set_command(tlm::TLM_READ_COMMAND);
        transaction.set_data_ptr(data.data());
        transaction.set_data_length(8);
        transaction.set_streaming_width(8);
        change(transaction);
        initiator.socket->b_transport(transaction, delay);
        last_dmi_hint = transaction.is_dmi_allowed();
        return transaction.get_response_status();
    }
    tlm::tlm_response_status run(tlm::tlm_command command, std::uint64_t address, void* data, std::uint32_t bytes) {
        return run([&](tlm::tlm_generic_payload& transaction) {
            transaction.set_command(command);
            transaction.set_address(address);
            transaction.set_data_ptr(static_cast<std::uint8_t*>(data));
            transaction.set_data_length(bytes);
            transaction.set_streaming_width(std::max(bytes, 1u));
        });
    }

    Scene scene;
    DramMemory memory;
    Initiator initiator;
    sc_core::sc_time delay;
    bool last_dmi_hint = false;
};

inline constexpr std::uint64_t capacity = 16ull << 30;

}  // namespace aqpim::dram
