#include <catch2/catch.hpp>

#include <cstring>
#include <vector>

#include "models/pcie/msix.h"
#include "tests/pcie/config_walk.h"

using namespace aqpim;

namespace {

struct Message {
    std::uint64_t address;
    std::uint32_t data;

    bool operator==(const Message& other) const { return address == other.address && data == other.data; }
};

/// A table of 70 vectors, MSI-X enabled, the function a bus master.
struct Table {
    Table() {
        config.write(capability(config, 0x11) + 2, 2, 0x8000);
        config.write(pci_register::command, 2, 0x6);
    }
    static FunctionDescription description() {
        FunctionDescription function = pim_description();
        function.msix_vectors = 70;
        return function;
    }
    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t offset, void* data, unsigned bytes) {
        tlm::tlm_generic_payload payload;
        payload.set_command(command);
        payload.set_address(offset);
        payload.set_data_ptr(static_cast<unsigned char*>(data));
        payload.set_data_length(bytes);
        payload.set_streaming_width(bytes);
        msix.transport(payload, sc_core::SC_ZERO_TIME);
        return payload.get_response_status();
    }
    void write(std::uint64_t offset, std::uint32_t value) {
        CHECK(access(tlm::TLM_WRITE_COMMAND, offset, &value, 4) == tlm::TLM_OK_RESPONSE);
    }
    std::uint32_t read(std::uint64_t offset) {
        std::uint32_t value = 0;
        CHECK(access(tlm::TLM_READ_COMMAND, offset, &value, 4) == tlm::TLM_OK_RESPONSE);
        return value;
    }
    void raise(unsigned vector) {
        sc_core::sc_time delay;
        msix.raise(vector, delay);
    }

    EndpointConfig config{description(), false, default_pcie_parameters()};
    std::vector<Message> sent;
    Msix msix{config, 70, [this](std::uint64_t address, std::uint32_t data, sc_core::sc_time&) {
                  sent.push_back({address, data});
              }};
};

}  // namespace

TEST_CASE("each double word of a table entry is written and read on its own") {
    Table table;
    for (unsigned vector = 0; vector < 70; ++vector) {
        table.write(16 * vector + 0, 0x1000'0000 + 4 * vector);
        table.write(16 * vector + 4, 0x100 + vector);
        table.write(16 * vector + 8, 0x2000'0000 + vector);
    }
    for (unsigned vector = 0; vector < 70; ++vector) {
        CHECK(table.read(16 * vector + 0) == 0x1000'0000 + 4 * vector);
        CHECK(table.read(16 * vector + 4) == 0x100 + vector);
        CHECK(table.read(16 * vector + 8) == 0x2000'0000 + vector);
        CHECK(table.read(16 * vector + 12) == 1);
    }
    table.write(16 * 69 + 12, 0);
    CHECK(table.read(16 * 69 + 8) == 0x2000'0000 + 69);
    table.raise(69);
    CHECK(table.sent == std::vector<Message>{{0x0000'0145'1000'0114, 0x2000'0045}});
}

TEST_CASE("reserved bits of a table entry read zero") {
    Table table;
    table.write(0, 0xffff'ffff);
    table.write(12, 0xffff'ffff);
    CHECK(table.read(0) == 0xffff'fffc);
    CHECK(table.read(12) == 1);
}

TEST_CASE("a pending vector sends what its entry holds when it is unmasked") {
    Table table;
    table.raise(0);
    table.write(0, 0x1000);
    table.write(8, 7);
    CHECK(table.sent.empty());
    table.write(12, 0);
    CHECK(table.sent == std::vector<Message>{{0x1000, 7}});
}

TEST_CASE("vectors from 64 up have their pending bits in the next quad word") {
    Table table;
    table.raise(31);
    table.raise(64);
    CHECK(table.read(0x800) == 0x8000'0000);
    CHECK(table.read(0x804) == 0);
    CHECK(table.read(0x808) == 1);
    std::uint64_t bits = 0;
    CHECK(table.access(tlm::TLM_READ_COMMAND, 0x800, &bits, 8) == tlm::TLM_OK_RESPONSE);
    CHECK(bits == 0x8000'0000);
}

TEST_CASE("in D3hot a vector stays pending") {
    Table table;
    table.write(12, 0);
    table.config.write(capability(table.config, 0x01) + 4, 2, 3);
    table.raise(0);
    CHECK(table.sent.empty());
    table.config.write(capability(table.config, 0x01) + 4, 2, 0);
    table.msix.send_pending(sc_core::SC_ZERO_TIME);
    CHECK(table.sent.size() == 1);
}

TEST_CASE("a function-level reset masks every vector and forgets what is pending") {
    Table table;
    table.raise(3);
    table.write(16 * 5 + 12, 0);
    table.config.reset(ResetKind::function_level);
    table.msix.reset();
    CHECK_FALSE(table.config.msix_enabled());
    CHECK(table.read(0x800) == 0);
    CHECK(table.read(16 * 5 + 12) == 1);
}
