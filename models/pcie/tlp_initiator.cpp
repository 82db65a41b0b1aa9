#include "models/pcie/tlp_initiator.h"

#include <utility>

#include "models/common/no_contents.h"

namespace aqpim {

namespace {

pcie::TransactionKind kind_of(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
    if (tlp.kind == TlpKind::memory) {
        return payload.is_write() ? pcie::TransactionKind::memory_write : pcie::TransactionKind::memory_read;
    }
    return payload.is_write() ? pcie::TransactionKind::configuration_write : pcie::TransactionKind::configuration_read;
}

/// A transaction on behalf of a payload; null: of nobody who waits for it.
struct PayloadTransaction : pcie::Transaction {
    tlm::tlm_generic_payload* payload = nullptr;
    TlpInitiator::Done done;
};

std::shared_ptr<PayloadTransaction> make_transaction(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
    auto transaction = std::make_shared<PayloadTransaction>();
    transaction->kind = kind_of(payload, tlp);
    transaction->requester = tlp.requester;
    transaction->target = tlp.target;
    transaction->type_1 = tlp.kind == TlpKind::configuration_1;
    transaction->address = payload.get_address();
    transaction->bytes = payload.get_data_length();
    transaction->data = NoContents::is_set(payload) ? nullptr : payload.get_data_ptr();
    transaction->attributes = {tlp.relaxed_ordering, false, tlp.no_snoop};
    return transaction;
}

}  // namespace

tlm::tlm_response_status response_of(pcie::TransactionStatus status) {
    switch (status) {
        case pcie::TransactionStatus::success:
            return tlm::TLM_OK_RESPONSE;
        case pcie::TransactionStatus::unsupported_request:
            return unsupported_request;
        default:
            return tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
}

void TlpInitiator::transport(tlm::tlm_generic_payload& payload, const TlpExtension& tlp, sc_core::sc_time& delay) {
    sc_core::sc_event arrived;
    start(payload, tlp, delay, [&](tlm::tlm_generic_payload&, Picoseconds at) { arrived.notify(delay_until(at)); });
    sc_core::wait(arrived);
    delay = sc_core::SC_ZERO_TIME;
}

void TlpInitiator::start(tlm::tlm_generic_payload& payload, const TlpExtension& tlp, const sc_core::sc_time& delay,
                         Done done) {
    const auto transaction = make_transaction(payload, tlp);
    transaction->payload = &payload;
    transaction->done = std::move(done);
    start(transaction, delay);
}

void TlpInitiator::post(tlm::tlm_generic_payload& payload, const TlpExtension& tlp, const sc_core::sc_time& delay) {
    const auto transaction = make_transaction(payload, tlp);
    // The caller's data does not outlast the call.
    transaction->posted_data.assign(payload.get_data_ptr(), payload.get_data_ptr() + payload.get_data_length());
    transaction->data = transaction->posted_data.data();
    ++posting_;
    start(transaction, delay);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void TlpInitiator::send_message(RoutingId requester, std::uint8_t code, const sc_core::sc_time& delay) {
    auto transaction = std::make_shared<PayloadTransaction>();
    transaction->kind = pcie::TransactionKind::message;
    transaction->requester = requester;
    transaction->message_code = code;
    ++posting_;
    start(transaction, delay);
}

void TlpInitiator::start(const pcie::TransactionPtr& transaction, const sc_core::sc_time& delay) {
    transaction->owner = this;
    transaction->sent = local_time_ps(delay);
    port_.start(transaction, local_time_ps(delay));
}

void TlpInitiator::done(pcie::Transaction& transaction, Picoseconds at) {
    const auto& request = static_cast<PayloadTransaction&>(transaction);
    if (request.payload == nullptr) {
        --posting_;
        posted_.notify(delay_until(at));
        return;
    }
    request.payload->set_response_status(response_of(request.status));
    request.done(*request.payload, at);
}

}  // namespace aqpim
