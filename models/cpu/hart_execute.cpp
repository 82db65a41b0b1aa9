#include <cstring>
#include <functional>
#include <type_traits>
#include <utility>

#include "models/cpu/arithmetic.h"
#include "models/cpu/hart.h"
#include "models/cpu/hart_atomic.h"

#define ALWAYS_INLINE __attribute__((always_inline)) inline

namespace aqpim {

namespace {

template <class T>
constexpr std::type_identity<T> as{};

/// A binary32 in memory, boxed in its register.
struct Boxed {
    std::uint32_t value;
};

template <class T>
std::uint64_t widened(T value) {
    if constexpr (std::is_same_v<T, Boxed>) {
        return fp::box(value.value);
    } else {
        return static_cast<std::uint64_t>(value);
    }
}

constexpr bool may_leave(Format format, Timing timing) {
    return is_float(format) || timing == Timing::memory || timing == Timing::atomic || ends_block(timing);
}

}  // namespace

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
        if (format != Format::float_store && format != Format::float_to_x) {
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
    }
#include "models/cpu/instructions.def"
#undef INSTRUCTION

    ALWAYS_INLINE void block_end() {
        next_pc = place.page_pc + i.page_offset;
    }
};

/// Goes on with the instruction at `place`: a jump to its code, since nothing is left to do here. Where the compiler
/// makes a call of it, which would fill the stack, execute() goes on instead.
ALWAYS_INLINE void Hart::go_on(const Place& place) {
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
    place.i->code(*this, place.i, place.block, place.page_pc, place.tick, place.instructions);
#else
    going_on_ = place;
#endif
}

/// Ends a block; goes on with the one that follows, by the chain where there is one, unless the slice is over.
ALWAYS_INLINE void Hart::end_block(const Place& place, Way way, std::uint64_t next_pc) {
    Block* const block = place.block;
    const std::uint64_t instructions = place.instructions + block->count;
    const Ticks tick = place.tick + (way == Way::next ? block->cycles : block->cycles_if_taken);
    if (way == Way::unknown) {
        if (Block* const following = blocks_.find(next_pc)) {
            begin_block(following, next_pc & ~BlockCache::offset_mask, tick, instructions);
        } else {
            leave(next_pc, tick, instructions);
        }
        return;
    }
    Block* const following = way == Way::next ? block->next : block->target;
    if (following != nullptr) {
        begin_block(following, place.page_pc, tick, instructions);
    } else {
        chain(block, place.page_pc, tick, instructions, way);
    }
}

ALWAYS_INLINE void Hart::begin_block(Block* block, std::uint64_t page_pc, Ticks tick, std::uint64_t instructions) {
    if (tick + block->last_begins < go_on_until_) {
        go_on({block->instructions.data(), block, page_pc, tick, instructions});
    } else {
        leave(page_pc + block->page_offset(), tick, instructions);
    }
}

ALWAYS_INLINE void Hart::leave(std::uint64_t pc, Ticks tick, std::uint64_t instructions) {
    pc_ = pc;
    tick_ = tick;
    instructions_ = instructions;
}

/// Goes on with a block that no chain leads to yet. If it has to be looked for in memory, next_block() does that.
[[gnu::noinline]] void Hart::chain(Block* block, std::uint64_t page_pc, Ticks tick, std::uint64_t instructions,
                                   Way way) {
    const Instruction& last = block->instructions.back();
    const std::uint64_t next_pc =
        page_pc + last.page_offset + (way == Way::next ? last.bytes : static_cast<std::uint64_t>(last.immediate));
    Block* const following = blocks_.find(next_pc);
    if (following == nullptr) {
        leave(next_pc, tick, instructions);
        return;
    }
    if ((next_pc ^ page_pc) < BlockCache::page_bytes) {
        (way == Way::next ? block->next : block->target) = following;
    }
    begin_block(following, next_pc & ~BlockCache::offset_mask, tick, instructions);
}

/// After an instruction that has stopped or raised an exception.
[[gnu::noinline]] void Hart::leave_block(const Instruction& instruction, Outcome outcome, std::uint64_t next_pc) {
    tick_ += instruction.cycles;
    if (outcome == Outcome::stopped) {
        ++instructions_;
        pc_ = next_pc;
    }
}

