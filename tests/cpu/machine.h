#pragma once

#include <catch2/catch.hpp>
#include <systemc>
#include <tlm>

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/common/parameter.h"
#include "models/common/recorder.h"
#include "models/common/sockets.h"
#include "models/cpu/hart.h"
#include "tests/cpu/assembler.h"

namespace aqpim::test {

inline constexpr std::uint64_t memory_base = 0x4000'0000;
inline constexpr std::uint64_t memory_bytes = 64 * 1024;
inline constexpr std::uint64_t data_base = memory_base + 0x8000;
inline constexpr std::uint64_t trap_log_base = memory_base + 0xc000;
inline constexpr std::uint64_t trap_handler_base = memory_base + 0xf000;
inline constexpr std::uint64_t device_base = 0x1000'0000;
inline constexpr std::uint64_t device_bytes = 0x1000;
inline constexpr std::uint64_t unmapped = 0x2000'0000;
inline constexpr Picoseconds device_delay_ps = 100'000;

/// Memory with host pointers, and a device of plain bytes without: everything else is an error. Accesses of the device
/// are listed with the time at which they arrive.
class Bus : public sc_core::sc_module {
 public:
    sc_core::sc_vector<TargetSocket<Bus>> sockets;  ///< one for each hart

    struct Access {
        Picoseconds time_ps;
        bool write;
        std::uint64_t offset;
        std::uint64_t value;
        bool operator==(const Access&) const = default;
    };
    std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(memory_bytes);
    std::vector<std::uint8_t> device = std::vector<std::uint8_t>(device_bytes);
    std::vector<Access> accesses;
    std::function<void(const Access&, const sc_core::sc_time& delay)> on_write;
    bool grants = true;
    bool memory_is_writable = true;

    Bus(sc_core::sc_module_name name, unsigned harts) : sc_module(name), sockets("socket", harts) {
        for (TargetSocket<Bus>& socket : sockets) {
            socket.register_b_transport(this, &Bus::b_transport);
            socket.register_transport_dbg(this, &Bus::transport_dbg);
            socket.register_get_direct_mem_ptr(this, &Bus::get_direct_mem_ptr);
        }
    }

 private:
    std::uint8_t* find(const tlm::tlm_generic_payload& transaction) {
        const std::uint64_t address = transaction.get_address();
        const unsigned bytes = transaction.get_data_length();
        if (address >= memory_base && address + bytes <= memory_base + memory_bytes) {
            return &memory[address - memory_base];
        }
        if (address >= device_base && address + bytes <= device_base + device_bytes) {
            return &device[address - device_base];
        }
        return nullptr;
    }

    unsigned transport_dbg(tlm::tlm_generic_payload& transaction) {
        std::uint8_t* const place = find(transaction);
        if (place == nullptr) {
            return 0;
        }
        const unsigned bytes = transaction.get_data_length();
        if (transaction.is_write()) {
            std::memcpy(place, transaction.get_data_ptr(), bytes);
        } else {
            std::memcpy(transaction.get_data_ptr(), place, bytes);
        }
        return bytes;
    }

    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
        const bool refused = transaction.is_write() && !memory_is_writable && transaction.get_address() >= memory_base;
        if (refused || transport_dbg(transaction) == 0) {
            transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            return;
        }
        transaction.set_response_status(tlm::TLM_OK_RESPONSE);
        list(transaction, delay);
        delay += from_ps(device_delay_ps);
    }

    void list(const tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay) {
        std::uint64_t value = 0;
        std::memcpy(&value, transaction.get_data_ptr(), transaction.get_data_length());
        accesses.push_back(
            {local_time_ps(delay), transaction.is_write(), transaction.get_address() - device_base, value});
        if (transaction.is_write() && on_write) {
            on_write(accesses.back(), delay);
        }
    }

    bool get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& grant) {
        const std::uint64_t address = transaction.get_address();
        if (!grants || address < memory_base || address >= memory_base + memory_bytes) {
            return false;
        }
        grant.set_start_address(memory_base);
        grant.set_end_address(memory_base + memory_bytes - 1);
        grant.set_dmi_ptr(memory.data());
        if (memory_is_writable) {
            grant.allow_read_write();
        } else if (transaction.is_write()) {
            return false;
        } else {
            grant.allow_read();
        }
        return true;
    }
};

struct Options {
    std::string isa = "rv64imac";
    std::string clock = "2GHz";
    std::string quantum = "10us";
    unsigned harts = 1;
    bool hardware_page_update = true;
};

