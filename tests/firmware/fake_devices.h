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
#include "wave.h"
}

/// A token's key or value of one sequence, layer and KV head, from dimension `dim` on; or a given centroid.
struct Vector {
    int tensor;
    unsigned sequence;
    unsigned layer;
    unsigned head;
    unsigned token;
    unsigned dim = 0;
    auto operator<=>(const Vector&) const = default;

    static constexpr unsigned given = 0xffff;  // as `sequence`: `token` is a centroid
};

/// Stands in for GPU and PIM device behind the main job's queues. Data are names of vectors, so that it is known which
/// token went where; and it checks that nothing is handed over before all that it depends on, in other queues, is known
/// to be complete.
class FakeDevices {
 public:
    explicit FakeDevices(run& job_run) : run_(job_run) {}

    std::uint64_t submit(aqpim_queue& queue, const void* descriptor);
    bool wait(aqpim_queue& queue, std::uint64_t ticket);
    /// All that was handed to this queue is known to be complete.
    bool is_idle(const aqpim_queue& queue) const;
    /// The hart's own write.
    void write(std::uint64_t address, const void* words, std::uint32_t bytes);

    /// Tokens that the attention of each (step, layer, sequence, KV head) saw, keys and values.
    std::map<std::tuple<unsigned, unsigned, unsigned, unsigned>, std::vector<Vector>> seen;
    /// Offsets in gpu_output of the vectors that came back, at their place.
    std::set<std::uint64_t> returned;
    std::vector<aqpim_pim_cluster> clusterings;
    std::vector<aqpim_pim_quantize> quantizations;
    std::vector<aqpim_pim_append> appends;
    std::vector<aqpim_pim_attend> attentions;
    std::vector<aqpim_pim_attend_whole> whole_attentions;
    std::vector<aqpim_gpu_importance> importances;
    std::vector<aqpim_gpu_kernel> kernels;
    std::vector<aqpim_gpu_matmul> matmuls;

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
        std::vector<Access> accesses;
    };
    /// Vectors by (group, element or slot).
    using Image = std::map<std::pair<unsigned, unsigned>, Vector>;
    using Table = std::vector<aqpim_pim_sequence>;

    void check_order(const Work& work) const;
    void touch(Space space, std::uint64_t first, std::uint64_t bytes, bool write);
    void touch_columns(std::uint32_t column, std::uint64_t columns, bool write);
    aqpim_layout layout(const aqpim_pim_shape& shape, unsigned sequences) const;

    void execute_gpu(const void* descriptor);
    void execute_pim(const void* descriptor);
    void touch_layer();
    void copy(const aqpim_gpu_copy& copy);
    void copy_into_pim(std::uint64_t source, std::uint64_t target, std::uint64_t bytes);
    void copy_output(std::uint64_t source, std::uint64_t target, std::uint64_t bytes);
    void pack(const aqpim_gpu_pack& pack);
    void importance(const aqpim_gpu_importance& importance);

    void cluster(const aqpim_pim_cluster& cluster);
    void check_initial(const aqpim_pim_cluster& cluster, const aqpim_layout& l) const;
    void check_weights(const aqpim_pim_cluster& cluster, const Table& table);
    void quantize(const aqpim_pim_quantize& quantize);
    void append(const aqpim_pim_append& append);
    void touch_appended(const aqpim_pim_append& append, const aqpim_layout& l);
    void put_new(const aqpim_pim_append& append, const aqpim_layout& l, unsigned head, unsigned index,
                 const aqpim_pim_sequence& entry);
    /// Puts a vector into a slot, and returns what stood there.
    Vector put_into_slot(const aqpim_pim_append& append, unsigned group, unsigned slot, const Vector& fresh);
    void attend(const aqpim_pim_attend& attend);
    void attend_whole(const aqpim_pim_attend_whole& attend);
    void see_codes(const aqpim_pim_attend& attend, const aqpim_layout& l, int tensor, const Table& table);
    void see_whole(const aqpim_pim_attend_whole& attend, unsigned set, unsigned group, const aqpim_pim_sequence& entry,
                   std::vector<Vector>& list) const;
    /// The list for what this query of a command sees; takes it that the output answers it.
    std::vector<Vector>& answer(std::uint64_t query, std::uint64_t output, unsigned queries);

    Table read_table(std::uint64_t address, unsigned sequences);
    std::vector<std::uint32_t> read_extents(const aqpim_pim_pages& pages);
    /// The column in which an element's code lies.
    std::uint32_t code_column(const std::vector<std::uint32_t>& columns, const aqpim_layout& l, unsigned element,
                              unsigned centroids) const;
    bool has_codebook(std::uint32_t column, const aqpim_layout& l, unsigned centroids, unsigned group,
                      unsigned window) const;

    /// The vector at an address of the GPU's tensors; false if something else lies there.
    bool vector_at(std::uint64_t address, Vector& vector) const;
    bool prompt_vector_at(std::uint64_t address, int tensor, Vector& vector) const;
    bool new_vector_at(std::uint64_t address, int tensor, Vector& vector) const;
    bool centroid_at(std::uint64_t address, int tensor, Vector& vector) const;

    run& run_;
    std::map<const aqpim_queue*, std::uint64_t> completed_;
    std::vector<Work> works_;       // not known to be complete
    std::vector<Access> accesses_;  // of the descriptor being executed
    std::map<std::uint64_t, Image> gpu_images_;
    std::map<std::uint64_t, Vector> gpu_weights_;  // by address: the first token's
    std::map<std::uint64_t, Vector> pim_weights_;
    std::map<std::uint64_t, std::uint64_t> pim_words_;
    std::map<std::uint64_t, Image> pim_images_;               // by address
    std::map<std::uint64_t, Vector> pim_vectors_;             // new tokens' vectors, by address
    std::map<std::uint64_t, std::uint64_t> pim_queries_;      // PIM address -> offset in gpu_queries
    std::map<std::uint64_t, std::uint64_t> pim_outputs_;      // PIM address -> offset in gpu_queries that it answers
    std::set<std::pair<std::uint32_t, unsigned>> codebooks_;  // (column, group)
    std::map<std::tuple<std::uint32_t, unsigned, unsigned>, Vector> codes_;  // (column, group, element)
};