/// The code of each instruction, by Operation.
struct Hart::Code {
    static void illegal(Hart& hart, const Instruction* i, Block* block, std::uint64_t page_pc, Ticks tick,
                        std::uint64_t instructions) {
        Step<false> step{hart, {i, block, page_pc, tick, instructions}};
        step.illegal();
        hart.leave_block(*i, step.outcome, step.next_pc);
    }
    static void block_end(Hart& hart, const Instruction* i, Block* block, std::uint64_t page_pc, Ticks tick,
                          std::uint64_t instructions) {
        hart.end_block({i, block, page_pc, tick, instructions}, Way::next, page_pc + i->page_offset);
    }
#define INSTRUCTION(name, extension, match, mask, format, timing, ...)                                        \
    template <bool quick>                                                                                     \
    [[gnu::noinline]] static void name(Hart& hart, const Instruction* i, Block* block, std::uint64_t page_pc, \
                                       Ticks tick, std::uint64_t instructions) {                              \
        Step<quick> step{hart, {i, block, page_pc, tick, instructions}};                                      \
        step.name();                                                                                          \
        constexpr bool leaves = may_leave(Format::format, Timing::timing);                                    \
        if (leaves && step.outcome == Outcome::given_up) {                                                    \
            name<false>(hart, i, block, page_pc, tick, instructions);                                         \
        } else if (leaves && step.outcome != Outcome::done) {                                                 \
            hart.leave_block(*i, step.outcome, step.next_pc);                                                 \
        } else if (Timing::timing == Timing::branch) {                                                        \
            hart.end_block(step.place, step.way, step.next_pc);                                               \
        } else {                                                                                              \
            hart.go_on({i + 1, block, page_pc, tick, instructions});                                          \
        }                                                                                                     \
    }
#include "models/cpu/instructions.def"
#undef INSTRUCTION

    /// Two instructions in one go, where the first is plain arithmetic and the second a branch: the most frequent
    /// pairs.
    template <auto first, auto branch>
    [[gnu::noinline]] static void pair(Hart& hart, const Instruction* i, Block* block, std::uint64_t page_pc,
                                       Ticks tick, std::uint64_t instructions) {
        Step<true> arithmetic{hart, {i, block, page_pc, tick, instructions}};
        (arithmetic.*first)();
        Step<true> jump{hart, {i + 1, block, page_pc, tick, instructions}};
        (jump.*branch)();
        hart.end_block(jump.place, jump.way, jump.next_pc);
    }
    template <auto first>
    static InstructionCode pair_with(Operation branch) {
        using Quick = Step<true>;
        switch (branch) {
            case Operation::beq:
                return pair<first, &Quick::beq>;
            case Operation::bne:
                return pair<first, &Quick::bne>;
            case Operation::blt:
                return pair<first, &Quick::blt>;
            case Operation::bge:
                return pair<first, &Quick::bge>;
            case Operation::bltu:
                return pair<first, &Quick::bltu>;
            case Operation::bgeu:
                return pair<first, &Quick::bgeu>;
            default:
                return nullptr;
        }
    }
    static InstructionCode pair_of(Operation first, Operation branch) {
        using Quick = Step<true>;
        switch (first) {
            case Operation::addi:
                return pair_with<&Quick::addi>(branch);
            case Operation::addiw:
                return pair_with<&Quick::addiw>(branch);
            case Operation::andi:
                return pair_with<&Quick::andi>(branch);
            case Operation::add:
                return pair_with<&Quick::add>(branch);
            case Operation::addw:
                return pair_with<&Quick::addw>(branch);
            case Operation::srli:
                return pair_with<&Quick::srli>(branch);
            default:
                return nullptr;
        }
    }

    static constexpr InstructionCode by_operation[] = {
        illegal,
        block_end,
// What changes the hart's state leaves anyway, and must not be tried twice.
#define INSTRUCTION(name, extension, match, mask, format, timing, ...) name<Timing::timing != Timing::csr>,
#include "models/cpu/instructions.def"
#undef INSTRUCTION
    };
    static constexpr InstructionCode slow_by_operation[] = {
        illegal,
        block_end,
#define INSTRUCTION(name, ...) name<false>,
#include "models/cpu/instructions.def"
#undef INSTRUCTION
    };
};

InstructionCode Hart::code_of(const Instruction& instruction) const {
    const auto number = static_cast<std::size_t>(instruction.operation);
    const bool may_jump_astray = jump_alignment_ != 0 && ends_block(instruction.operation);
    return may_jump_astray ? Code::slow_by_operation[number] : Code::by_operation[number];
}

void Hart::pair_up(Block& block) const {
    if (block.count < 2 || jump_alignment_ != 0) {
        return;
    }
    Instruction& first = block.instructions[block.count - 2];
    if (const InstructionCode code = Code::pair_of(first.operation, block.instructions[block.count - 1].operation)) {
        first.code = code;
    }
}

/// Runs blocks from pc_ on until the slice's limit, an exception, or whatever asks to look around. At least one
/// instruction is run, unless its fetch raises an exception.
void Hart::execute() {
    Block* const block = next_block();
    if (block == nullptr) {
        return;
    }
    go_on_until_ = observed_ ? 0 : limit_;
    going_on_ = {block->instructions.data(), block, pc_ & ~BlockCache::offset_mask, tick_, instructions_};
    while (going_on_.i != nullptr) {
        const Place place = std::exchange(going_on_, Place{});
        place.i->code(*this, place.i, place.block, place.page_pc, place.tick, place.instructions);
    }
}

}  // namespace aqpim
