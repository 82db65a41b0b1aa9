#include "models/cpu/hart.h"

#include <cstring>
#include <functional>
#include <type_traits>
#include <utility>

#include "models/cpu/arithmetic.h"

namespace aqpim {

const Instruction* Hart::fetch() {
    if (decoded_is_stale_) {
        decoded_.clear();
        memory_.unprotect_all();
        decoded_is_stale_ = false;
    }
    const Instruction* const entry = decoded_.page(pc_) + DecodeCache::index(pc_);
    if (entry->operation != Operation::none) {
        return entry;
    }
    std::uint32_t encoding = 0;
    if (!fetch_encoding(encoding)) {
        return nullptr;
    }
    const Instruction instruction = decoder_.decode(encoding);
    const std::uint64_t offset = pc_ & DecodeCache::offset_mask;
    const bool in_one_page = offset + instruction.bytes <= DecodeCache::page_bytes;
    if (!in_one_page || memory_.find(tlm::TLM_READ_COMMAND, pc_ - offset, DecodeCache::page_bytes) == nullptr) {
        return decoded_.keep_once(pc_, instruction);
    }
    memory_.protect(pc_);
    return decoded_.keep(pc_, instruction);
}

namespace {

template <class T>
constexpr std::type_identity<T> as{};

}  // namespace

/// Runs decoded instructions from pc_ until the slice's limit, an exception, or an instruction that is not decoded. At
/// least one is run. State that changes with each instruction is kept in local variables.
void Hart::execute() {
    using namespace arithmetic;

    const Instruction* at = fetch();
    if (at == nullptr) {
        return;
    }
    std::uint64_t* const x = x_.data();
    const Instruction* page = at - DecodeCache::index(pc_);
    std::uint64_t page_pc = pc_ & ~DecodeCache::offset_mask;
    Ticks tick = tick_;
    Ticks limit = limit_;
    std::uint64_t retired = 0;
    const Instruction* next = at;
    std::uint64_t pc = pc_;

    // Whatever may wait or look at the hart's state runs within this; the slice is then planned anew.
    const auto outside = [&](auto&& action) {
        pc_ = pc;
        tick_ = tick;
        instructions_ += std::exchange(retired, 0);
        action();
        tick = tick_;
        limit = 0;
    };
    const auto jump_to = [&](std::uint64_t target) {
        if ((target ^ page_pc) >= DecodeCache::page_bytes) {
            page = decoded_.page(target);
            page_pc = target & ~DecodeCache::offset_mask;
        }
        next = page + DecodeCache::index(target);
    };
    const auto jump = [&](std::uint64_t target) {
        tick += taken_branch_penalty_;
        jump_to(target);
    };

    do {
        const Instruction& i = *at;
        pc = page_pc + 2 * static_cast<std::uint64_t>(at - page);
        next = at + i.bytes / 2;
        const std::uint64_t link = pc + i.bytes;
        const std::uint64_t rs1 = x[i.rs1];
        const std::uint64_t rs2 = x[i.rs2];
        const auto imm = static_cast<std::uint64_t>(std::int64_t{i.immediate});
        std::uint64_t& rd = x[i.rd];

        const auto raise = [&](Cause cause, std::uint64_t value) { outside([&] { this->raise(cause, value); }); };
        const auto load = [&]<class T>(std::type_identity<T>, std::uint64_t address) {
            T value{};
            if (const std::uint8_t* const host = memory_.quick_read<sizeof(T)>(address)) {
                std::memcpy(&value, host, sizeof(T));
                rd = static_cast<std::uint64_t>(value);
                return;
            }
            outside([&] {
                if (T slow{}; read(Access::load, address, &slow, sizeof(T))) {
                    rd = static_cast<std::uint64_t>(slow);
                }
            });
        };
        const auto store = [&]<class T>(std::type_identity<T>, std::uint64_t address, std::uint64_t wide) {
            const T value = static_cast<T>(wide);
            if (std::uint8_t* const host = memory_.quick_write<sizeof(T)>(address)) {
                std::memcpy(host, &value, sizeof(T));
                return;
            }
            outside([&, slow = value] { write(address, &slow, sizeof(T)); });
        };
        const auto load_reserved = [&]<class T>(std::type_identity<T>) { outside([&] { this->load_reserved<T>(i); }); };
        const auto store_conditional = [&]<class T>(std::type_identity<T>) {
            outside([&] { this->store_conditional<T>(i); });
        };
        const auto atomic = [&]<class T>(std::type_identity<T>, auto operate) {
            outside([&] { this->atomic<T>(i, operate); });
        };
        const auto csr = [&](CsrAction action, std::uint64_t operand) {
            outside([&] { csr_instruction(i, action, operand); });
        };
        const auto wait_for_interrupt = [&] { outside([&] { this->wait_for_interrupt(); }); };
        const auto synchronise_fetch = [&] { outside([&] { decoded_is_stale_ = true; }); };
        const auto return_from_trap = [&] {
            outside([] {});
            jump_to(csrs_.leave_trap());
        };

        switch (i.operation) {
            case Operation::none:
                outside([] {});
                return;
            case Operation::illegal:
                raise(Cause::illegal_instruction, i.encoding);
                break;
#define INSTRUCTION(name, extension, match, mask, format, timing, ...) \
    case Operation::name:                                              \
        __VA_ARGS__;                                                   \
        break;
#include "models/cpu/instructions.def"
#undef INSTRUCTION
        }
        tick += i.cycles;
        ++retired;
        at = next;
    } while (tick < limit);

    pc_ = page_pc + 2 * static_cast<std::uint64_t>(at - page);
    tick_ = tick;
    instructions_ += exception_ ? retired - 1 : retired;
}

void Hart::add_counters() {
    const auto cycle = [this] { return tick_ + cycle_offset_; };
    const auto instret = [this] { return instructions_ + instruction_offset_; };
    csrs_.add(0xb00, cycle, [this](std::uint64_t value) { cycle_offset_ = value - tick_; });
    // The writing instruction itself is not counted (Unprivileged ISA 20191213, 10.1).
    csrs_.add(0xb02, instret, [this](std::uint64_t value) { instruction_offset_ = value - (instructions_ + 1); });
    csrs_.add(0xc00, cycle);
    csrs_.add(0xc02, instret);
}

void Hart::set_time_source(std::function<std::uint64_t()> source) {
    csrs_.add(0xc01, [this, source = std::move(source)] {
        synchronise();
        return source();
    });
}

void Hart::csr_instruction(const Instruction& instruction, CsrAction action, std::uint64_t operand) {
    const auto number = static_cast<unsigned>(instruction.immediate);
    const std::optional<std::uint64_t> old = csrs_.read(number);
    const bool writes = action == CsrAction::swap || instruction.rs1 != 0;
    const std::uint64_t value = action == CsrAction::swap  ? operand
                                : action == CsrAction::set ? old.value_or(0) | operand
                                                           : old.value_or(0) & ~operand;
    if (!old || (writes && !csrs_.write(number, value))) {
        raise(Cause::illegal_instruction, instruction.encoding);
        return;
    }
    x_[instruction.rd] = *old;
}

template <class T>
void Hart::load_reserved(const Instruction& instruction) {
    const std::uint64_t address = x_[instruction.rs1];
    T value{};
    if (!is_aligned(Access::load, address, sizeof(T)) || !read(Access::load, address, &value, sizeof(T))) {
        return;
    }
    x_[instruction.rd] = static_cast<std::uint64_t>(value);
    reservation_ = {address, sizeof(T), static_cast<std::uint64_t>(value)};
}

/// Others' writes to the reserved place show by its value. A write of the same value goes unseen; so does an A-B-A.
template <class T>
void Hart::store_conditional(const Instruction& instruction) {
    const std::uint64_t address = x_[instruction.rs1];
    if (!is_aligned(Access::store, address, sizeof(T))) {
        return;
    }
    const std::optional<Reservation> reserved = std::exchange(reservation_, std::nullopt);
    bool success = reserved && reserved->address == address && reserved->bytes == sizeof(T);
    if (success) {
        T held{};
        const T value = static_cast<T>(x_[instruction.rs2]);
        if (!read(Access::store, address, &held, sizeof(T))) {
            return;
        }
        success = static_cast<std::uint64_t>(held) == reserved->value;
        if (success && !write(address, &value, sizeof(T))) {
            return;
        }
    }
    x_[instruction.rd] = success ? 0 : 1;
}

template <class T, class Operator>
void Hart::atomic(const Instruction& instruction, Operator operate) {
    const std::uint64_t address = x_[instruction.rs1];
    T held{};
    if (!is_aligned(Access::store, address, sizeof(T)) || !read(Access::store, address, &held, sizeof(T))) {
        return;
    }
    const T value = static_cast<T>(operate(held, static_cast<T>(x_[instruction.rs2])));
    if (write(address, &value, sizeof(T))) {
        x_[instruction.rd] = static_cast<std::uint64_t>(static_cast<std::make_signed_t<T>>(held));
    }
}

}  // namespace aqpim
