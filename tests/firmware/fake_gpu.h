#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

extern "C" {
#include "aqpim/gpu.h"
#include "run.h"
}

/// Stands in for a GPU with one copy engine and one stream behind the main job's queues. A command is carried out when
/// it is handed over. The hardware starts it as soon as its queue and its events let it: that this comes to the same is
/// checked by what each command knows to be complete before it.
class FakeGpu {
 public:
    enum Queue { copy_queue, compute_queue, queues };
    /// Commands of each queue that are complete.
    using Clock = std::array<std::uint64_t, queues>;

    struct Command {
        Queue queue;
        std::uint64_t ticket;
        unsigned opcode;
        unsigned flags;
        unsigned step;
        unsigned layer;
        Clock known;              ///< when it starts
        std::uint64_t bytes = 0;  ///< of a copy
    };

    explicit FakeGpu(run& job_run) : run_(job_run) {}

    std::uint64_t submit(aqpim_queue& queue, const void* descriptor);
    bool wait(aqpim_queue& queue, std::uint64_t ticket);

    /// The GPU's memory, and the RAM from job.host_kv on. Empty: contents do not matter.
    std::vector<std::uint8_t> memory;
    std::vector<std::uint8_t> ram;
    /// A word of a tensor, of whatever format: attention is linear in values, and this is exact.
    static double value_of(std::uint16_t word) { return static_cast<std::int16_t>(word) / 16384.0; }

    std::vector<Command> commands;
    std::vector<aqpim_gpu_matmul> matmuls;
    std::vector<aqpim_gpu_kernel> kernels;
    std::vector<aqpim_gpu_attention> attentions;
    /// By the address of the word that it would be rounded to.
    std::map<std::uint64_t, double> outputs;

    /// Makes waits for this queue fail.
    const aqpim_queue* broken = nullptr;

 private:
    enum Space { gpu_space, ram_space };
    struct Access {
        Space space;
        std::uint64_t first;
        std::uint64_t end;
        bool write;
    };
    struct Work {
        Command command;
        std::vector<Access> accesses;
    };

    void execute(const void* descriptor, Command& command);
    void synchronise(const aqpim_gpu_event& event, Command& command);
    void copy(const aqpim_gpu_copy& copy, Command& command);
    void copy_row(const aqpim_gpu_copy& copy, std::uint64_t row);
    void matmul(const aqpim_gpu_matmul& matmul, const Command& command);
    void attention(const aqpim_gpu_attention& attention);
    void attend(const aqpim_gpu_attention& attention, unsigned head, unsigned sequence, std::uint32_t tokens);
    void answer(std::uint64_t query, std::uint64_t output, std::uint64_t keys, std::uint64_t values,
                std::uint32_t tokens);

    void touch(Space space, std::uint64_t first, std::uint64_t bytes, bool write);
    void touch_prompts(unsigned layer);
    void check_order(const Work& work) const;
    double word_at(std::uint64_t address) const;

    run& run_;
    Clock hart_{};
    std::array<Clock, queues> behind_{};  // what the last command of a queue knows when it is complete
    std::map<std::uint32_t, std::vector<std::pair<std::uint64_t, Clock>>>
        signals_;                   // of an event: value, what is known
    std::vector<Work> works_;       // not known to the hart to be complete
    std::vector<Access> accesses_;  // of the command being executed
};
