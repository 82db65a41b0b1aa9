#include "models/bus/bus.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace aqpim {

namespace {

/// Makes `module` the parent of the sockets that are created while this lives, after the module's own constructor.
class ChildrenOf {
 public:
    explicit ChildrenOf(sc_core::sc_module& module) { sc_core::sc_get_curr_simcontext()->hierarchy_push(&module); }
    ~ChildrenOf() { sc_core::sc_get_curr_simcontext()->hierarchy_pop(); }
    ChildrenOf(const ChildrenOf&) = delete;
    ChildrenOf& operator=(const ChildrenOf&) = delete;
};

/// How many addresses a transaction covers: a streaming burst wraps at its width.
std::uint64_t footprint(const tlm::tlm_generic_payload& transaction) {
    const unsigned length = transaction.get_data_length();
    const unsigned width = transaction.get_streaming_width();
    return width == 0 ? length : std::min(length, width);
}

}  // namespace

void BusParameters::declare(ParameterSection section) {
    section.time(latency, "latency", "10ns", {"Time an access takes to cross the host's bus", "open"});
}

Bus::Bus(sc_core::sc_module_name name, const BusParameters& parameters)
    : sc_module(name), latency_(from_ps(parameters.latency)) {}

Bus::~Bus() = default;

TaggedTargetSocket<Bus>& Bus::add_initiator(const std::string& name) {
    const ChildrenOf scope(*this);
    const int id = static_cast<int>(initiators_.size());
    auto& socket = *initiators_.emplace_back(std::make_unique<TaggedTargetSocket<Bus>>(name.c_str()));
    socket.register_b_transport(this, &Bus::b_transport, id);
    socket.register_transport_dbg(this, &Bus::transport_dbg, id);
    socket.register_get_direct_mem_ptr(this, &Bus::get_direct_mem_ptr, id);
    return socket;
}

TaggedInitiatorSocket<Bus>& Bus::map(const std::string& name, std::uint64_t base, std::uint64_t size,
                                     Addressing addressing) {
    auto& socket = add_target(name);
    open_window(name, {base, size, addressing == Addressing::absolute ? base : 0});
    return socket;
}

TaggedInitiatorSocket<Bus>& Bus::map(const std::string& name, const std::vector<AddressRange>& ranges) {
    auto& socket = add_target(name);
    for (const AddressRange& range : ranges) {
        open_window(name, range);
    }
    return socket;
}

TaggedInitiatorSocket<Bus>& Bus::add_target(const std::string& name) {
    const ChildrenOf scope(*this);
    const int id = static_cast<int>(targets_.size());
    auto& socket = *targets_.emplace_back(std::make_unique<TaggedInitiatorSocket<Bus>>(name.c_str()));
    socket.register_invalidate_direct_mem_ptr(this, &Bus::invalidate_direct_mem_ptr, id);
    return socket;
}

void Bus::open_window(const std::string& name, const AddressRange& range) {
    const std::uint64_t first = range.base;
    const std::uint64_t last = range.base + range.size - 1;
    if (range.size == 0 || last < first) {
        throw std::logic_error(fmt::format("bus: {} has no window of {:#x} bytes at {:#x}", name, range.size, first));
    }
    for (const Window& other : windows_) {
        if (first <= other.last && other.first <= last) {
            throw std::logic_error(fmt::format("bus: {} at {:#x} to {:#x} overlaps {} at {:#x} to {:#x}", name, first,
                                               last, other.name, other.first, other.last));
        }
    }
    windows_.push_back({name, first, last, range.target_base.value_or(first), targets_.size() - 1});
}

void Bus::b_transport(int, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    delay += latency_;
    const std::uint64_t address = transaction.get_address();
    const Window* const window = find(address, footprint(transaction));
    if (window == nullptr) {
        ++address_errors_;
        last_bad_address_ = address;
        transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    transaction.set_address(window->to_target(address));
    (*targets_[window->target])->b_transport(transaction, delay);
    transaction.set_address(address);
}

unsigned Bus::transport_dbg(int, tlm::tlm_generic_payload& transaction) {
    const std::uint64_t address = transaction.get_address();
    const Window* const window = find(address, transaction.get_data_length());
    if (window == nullptr) {
        return 0;
    }
    transaction.set_address(window->to_target(address));
    const unsigned served = (*targets_[window->target])->transport_dbg(transaction);
    transaction.set_address(address);
    return served;
}

bool Bus::get_direct_mem_ptr(int, tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi) {
    const std::uint64_t address = transaction.get_address();
    const Window* const window = find(address, 1);
    if (window == nullptr) {
        dmi.init();
        dmi.allow_read_write();
        dmi.set_start_address(address);
        dmi.set_end_address(address);
        return false;
    }
    transaction.set_address(window->to_target(address));
    const bool granted = (*targets_[window->target])->get_direct_mem_ptr(transaction, dmi);
    transaction.set_address(address);

    const std::uint64_t start = std::max<std::uint64_t>(dmi.get_start_address(), window->target_first);
    const std::uint64_t end = std::min<std::uint64_t>(dmi.get_end_address(), window->target_last());
    if (granted) {
        dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (start - dmi.get_start_address()));
        dmi.set_read_latency(dmi.get_read_latency() + latency_);
        dmi.set_write_latency(dmi.get_write_latency() + latency_);
    }
    dmi.set_start_address(window->to_bus(start));
    dmi.set_end_address(window->to_bus(end));
    return granted;
}

void Bus::invalidate_direct_mem_ptr(int target, sc_dt::uint64 target_start, sc_dt::uint64 target_end) {
    for (const Window& window : windows_) {
        const std::uint64_t start = std::max<std::uint64_t>(target_start, window.target_first);
        const std::uint64_t end = std::min<std::uint64_t>(target_end, window.target_last());
        if (window.target != static_cast<std::size_t>(target) || start > end) {
            continue;
        }
        for (const auto& initiator : initiators_) {
            (*initiator)->invalidate_direct_mem_ptr(window.to_bus(start), window.to_bus(end));
        }
    }
}

const Bus::Window* Bus::find(std::uint64_t address, std::uint64_t bytes) const {
    for (const Window& window : windows_) {
        if (address >= window.first && address <= window.last) {
            return bytes <= window.last - address + 1 ? &window : nullptr;
        }
    }
    return nullptr;
}

}  // namespace aqpim
