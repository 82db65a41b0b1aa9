#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "models/common/sockets.h"

// Initiators that draw their transactions, and the plain array that says what they have to read.
namespace aqpim::dram {

using Payload = tlm::tlm_generic_payload;

/// One payload with its arrays and what has to come of it.
struct Job {
    explicit Job(tlm::tlm_mm_interface* manager) : payload(manager) {}

    Payload payload;
    std::vector<std::uint8_t> data;
    std::vector<std::uint8_t> enables;
    std::vector<std::uint8_t> expected;  ///< of `data`, at the end
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
    bool done = false;
};

/// The memory's contents near its beginning and its end, where all accesses go.
class PlainArray {
 public:
    explicit PlainArray(std::uint64_t capacity) : capacity_(capacity) {}

    /// What `job` does in the order of the calls.
    void apply(Job& job) {
        const Payload& payload = job.payload;
        job.expected = job.data;
        for (unsigned i = 0; i < payload.get_data_length(); ++i) {
            std::uint8_t& cell = cells_[payload.get_address() + i % payload.get_streaming_width()];
            const bool enabled = job.enables.empty() || job.enables[i % job.enables.size()] == TLM_BYTE_ENABLED;
            if (enabled && payload.is_write()) {
                cell = job.data[i];
            } else if (enabled && payload.is_read()) {
                job.expected[i] = cell;
            }
        }
    }
    bool fits(std::uint64_t address, std::uint64_t bytes) const {
        return address < capacity_ && bytes <= capacity_ - address;
    }
    std::uint64_t capacity() const { return capacity_; }
    std::uint8_t at(std::uint64_t address) const {
        const auto found = cells_.find(address);
        return found == cells_.end() ? 0 : found->second;
    }

 private:
    std::uint64_t capacity_;
    std::map<std::uint64_t, std::uint8_t> cells_;
};

/// Draws payloads.
class JobMaker {
 public:
    JobMaker(std::uint32_t seed, const PlainArray& array) : random_(seed), array_(array) {}

    std::uint32_t below(std::uint32_t bound) {
        return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(random_);
    }
    bool one_in(std::uint32_t count) { return below(count) == 0; }

    void fill(Job& job) {
        Payload& payload = job.payload;
        payload.set_command(one_in(20)  ? tlm::TLM_IGNORE_COMMAND
                            : one_in(2) ? tlm::TLM_READ_COMMAND
                                        : tlm::TLM_WRITE_COMMAND);
        const std::uint32_t length = one_in(3) ? 1 + below(4096) : 1 + below(one_in(2) ? 8 : 128);
        job.data.resize(length);
        std::generate(job.data.begin(), job.data.end(), [this] { return static_cast<std::uint8_t>(below(256)); });
        payload.set_data_ptr(job.data.data());
        payload.set_data_length(length);
        payload.set_streaming_width(one_in(6) ? std::max(1 + below(length), length / 16) : length + below(2));
        if (one_in(4)) {
            add_byte_enables(job);
        }
        choose_address(job);
    }

 private:
    void add_byte_enables(Job& job) {
        job.enables.resize(1 + below(one_in(2) ? 16 : static_cast<std::uint32_t>(job.data.size()) + 4));
        for (std::uint8_t& enable : job.enables) {
            enable = one_in(2) ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
        }
        job.payload.set_byte_enable_ptr(job.enables.data());
        job.payload.set_byte_enable_length(static_cast<unsigned>(job.enables.size()));
    }
    void choose_address(Job& job) {
        constexpr std::uint32_t region = 16384;
        const std::uint64_t start = one_in(4) ? array_.capacity() - region : 0;
        job.payload.set_address(start + below(region));
        const std::uint64_t reach = std::min(job.payload.get_streaming_width(), job.payload.get_data_length());
        if (job.payload.get_command() != tlm::TLM_IGNORE_COMMAND && !array_.fits(job.payload.get_address(), reach)) {
            job.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
        }
    }

    std::mt19937 random_;
    const PlainArray& array_;
};

/// Threads that use one socket: some b_transport and debug transport, some nb_transport, which they take in turns.
class Initiators : public sc_core::sc_module, public tlm::tlm_mm_interface {
 public:
    Initiators(sc_core::sc_module_name name, PlainArray& array, std::uint32_t seed, std::uint64_t transactions)
        : sc_module(name), socket("socket"), maker_(seed, array), array_(array), left_(transactions) {
        socket.register_nb_transport_bw(this, &Initiators::nb_transport_bw);
        SC_HAS_PROCESS(Initiators);
        for (int thread = 0; thread < 2; ++thread) {
            sc_core::sc_spawn([this] { blocking(); }, sc_core::sc_gen_unique_name("blocking"));
            sc_core::sc_spawn([this] { nonblocking(); }, sc_core::sc_gen_unique_name("nonblocking"));
        }
        SC_THREAD(end_responses);
    }

