#pragma once

#include <systemc>
#include <tlm>

#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>
#include <vector>

#include "models/common/clock.h"
#include "models/gpu/payload_pool.h"

namespace aqpim {

/// What the copy engines share of the bus: sends their requests through one socket in the base protocol's four phases,
/// one after the other, and takes the engines in turn. How many requests are under way is the engines' business.
class BusRequests : public sc_core::sc_module {
 public:
    using Payload = tlm::tlm_generic_payload;
    /// The socket's nb_transport_fw.
    using Forward = std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&, sc_core::sc_time&)>;
    /// The answer to a client's request `id`, good from `at_ps` on, which may be in the future.
    using Answer = std::function<void(std::uint32_t id, tlm::tlm_response_status status, Picoseconds at_ps)>;

    BusRequests(sc_core::sc_module_name name, Forward forward);

    /// Returns the client's number.
    unsigned add_client(Answer answer);
    /// Sends a request when it is the client's turn, in order of its calls. The data stays valid until the answer.
    void send(unsigned client, std::uint32_t id, const PayloadAccess& access);
    /// Answers what has not been sent with TLM_INCOMPLETE_RESPONSE, at once.
    void withdraw(unsigned client);

    /// The socket's backward path.
    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);

 private:
    struct Request {
        std::uint32_t id;
        PayloadAccess access;
    };
    struct Client {
        Answer answer;
        std::deque<Request> waiting;
    };
    struct Flight {
        unsigned client;
        std::uint32_t id;
    };

    void run();
    void arbitrate();
    Client* next_client();
    void send(Client& client);
    void end_request(Picoseconds at_ps);
    void end(Payload& payload, Picoseconds at_ps);

    Forward forward_;
    PayloadPool payloads_;
    std::vector<Client> clients_;
    unsigned turn_ = 0;  // of the client that is asked first
    std::unordered_map<const Payload*, Flight> flights_;
    const Payload* requesting_ = nullptr;  // between BEGIN_REQ and END_REQ
    Picoseconds free_at_ps_ = 0;           // when the latest request has ended
    sc_core::sc_event arbitrate_;
};

}  // namespace aqpim
