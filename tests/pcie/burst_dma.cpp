#include "tests/pcie/burst_dma.h"

#include <algorithm>

namespace aqpim {

BurstDma::BurstDma(TestCore& core) : core_(core), responses_(sc_core::sc_gen_unique_name("responses")) {
    core_.on_response = [this](auto& payload, const auto& delay) { responses_.notify(payload, delay); };
}

BurstDma::~BurstDma() {
    for (const auto& payload : payloads_) {
        payload->clear_extension(&no_contents_);
    }
}

bool BurstDma::all_ok() const {
    return std::all_of(statuses_.begin(), statuses_.end(), [](auto status) { return status == tlm::TLM_OK_RESPONSE; });
}

void BurstDma::run(const Transfer& transfer, std::uint8_t* data) {
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    statuses_.clear();
    addresses_.clear();
    nothing_.resize(transfer.burst_bytes);
    std::uint64_t done = 0;
    while (done < transfer.bytes || in_flight_ > 0) {
        while (done < transfer.bytes && in_flight_ < transfer.outstanding) {
            start(transfer, done, data);
            done += transfer.burst_bytes;
        }
        sc_core::wait(responses_.get_event());
        collect();
    }
    duration_ = to_ps(sc_core::sc_time_stamp() - begin);
}

void BurstDma::start(const Transfer& transfer, std::uint64_t done, std::uint8_t* data) {
    const auto bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>(transfer.burst_bytes, transfer.bytes - done));
    tlm::tlm_generic_payload& payload = take();
    payload.set_command(transfer.command);
    payload.set_address(transfer.address + done);
    payload.set_data_ptr(data == nullptr ? nothing_.data() : data + done);
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    if (data == nullptr) {
        payload.set_extension(&no_contents_);
    }
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    ++in_flight_;
    if (core_.dma->nb_transport_fw(payload, phase, delay) == tlm::TLM_COMPLETED) {
        responses_.notify(payload, delay);
    }
}

void BurstDma::collect() {
    while (tlm::tlm_generic_payload* const payload = responses_.get_next_transaction()) {
        --in_flight_;
        statuses_.push_back(payload->get_response_status());
        addresses_.push_back(payload->get_address());
        payload->release();
    }
}

tlm::tlm_generic_payload& BurstDma::take() {
    if (idle_.empty()) {
        tlm::tlm_mm_interface* const manager = this;
        payloads_.push_back(std::make_unique<tlm::tlm_generic_payload>(manager));
        idle_.push_back(payloads_.back().get());
    }
    tlm::tlm_generic_payload& payload = *idle_.back();
    idle_.pop_back();
    payload.acquire();
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    return payload;
}

void BurstDma::free(tlm::tlm_generic_payload* payload) {
    payload->clear_extension(&no_contents_);
    payload->reset();
    idle_.push_back(payload);
}

}  // namespace aqpim