    bool have_ended() const { return left_ == 0 && jobs_.empty(); }

    InitiatorSocket<Initiators> socket;
    std::uint64_t answered = 0;
    std::uint64_t freed = 0;

 private:
    void free(Payload* payload) override {
        const auto job =
            std::find_if(jobs_.begin(), jobs_.end(), [&](auto& each) { return &each->payload == payload; });
        REQUIRE(job != jobs_.end());
        REQUIRE((*job)->done);
        jobs_.erase(job);
        ++freed;
    }
    bool take_one() {
        const bool any = left_ != 0;
        left_ -= any ? 1 : 0;
        return any;
    }
    void pause() { sc_core::wait(from_ps(maker_.below(maker_.one_in(4) ? 200'000 : 3'000))); }

    void check(Job& job) {
        REQUIRE(job.payload.get_response_status() == job.status);
        REQUIRE(job.data == job.expected);
        ++answered;
    }
    void expect(Job& job) {
        job.expected = job.data;
        if (job.status == tlm::TLM_OK_RESPONSE) {
            array_.apply(job);
        }
    }

    void blocking() {
        while (take_one()) {
            Job job(nullptr);
            maker_.fill(job);
            expect(job);
            sc_core::sc_time delay = from_ps(maker_.below(50'000));
            socket->b_transport(job.payload, delay);
            check(job);
            if (maker_.one_in(3)) {
                debug();
            }
            maker_.one_in(2) ? sc_core::wait(delay) : pause();
        }
    }
    /// Debug transport reads, and ends where the memory does.
    void debug() {
        Job job(nullptr);
        maker_.fill(job);
        job.payload.set_command(tlm::TLM_READ_COMMAND);
        const std::uint64_t address = job.payload.get_address();
        const unsigned reached = socket->transport_dbg(job.payload);
        const std::uint64_t room = array_.fits(address, 0) ? array_.capacity() - address : 0;
        REQUIRE(reached == std::min<std::uint64_t>(job.data.size(), room));
        for (unsigned i = 0; i < reached; ++i) {
            job.expected.push_back(array_.at(address + i));
        }
        job.data.resize(reached);
        REQUIRE(job.data == job.expected);
    }

    void nonblocking() {
        while (take_one()) {
            while (requesting_ != nullptr) {
                sc_core::wait(request_ended_);
            }
            Job& job = *jobs_.emplace_back(std::make_unique<Job>(this));
            maker_.fill(job);
            job.payload.acquire();
            requesting_ = &job.payload;
            expect(job);
            sc_core::sc_time delay = from_ps(maker_.one_in(3) ? maker_.below(20'000) : 0);
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            socket->nb_transport_fw(job.payload, phase, delay);
            pause();
        }
    }
    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        if (requesting_ == &payload) {
            requesting_ = nullptr;
            request_ended_.notify(sc_core::SC_ZERO_TIME);
        }
        if (phase != tlm::BEGIN_RESP) {
            return tlm::TLM_ACCEPTED;
        }
        const auto job =
            std::find_if(jobs_.begin(), jobs_.end(), [&](auto& each) { return &each->payload == &payload; });
        REQUIRE(job != jobs_.end());
        check(**job);
        (*job)->done = true;
        switch (maker_.below(3)) {
            case 0:
                payload.release();
                return tlm::TLM_COMPLETED;
            case 1:
                payload.release();
                phase = tlm::END_RESP;
                delay += from_ps(maker_.below(20'000));
                return tlm::TLM_UPDATED;
            default:
                responding_ = &payload;
                respond_.notify(from_ps(maker_.below(100'000)));
                return tlm::TLM_ACCEPTED;
        }
    }
    void end_responses() {
        for (;;) {
            sc_core::wait(respond_);
            tlm::tlm_phase phase = tlm::END_RESP;
            sc_core::sc_time delay = from_ps(maker_.below(5'000));
            socket->nb_transport_fw(*responding_, phase, delay);
            responding_->release();
        }
    }

    JobMaker maker_;
    PlainArray& array_;
    std::uint64_t left_;
    std::deque<std::unique_ptr<Job>> jobs_;  ///< of nb_transport, under way
    Payload* requesting_ = nullptr;
    Payload* responding_ = nullptr;
    sc_core::sc_event request_ended_;
    sc_core::sc_event respond_;
};

}  // namespace aqpim::dram
