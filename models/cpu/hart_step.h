#pragma once

#include <cstring>
#include <functional>
#include <type_traits>

#include "models/cpu/arithmetic.h"
#include "models/cpu/hart.h"
#include "models/cpu/hart_atomic.h"

#define ALWAYS_INLINE __attribute__((always_inline)) inline

namespace aqpim {

template <class T>
inline constexpr std::type_identity<T> as{};

/// A binary32 in memory, boxed in its register.
struct Boxed {
    std::uint32_t value;
};

template <class T>
constexpr std::uint64_t widened(T value) {
    if constexpr (std::is_same_v<T, Boxed>) {
        return fp::box(value.value);
    } else {
        return static_cast<std::uint64_t>(value);
    }
}

/// What an instruction does that may wait, raise an exception or look at the hart's state, which is made that of this
/// instruction's beginning for it.
template <class Action>
[[gnu::noinline, gnu::cold]] Hart::Outcome Hart::outside(const Instruction* i, const Block* block,
                                                         std::uint64_t page_pc, Ticks tick, std::uint64_t instructions,
                                                         Action action) {
    pc_ = page_pc + i->page_offset;
    tick_ = tick + i->cycles_before;
    instructions_ = instructions + static_cast<std::uint64_t>(i - block->instructions.data());
    stop_ = false;
    action();
    if (exception_) {
        return Outcome::raised;
    }
    return stop_ ? Outcome::stopped : Outcome::done;
}

/// One instruction in execution, and what the lines of the instruction table may say. Everything is inlined, and a
/// step's members are registers.
///
/// An instruction is tried quickly first: then it has no way to leave the straight path, and whatever needs one gives
/// it up before anything is written. Its code thus makes no calls, and saves no registers. The slow way does it all.
template <bool quick>
struct Hart::Step {
    Hart& hart;
    const Place place;
    const Instruction& i = *place.i;
    std::uint64_t next_pc = place.page_pc + i.page_offset + i.bytes;
    Way way = Way::next;
    Outcome outcome = Outcome::done;
    CsrFile& csrs_ = hart.csrs_;

    template <class Action>
    ALWAYS_INLINE void leave([[maybe_unused]] Action action) {
        if constexpr (quick) {
            outcome = Outcome::given_up;
            return;
        }
        // By value: what a pointer leads to would not stay in registers.
        outcome = hart.outside(place.i, place.block, place.page_pc, place.tick, place.instructions, action);
    }
    ALWAYS_INLINE void raise(Cause cause, std::uint64_t value) {
        leave([h = &hart, cause, value] { h->raise(cause, value); });
    }
    ALWAYS_INLINE void illegal() { raise(Cause::illegal_instruction, i.encoding); }
    Cause environment_call() const { return hart.environment_call(); }

    template <class T>
    ALWAYS_INLINE void load(std::uint64_t& to, std::type_identity<T>, std::uint64_t address) {
        T value;
        if (const std::uint8_t* const host = hart.pages_->read.aligned<sizeof(T)>(address)) {
            std::memcpy(&value, host, sizeof(T));
        } else {
            leave([h = &hart, address] { h->read(Access::load, address, h->loaded_.data(), sizeof(T)); });
            if (outcome >= Outcome::raised) {
                return;
            }
            std::memcpy(&value, hart.loaded_.data(), sizeof(T));
        }
        to = widened(value);
    }
    template <class T>
    ALWAYS_INLINE void store(std::type_identity<T>, std::uint64_t address, std::uint64_t wide) {
        const T value = static_cast<T>(wide);
        if (std::uint8_t* const host = hart.pages_->write.aligned<sizeof(T)>(address)) {
            std::memcpy(host, &value, sizeof(T));
        } else {
            leave([h = &hart, address, value] { h->write(address, &value, sizeof(T)); });
        }
    }
    template <class T>
    ALWAYS_INLINE void load_reserved(std::type_identity<T>) {
        leave([h = &hart, at = &i] { h->load_reserved<T>(*at); });
    }
    template <class T>
    ALWAYS_INLINE void store_conditional(std::type_identity<T>) {
        leave([h = &hart, at = &i] { h->store_conditional<T>(*at); });
    }
    template <class T, class Operator>
    ALWAYS_INLINE void atomic(std::type_identity<T>, Operator operate) {
        leave([h = &hart, at = &i, operate] { h->atomic<T>(*at, operate); });
    }

