#include "models/cpu/csr_file.h"

#include "models/cpu/csr_fields.h"

namespace aqpim {

using namespace csr_fields;

namespace {

constexpr unsigned last_float_number = 0x003;
constexpr unsigned first_user_counter = 0xc00;
constexpr unsigned last_user_counter = 0xc1f;

// Privileged 1.12, 2.1: bits 11:10 tell read-only registers, bits 9:8 the lowest mode that may access.
bool is_read_only(unsigned number) {
    return number >> 10 == 3;
}

Privilege lowest_privilege(unsigned number) {
    return Privilege{static_cast<std::uint8_t>(number >> 8 & 3)};
}

}  // namespace

void CsrFile::reset() {
    privilege_ = Privilege::machine;
    state_ = {};
    float_ = {};
    pmp_.reset();
    update_translation();
    announce_translation();
}

std::optional<std::uint64_t> CsrFile::read(unsigned number) const {
    return exists(number) && accessible(number) ? std::optional(registers_[number]->read()) : std::nullopt;
}

std::optional<std::uint64_t> CsrFile::read_to_modify(unsigned number) const {
    const auto value = read(number);
    return value && number == mip_number ? pins_ | state_.software_pending : value;
}

bool CsrFile::write(unsigned number, std::uint64_t value) {
    return exists(number) && accessible(number) && debug_write(number, value);
}

std::optional<std::uint64_t> CsrFile::debug_read(unsigned number) const {
    return exists(number) ? std::optional(registers_[number]->read()) : std::nullopt;
}

bool CsrFile::debug_write(unsigned number, std::uint64_t value) {
    if (!exists(number) || is_read_only(number)) {
        return false;
    }
    if (registers_[number]->write) {
        registers_[number]->write(value);
    }
    return true;
}

std::vector<unsigned> CsrFile::numbers() const {
    std::vector<unsigned> list;
    for (unsigned number = 0; number < register_numbers; ++number) {
        if (exists(number)) {
            list.push_back(number);
        }
    }
    return list;
}

bool CsrFile::accessible(unsigned number) const {
    if (privilege_ < lowest_privilege(number)) {
        return false;
    }
    if (number <= last_float_number) {
        return float_enabled();
    }
    if (number == satp_number) {
        return privilege_ == Privilege::machine || (state_.mstatus & status_tvm) == 0;
    }
    if (number >= first_user_counter && number <= last_user_counter) {
        return counter_enabled(number - first_user_counter);
    }
    return true;
}

bool CsrFile::counter_enabled(unsigned index) const {
    const bool in_supervisor = (state_.mcounteren >> index & 1) != 0;
    const bool in_user = in_supervisor && (state_.scounteren >> index & 1) != 0;
    switch (privilege_) {
        case Privilege::machine:
            return true;
        case Privilege::supervisor:
            return in_supervisor;
        case Privilege::user:
            break;
    }
    return in_user;
}

Privilege CsrFile::previous_privilege() const {
    return Privilege{static_cast<std::uint8_t>((state_.mstatus & status_mpp) >> status_mpp_shift)};
}

void CsrFile::update_translation() {
    const TranslationContext context{
        .sv39 = state_.satp >> satp_mode_shift == satp_sv39,
        .root = (state_.satp & satp_page) << page_shift,
        .asid = static_cast<std::uint16_t>(state_.satp >> satp_asid_shift),
        .sum = (state_.mstatus & status_sum) != 0,
        .mxr = (state_.mstatus & status_mxr) != 0,
    };
    const auto override_privilege =
        (state_.mstatus & status_mprv) != 0 ? std::optional(previous_privilege()) : std::nullopt;
    if (context == translation_ && override_privilege == override_) {
        return;
    }
    translation_ = context;
    override_ = override_privilege;
    announce_translation();
}

void CsrFile::announce_translation() {
    if (on_translation_change) {
        on_translation_change();
    }
}

}  // namespace aqpim
