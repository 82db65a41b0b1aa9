#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

extern "C" {
#include "aqpim/gpu.h"
#include "aqpim/pim.h"
#include "run.h"
}

/// A token's key or value of one layer and KV head, or a part of one.
struct Vector {
    int tensor;
    unsigned layer;
    unsigned head;
    unsigned token;
    unsigned part = 0;
    auto operator<=>(const Vector&) const = default;
};

/// Stands in for GPU and PIM device behind the main job's queues. Data are names of vectors, so that it is known which
/// token went where; and it checks that no descriptor is handed over before all that it depends on, in other queues, is
/// known to be complete.
class FakeDevices {
 public:
    explicit FakeDevices(run& job_run) : run_(job_run) {}

    std::uint64_t submit(aqpim_queue& queue, const void* descriptor);
    bool wait(aqpim_queue& queue, std::uint64_t ticket);

    /// Tokens that each (step, layer, KV head)'s attention saw, keys and values.
    std::map<std::tuple<unsigned, unsigned, unsigned>, std::vector<Vector>> seen;
    /// (step, layer, query head) of the outputs that came back, at their place.
    std::set<std::tuple<unsigned, unsigned, unsigned>> returned;
    /// Elements of each clustering, by its seed.
    std::map<std::uint64_t, unsigned> clusterings;
    unsigned kernels = 0;

    /// Makes waits for this queue fail.
    const aqpim_queue* broken = nullptr;

 private:
    enum Space { gpu_memory, pim_memory };
    struct Access {
        Space space;
        std::uint64_t first;
        std::uint64_t end;
        bool write;
    };
    struct Work {
        const aqpim_queue* queue;
        std::uint64_t ticket;
        bool interrupts;
        bool complete;
        std::vector<Access> accesses;
    };
    /// Vectors by (head within the set, element or slot).
    using Image = std::map<std::pair<unsigned, unsigned>, Vector>;

    void check_order(const Work& work) const;
    void touch(Space space, std::uint64_t first, std::uint64_t bytes, bool write);
    void touch_columns(std::uint32_t column, std::uint64_t columns, bool write);
    aqpim_layout layout(const aqpim_pim_shape& shape) const;

    void execute_gpu(const void* descriptor);
    void execute_pim(const void* descriptor);
    void kernel();
    void copy(const aqpim_gpu_copy& copy);
    void copy_into_pim(const aqpim_gpu_copy& copy);
    void copy_output(const aqpim_gpu_copy& copy);
    void pack(const aqpim_gpu_pack& pack);
    void importance(const aqpim_gpu_importance& importance);
    void cluster(const aqpim_pim_cluster& cluster);
    void append(const aqpim_pim_append& append);
    void attend(const aqpim_pim_attend& attend);
    void attend_fp16(const aqpim_pim_attend_fp16& attend);
    /// A head set's tokens of one part of a tensor, which the attention of `query` sees.
    void see(std::uint64_t query, const aqpim_pim_attend_fp16& attend, unsigned set, std::uint32_t column);

    /// The vector at an address of gpu_keys or gpu_values; false if it lies elsewhere.
    bool vector_at(std::uint64_t address, Vector& vector) const;

    run& run_;
    std::vector<Work> works_;
    std::vector<Access> accesses_;  // of the descriptor being executed
    std::map<std::uint64_t, Image> gpu_images_;
    std::map<std::uint64_t, Image> pim_images_;           // by address
    std::map<std::uint64_t, Vector> pim_vectors_;         // new tokens' vectors, by address
    std::map<std::uint64_t, std::uint64_t> pim_queries_;  // PIM address -> offset in gpu_queries
    std::map<std::uint64_t, std::uint64_t> pim_outputs_;  // PIM address -> offset in gpu_queries that it answers
};
