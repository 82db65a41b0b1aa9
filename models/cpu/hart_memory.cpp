#include "models/cpu/hart.h"

#include <cstring>

#include "models/cpu/compressed.h"

namespace aqpim {

namespace {

struct AccessCauses {
    Cause misaligned;
    Cause fault;
};

/// By Hart::Access.
constexpr AccessCauses causes[] = {
    {Cause::fetch_misaligned, Cause::fetch_access_fault},
    {Cause::load_misaligned, Cause::load_access_fault},
    {Cause::store_misaligned, Cause::store_access_fault},
};

}  // namespace

bool Hart::fetch_encoding(std::uint32_t& encoding) {
    encoding = 0;
    const unsigned first_bytes = pc_ % 4 == 0 ? 4 : 2;
    if (!read(Access::fetch, pc_, &encoding, first_bytes)) {
        return false;
    }
    if (first_bytes == 4 || is_compressed(encoding)) {
        return true;
    }
    std::uint16_t upper = 0;
    if (!read(Access::fetch, pc_ + 2, &upper, 2)) {
        return false;
    }
    encoding |= std::uint32_t{upper} << 16;
    return true;
}

bool Hart::read(Access access, std::uint64_t address, void* data, unsigned bytes) {
    if (memory_.read(address, data, bytes)) {
        return true;
    }
    return is_aligned(access, address, bytes) && transact(access, tlm::TLM_READ_COMMAND, address, data, bytes);
}

bool Hart::write(std::uint64_t address, const void* data, unsigned bytes) {
    decoded_.forget(address, bytes);
    if (memory_.write(address, data, bytes)) {
        return true;
    }
    std::uint64_t copy = 0;
    std::memcpy(&copy, data, bytes);
    return is_aligned(Access::store, address, bytes) &&
           transact(Access::store, tlm::TLM_WRITE_COMMAND, address, &copy, bytes);
}

bool Hart::is_aligned(Access access, std::uint64_t address, unsigned bytes) {
    if (address % bytes == 0) {
        return true;
    }
    raise(causes[static_cast<std::size_t>(access)].misaligned, address);
    return false;
}

bool Hart::transact(Access kind, tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes) {
    synchronise();
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_response_status status = access(socket, command, address, data, bytes, delay);
    if (delay > sc_core::SC_ZERO_TIME) {
        wait(delay);
    }
    tick_ = clock_.first_tick_at(to_ps(sc_core::sc_time_stamp()));
    if (status == tlm::TLM_OK_RESPONSE) {
        return true;
    }
    ++bus_errors_;
    raise(causes[static_cast<std::size_t>(kind)].fault, address);
    return false;
}

void Hart::invalidate_direct_memory(sc_dt::uint64 start, sc_dt::uint64 end) {
    memory_.invalidate(start, end);
    decoded_is_stale_ = true;
}

}  // namespace aqpim