    /// False: the target is misaligned, and an exception is raised. Only code_of() knows jumps that can be.
    ALWAYS_INLINE bool jump(std::uint64_t target) {
        if constexpr (!quick) {
            if ((target & hart.jump_alignment_) != 0) {
                raise(Cause::fetch_misaligned, target);
                return false;
            }
        }
        next_pc = target;
        way = Way::target;
        return true;
    }
    ALWAYS_INLINE bool jump_to_register(std::uint64_t target) {
        const bool jumped = jump(target);
        way = Way::unknown;
        return jumped;
    }

    /// What changes the hart's state: the next instruction begins anew.
    template <class Action>
    ALWAYS_INLINE void change(Action action) {
        leave([h = &hart, action] {
            action();
            h->stop_ = true;
        });
    }
    template <class Action>
    ALWAYS_INLINE void change_if(bool legal, Action action) {
        if (legal) {
            change(action);
        } else {
            illegal();
        }
    }
    ALWAYS_INLINE void csr(CsrAction action, std::uint64_t operand) {
        change([h = &hart, at = &i, action, operand] { h->csr_instruction(*at, action, operand); });
    }
    ALWAYS_INLINE void return_from_trap(const std::optional<std::uint64_t>& to) {
        change_if(to.has_value(), [h = &hart] { h->follow_mode(); });
        next_pc = to.value_or(0);
    }
    ALWAYS_INLINE void fence_translation() {
        change_if(csrs_.sfence_allowed(), [h = &hart] { h->translation_changed(); });
    }
    ALWAYS_INLINE void wait_for_interrupt() {
        change_if(csrs_.wfi_allowed(), [h = &hart] { h->wait_for_interrupt(); });
    }
    ALWAYS_INLINE void synchronise_fetch() {
        change([h = &hart] { h->blocks_.clear(); });
    }

    /// False: illegal, as floating point is off or the rounding mode reserved.
    ALWAYS_INLINE bool begin_float(Format format, fp::Rounding& rounding) {
        constexpr std::uint8_t dynamic = 7;
        constexpr std::uint8_t last_mode = 4;
        const std::uint8_t mode = i.rounding == dynamic ? csrs_.float_status().frm : i.rounding;
        rounding = static_cast<fp::Rounding>(mode);
        if (!csrs_.float_enabled() || (has_rounding(format) && mode > last_mode)) {
            illegal();
            return false;
        }
        // A load does so itself, once it has succeeded.
        if (format != Format::float_load && format != Format::float_store && format != Format::float_to_x) {
            csrs_.mark_float_dirty();
        }
        return true;
    }

#define INSTRUCTION(name, extension, match, mask, format, timing, ...)                           \
    ALWAYS_INLINE void name() {                                                                  \
        using namespace arithmetic;                                                              \
        [[maybe_unused]] const std::uint64_t pc = place.page_pc + i.page_offset;                 \
        [[maybe_unused]] const std::uint64_t link = pc + i.bytes;                                \
        [[maybe_unused]] const std::uint64_t rs1 = hart.x_[i.rs1];                               \
        [[maybe_unused]] const std::uint64_t rs2 = hart.x_[i.rs2];                               \
        [[maybe_unused]] const auto imm = static_cast<std::uint64_t>(std::int64_t{i.immediate}); \
        [[maybe_unused]] std::uint64_t& rd = hart.x_[i.rd];                                      \
        [[maybe_unused]] std::uint64_t& fd = hart.f_.data()[i.rd];                               \
        [[maybe_unused]] const std::uint64_t d1 = hart.f_[i.rs1];                                \
        [[maybe_unused]] const std::uint64_t d2 = hart.f_[i.rs2];                                \
        [[maybe_unused]] const std::uint64_t d3 = hart.f_[i.rs3];                                \
        [[maybe_unused]] const std::uint32_t s1 = fp::unbox(d1);                                 \
        [[maybe_unused]] const std::uint32_t s2 = fp::unbox(d2);                                 \
        [[maybe_unused]] const std::uint32_t s3 = fp::unbox(d3);                                 \
        [[maybe_unused]] std::uint8_t& flags = csrs_.float_status().fflags;                      \
        [[maybe_unused]] fp::Rounding rounding{};                                                \
        if constexpr (is_float(Format::format)) {                                                \
            if (!begin_float(Format::format, rounding)) {                                        \
                return;                                                                          \
            }                                                                                    \
        }                                                                                        \
        __VA_ARGS__;                                                                             \
        if constexpr (Format::format == Format::float_load) {                                    \
            if (outcome < Outcome::raised) {                                                     \
                csrs_.mark_float_dirty();                                                        \
            }                                                                                    \
        }                                                                                        \
    }
#include "models/cpu/instructions.def"
#undef INSTRUCTION
};

}  // namespace aqpim