/// A hart's interrupts.
struct Pins {
    sc_core::sc_signal<bool> software;
    sc_core::sc_signal<bool> timer;
    sc_core::sc_signal<bool> external;
    sc_core::sc_signal<bool> supervisor_external;
};

/// Harts on a bus, with pins that the test drives.
class Machine {
 public:
    explicit Machine(const Options& options = {}, RecorderSink* sink = nullptr) : bus("bus", options.harts) {
        parameters_.declare(table_.section("host"));
        parameters_.declare_simulation(table_.section("sim"));
        table_.set("host.isa", options.isa, "test");
        table_.set("host.clock", options.clock, "test");
        table_.set("host.hardware_page_update", options.hardware_page_update ? "true" : "false", "test");
        table_.set("sim.quantum", options.quantum, "test");
        if (sink != nullptr) {
            recorder_.attach(*sink);
        }
        for (unsigned id = 0; id < options.harts; ++id) {
            add_hart(id);
        }
    }

    Hart& hart(unsigned id = 0) { return *harts_.at(id); }
    Pins& pins(unsigned id = 0) { return *pins_.at(id); }

    void load(const rv::Program& program, std::uint64_t address = memory_base) {
        std::memcpy(&bus.memory.at(address - memory_base), program.bytes().data(), program.size());
    }

    /// Runs `program` on all harts until they sleep for good. a0 is where data is kept.
    void run(const rv::Program& program, std::uint64_t address = memory_base) {
        load(program, address);
        for (const std::unique_ptr<Hart>& hart : harts_) {
            hart->start(address, data_base, 0);
        }
        sc_core::sc_start();
    }

    std::uint64_t data(unsigned index) const { return double_word(data_base + 8 * index); }
    void set_data(unsigned index, std::uint64_t value) {
        std::memcpy(&bus.memory.at(data_base - memory_base + 8 * index), &value, sizeof(value));
    }
    std::uint64_t double_word(std::uint64_t address) const {
        std::uint64_t value = 0;
        std::memcpy(&value, &bus.memory.at(address - memory_base), sizeof(value));
        return value;
    }
    void set_double_word(std::uint64_t address, std::uint64_t value) {
        std::memcpy(&bus.memory.at(address - memory_base), &value, sizeof(value));
    }

    struct Trap {
        std::uint64_t cause;
        std::uint64_t pc;
        std::uint64_t value;
        bool operator==(const Trap&) const = default;
    };
    /// Load a handler that lists each trap and goes on behind the instruction, `skip` bytes further. It uses t5, t6 and
    /// mscratch; the program begins with trap_setup().
    void load_trap_handler(int skip = 4) {
        using namespace rv;
        Program handler;
        handler.add({csrr(t6, mscratch), csrr(t5, mcause), sd(t5, 0, t6), csrr(t5, mepc), sd(t5, 8, t6)});
        handler.add({addi(t5, t5, skip), csrw(mepc, t5), csrr(t5, mtval), sd(t5, 16, t6)});
        handler.add({addi(t6, t6, 24), csrw(mscratch, t6), mret});
        load(handler, trap_handler_base);
    }
    static rv::Program trap_setup() {
        using namespace rv;
        Program program;
        program.li(t5, static_cast<std::int32_t>(trap_handler_base)).add({csrw(mtvec, t5)});
        program.li(t5, static_cast<std::int32_t>(trap_log_base)).add({csrw(mscratch, t5)});
        return program;
    }
    std::vector<Trap> traps(std::uint64_t log = trap_log_base) const {
        std::vector<Trap> list;
        for (std::uint64_t at = log; double_word(at + 8) != 0; at += 24) {
            list.push_back({double_word(at), double_word(at + 8), double_word(at + 16)});
        }
        return list;
    }

    Bus bus;

 private:
    void add_hart(unsigned id) {
        const std::string name = "hart" + std::to_string(id);
        harts_.push_back(
            std::make_unique<Hart>(name.c_str(), parameters_, parameters_.quantum_ps, id, group_, recorder_));
        pins_.push_back(std::make_unique<Pins>());
        Hart& hart = *harts_.back();
        Pins& pins = *pins_.back();
        hart.socket.bind(bus.sockets[id]);
        hart.software_interrupt(pins.software);
        hart.timer_interrupt(pins.timer);
        hart.external_interrupt(pins.external);
        hart.supervisor_external_interrupt(pins.supervisor_external);
    }

    ParameterTable table_;
    HartParameters parameters_;
    Recorder recorder_;
    HartGroup group_;
    std::vector<std::unique_ptr<Pins>> pins_;
    std::vector<std::unique_ptr<Hart>> harts_;
};

}  // namespace aqpim::test
