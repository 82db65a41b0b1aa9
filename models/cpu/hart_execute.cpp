#include <utility>

#include "models/cpu/hart.h"
#include "models/cpu/hart_step.h"

namespace aqpim {

namespace {

constexpr bool may_leave(Format format, Timing timing) {
    return is_float(format) || timing == Timing::memory || timing == Timing::atomic || ends_block(timing);
}

}  // namespace

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
    struct Pair {
        Operation first;
        Operation branch;
        InstructionCode code;
    };
#define PAIR(first, branch) \
    { Operation::first, Operation::branch, pair<&Step<true>::first, &Step<true>::branch> }
#define PAIRS(first) \
    PAIR(first, beq), PAIR(first, bne), PAIR(first, blt), PAIR(first, bge), PAIR(first, bltu), PAIR(first, bgeu)
    static constexpr Pair pairs[] = {PAIRS(addi), PAIRS(addiw), PAIRS(andi), PAIRS(add), PAIRS(addw), PAIRS(srli)};
#undef PAIRS
#undef PAIR

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

/// Gives the last two instructions their common code, if there is one.
void Hart::pair_up(Block& block) const {
    if (block.count < 2 || jump_alignment_ != 0) {
        return;
    }
    Instruction& first = block.instructions[block.count - 2];
    const Operation branch = block.instructions[block.count - 1].operation;
    for (const Code::Pair& pair : Code::pairs) {
        if (pair.first == first.operation && pair.branch == branch) {
            first.code = pair.code;
        }
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
