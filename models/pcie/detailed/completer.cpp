#include "models/pcie/detailed/completer.h"

#include <utility>

namespace aqpim::pcie {

Completer::Completer(EventQueue& events, const PcieParameters& parameters, Picoseconds latency,
                     Transmitter& transmitter, CompleterTarget& target)
    : events_(events),
      latency_(latency),
      transmitter_(transmitter),
      target_(target),
      max_payload_(parameters.max_payload),
      boundary_(parameters.read_completion_boundary) {}

Picoseconds Completer::request(TlpPtr request, Picoseconds now) {
    const CompleterTarget::Served served = target_.serve(*request, request->data(), now);
    if (request->flow() == FlowClass::posted) {
        return served.ready;
    }
    const std::uint32_t index = answers_.keep({std::move(request), served.status, served.poisoned});
    events_.at(served.ready + latency_, *this, index);
    return served.ready;
}

void Completer::clear() {
    for (Answer& answer : answers_.things()) {
        answer.request.reset();
    }
}

void Completer::handle(std::uint64_t argument, Picoseconds now) {
    const Answer answer = answers_.take(argument);
    if (answer.request != nullptr) {
        send(answer, now);
    }
}

void Completer::send(const Answer& answer, Picoseconds now) {
    const bool has_data =
        answer.request->type == TlpType::memory_read || answer.request->type == TlpType::configuration_read;
    if (has_data && answer.status == CompletionStatus::success) {
        send_data(answer, now);
    } else {
        transmitter_.push(only_source, make_completion(answer), now);
    }
}

void Completer::send_data(const Answer& answer, Picoseconds now) {
    const Tlp& request = *answer.request;
    std::uint64_t done = 0;
    do {  // a read of no bytes is answered too
        TlpPtr completion = make_completion(answer);
        completion->type = TlpType::completion_with_data;
        completion->address = request.address + done;
        completion->offset = request.offset + done;
        completion->byte_count = static_cast<std::uint32_t>(request.bytes - done);
        completion->bytes = static_cast<std::uint32_t>(
            completion_piece(completion->address, completion->byte_count, max_payload_, boundary_));
        done += completion->bytes;
        transmitter_.push(only_source, std::move(completion), now);
    } while (done < request.bytes);
}

TlpPtr Completer::make_completion(const Answer& answer) const {
    const Tlp& request = *answer.request;
    auto completion = std::make_unique<Tlp>();
    completion->type = TlpType::completion;
    completion->attributes = request.attributes;
    completion->status = answer.status;
    completion->poisoned = answer.poisoned;
    completion->tag = request.tag;
    completion->requester = request.requester;
    completion->target = target_.completer_id(request);
    completion->transaction = request.transaction;
    return completion;
}

}  // namespace aqpim::pcie
