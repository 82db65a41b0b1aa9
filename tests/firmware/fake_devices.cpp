#include "fake_devices.h"

#include <catch2/catch.hpp>

#include <cstring>

namespace {

template <class T>
T as(const void* descriptor) {
    T value;
    std::memcpy(&value, descriptor, sizeof value);
    return value;
}

}  // namespace

std::uint64_t FakeDevices::submit(aqpim_queue& queue, const void* descriptor) {
    accesses_.clear();
    if (&queue == &run_.pim) {
        execute_pim(descriptor);
    } else {
        execute_gpu(descriptor);
    }
    const bool interrupts = (as<aqpim_descriptor_header>(descriptor).flags & AQPIM_FLAG_INTERRUPT) != 0;
    works_.push_back({&queue, queue.submitted, interrupts, false, accesses_});
    check_order(works_.back());
    return queue.submitted++;
}

bool FakeDevices::wait(aqpim_queue& queue, std::uint64_t ticket) {
    REQUIRE(ticket < queue.submitted);
    bool wakes = false;
    for (Work& work : works_) {
        if (work.queue == &queue) {
            wakes = wakes || (work.ticket >= ticket && work.interrupts);
            work.complete = work.complete || work.ticket <= ticket;
        }
    }
    REQUIRE(wakes);
    return &queue != broken;
}

void FakeDevices::check_order(const Work& work) const {
    for (const Work& other : works_) {
        if (other.queue == work.queue || other.complete) {
            continue;
        }
        for (const Access& a : other.accesses) {
            for (const Access& b : work.accesses) {
                const bool overlap = a.space == b.space && a.first < b.end && b.first < a.end;
                if (overlap && (a.write || b.write)) {
                    FAIL(work.queue->name << " " << work.ticket << " overlaps with " << other.queue->name << " "
                                          << other.ticket << " at " << a.first);
                }
            }
        }
    }
}

void FakeDevices::touch(Space space, std::uint64_t first, std::uint64_t bytes, bool write) {
    const std::uint64_t size = space == gpu_memory ? run_.gpu_memory_bytes : column_bytes(&run_, run_.memory.columns);
    REQUIRE(bytes > 0);
    REQUIRE(first + bytes <= size);
    accesses_.push_back({space, first, first + bytes, write});
}

void FakeDevices::touch_columns(std::uint32_t column, std::uint64_t columns, bool write) {
    if (columns != 0) {
        touch(pim_memory, column_bytes(&run_, column), column_bytes(&run_, columns), write);
    }
}

aqpim_layout FakeDevices::layout(const aqpim_pim_shape& shape) const {
    return aqpim_make_layout(run_.memory.channels, run_.memory.banks_per_channel, shape.group_channels,
                             shape.subvectors, shape.head_dim);
}

bool FakeDevices::vector_at(std::uint64_t address, Vector& vector) const {
    const aqpim_job& job = *run_.job;
    const std::uint64_t tokens = job.prompt + job.steps;
    const std::uint64_t vectors = std::uint64_t{job.layers} * job.kv_heads * tokens;
    for (const int tensor : {KEY, VALUE}) {
        const std::uint64_t base = tensor == KEY ? job.gpu_keys : job.gpu_values;
        const std::uint64_t index = (address - base) / (job.head_dim * 2);
        if (address >= base && index < vectors) {
            const std::uint64_t part_bytes = parts_of(&run_, tensor).dims * 2;
            REQUIRE((address - base) % part_bytes == 0);
            vector = {tensor, static_cast<unsigned>(index / tokens / job.kv_heads),
                      static_cast<unsigned>(index / tokens % job.kv_heads), static_cast<unsigned>(index % tokens),
                      static_cast<unsigned>((address - base) % (job.head_dim * 2) / part_bytes)};
            return true;
        }
    }
    return false;
}

void FakeDevices::execute_gpu(const void* descriptor) {
    switch (as<aqpim_descriptor_header>(descriptor).opcode) {
        case AQPIM_GPU_NOP:
            return;
        case AQPIM_GPU_COPY:
            return copy(as<aqpim_gpu_copy>(descriptor));
        case AQPIM_GPU_KERNEL:
            return kernel();
        case AQPIM_GPU_PACK:
            return pack(as<aqpim_gpu_pack>(descriptor));
        case AQPIM_GPU_IMPORTANCE:
            return importance(as<aqpim_gpu_importance>(descriptor));
        default:
            FAIL("unknown GPU opcode");
    }
}

void FakeDevices::kernel() {
    // It goes on from the attention's output, and makes the queries.
    const std::uint64_t bytes =
        std::uint64_t{run_.job->steps} * run_.job->layers * run_.job->heads * vector_bytes(&run_);
    touch(gpu_memory, run_.job->gpu_output, bytes, false);
    touch(gpu_memory, run_.job->gpu_queries, bytes, true);
    ++kernels;
}

void FakeDevices::copy(const aqpim_gpu_copy& copy) {
    const bool from_pim = (copy.header.flags & AQPIM_GPU_FLAG_SOURCE_BUS) != 0;
    const bool to_pim = (copy.header.flags & AQPIM_GPU_FLAG_TARGET_BUS) != 0;
    REQUIRE(from_pim != to_pim);
    for (std::uint64_t row = 0; row < copy.rows; ++row) {
        const std::uint64_t source = copy.source + row * copy.source_stride;
        const std::uint64_t target = copy.target + row * copy.target_stride;
        touch(from_pim ? pim_memory : gpu_memory, source - (from_pim ? run_.pim_bus : 0), copy.row_bytes, false);
        touch(to_pim ? pim_memory : gpu_memory, target - (to_pim ? run_.pim_bus : 0), copy.row_bytes, true);
    }
    if (to_pim) {
        copy_into_pim(copy);
    } else {
        copy_output(copy);
    }
}

void FakeDevices::copy_into_pim(const aqpim_gpu_copy& copy) {
    const std::uint64_t target = copy.target - run_.pim_bus;
    const std::uint64_t queries =
        std::uint64_t{run_.job->steps} * run_.job->layers * run_.job->heads * vector_bytes(&run_);
    Vector vector;
    if (vector_at(copy.source, vector)) {
        for (std::uint64_t row = 0; row < copy.rows; ++row) {
            REQUIRE(vector_at(copy.source + row * copy.source_stride, vector));
            pim_vectors_[target + row * copy.target_stride] = vector;
        }
    } else if (gpu_images_.count(copy.source) != 0) {
        const auto end = gpu_images_.lower_bound(copy.source + copy.row_bytes);
        for (auto image = gpu_images_.find(copy.source); image != end; ++image) {
            pim_images_[target + (image->first - copy.source)] = image->second;
        }
    } else if (copy.source >= run_.job->gpu_queries && copy.source - run_.job->gpu_queries < queries) {
        pim_queries_[target] = copy.source - run_.job->gpu_queries;
    } else {
        REQUIRE(run_.job->prefill_query_rows > 0);  // importance weights
    }
}

void FakeDevices::copy_output(const aqpim_gpu_copy& copy) {
    const std::uint64_t offset = pim_outputs_.at(copy.source - run_.pim_bus);
    CHECK(copy.target - run_.job->gpu_output == offset);
    for (std::uint64_t at = offset; at < offset + copy.row_bytes; at += vector_bytes(&run_)) {
        const std::uint64_t index = at / vector_bytes(&run_);
        const std::uint64_t row = index / run_.job->heads;
        returned.insert({static_cast<unsigned>(row / run_.job->layers), static_cast<unsigned>(row % run_.job->layers),
                         static_cast<unsigned>(index % run_.job->heads)});
    }
}

void FakeDevices::pack(const aqpim_gpu_pack& pack) {
    const aqpim_layout image =
        aqpim_make_layout(pack.channels, pack.banks_per_channel, pack.group_channels, pack.subvectors, pack.head_dim);
    const std::uint64_t columns = aqpim_vector_columns(&image, pack.target_first + pack.vectors);
    touch(gpu_memory, pack.target, column_bytes(&run_, columns), true);
    for (unsigned head = 0; head < pack.heads; ++head) {
        const std::uint64_t first = pack.source + head * pack.source_head_stride;
        touch(gpu_memory, first, (pack.vectors - 1) * pack.source_stride + pack.head_dim * 2, false);
        for (unsigned i = 0; i < pack.vectors; ++i) {
            Vector vector;
            REQUIRE(vector_at(first + i * pack.source_stride, vector));
            gpu_images_[pack.target][{head, pack.target_first + i}] = vector;
        }
    }
}

void FakeDevices::importance(const aqpim_gpu_importance& importance) {
    Vector vector;
    REQUIRE(vector_at(importance.keys, vector));
    CHECK(vector.tensor == KEY);
    CHECK(vector.head == 0);
    CHECK(vector.token == 0);
    CHECK(importance.queries == run_.job->gpu_prefill_queries + vector.layer * run_.job->heads * vector_bytes(&run_));
    touch(gpu_memory, importance.keys, importance.kv_heads * importance.keys_head_stride, false);
    touch(gpu_memory, importance.target, std::uint64_t{importance.kv_heads} * importance.tokens * 2, true);
}

void FakeDevices::execute_pim(const void* descriptor) {
    switch (as<aqpim_descriptor_header>(descriptor).opcode) {
        case AQPIM_PIM_CLUSTER:
            return cluster(as<aqpim_pim_cluster>(descriptor));
        case AQPIM_PIM_APPEND:
            return append(as<aqpim_pim_append>(descriptor));
        case AQPIM_PIM_ATTEND:
            return attend(as<aqpim_pim_attend>(descriptor));
        case AQPIM_PIM_ATTEND_FP16:
            return attend_fp16(as<aqpim_pim_attend_fp16>(descriptor));
        default:
            FAIL("unknown PIM opcode");
    }
}

void FakeDevices::cluster(const aqpim_pim_cluster& cluster) {
    const aqpim_layout l = layout(cluster.shape);
    const unsigned centroids = cluster.shape.centroids;
    touch_columns(cluster.column_image, aqpim_vector_columns(&l, cluster.elements), false);
    touch_columns(cluster.column_codebook, aqpim_codebook_columns(&l, centroids), true);
    touch_columns(cluster.column_codes, aqpim_code_columns(&l, cluster.elements, centroids), true);
    touch_columns(cluster.column_scratch, aqpim_cluster_scratch_columns(&l, cluster.elements, centroids), true);
    if ((cluster.header.flags & AQPIM_PIM_FLAG_WEIGHTED) != 0) {
        touch(pim_memory, cluster.weights, (cluster.shape.heads - 1) * cluster.weights_stride + cluster.elements * 2,
              false);
    }
    const Image& image = pim_images_.at(column_bytes(&run_, cluster.column_image));
    Image& codes = pim_images_[column_bytes(&run_, cluster.column_codes)];
    for (unsigned head = 0; head < cluster.shape.heads; ++head) {
        for (unsigned e = 0; e < cluster.elements; ++e) {
            codes[{head, e}] = image.at({head, e});
        }
    }
    REQUIRE(clusterings.emplace(cluster.seed, cluster.elements).second);
}

void FakeDevices::append(const aqpim_pim_append& append) {
    const aqpim_layout l = layout(append.shape);
    const unsigned centroids = append.shape.centroids;
    const std::uint64_t bytes = append.shape.head_dim * 2;
    touch(pim_memory, append.source, append.shape.heads * bytes, false);
    touch_columns(append.column_uncoded, aqpim_vector_columns(&l, append.slot + 1), true);
    touch_columns(append.column_codebook, aqpim_codebook_columns(&l, centroids), false);
    touch_columns(append.column_codes, aqpim_code_columns(&l, append.element + 1, centroids), true);
    touch_columns(append.column_scratch, aqpim_append_scratch_columns(&l, centroids), true);
    CHECK(append.source % AQPIM_BURST_BYTES == 0);
    const std::uint64_t codes_at = column_bytes(&run_, append.column_codes);
    if (append.element != AQPIM_PIM_NONE) {
        REQUIRE(pim_images_.count(codes_at) == 1);  // there is a codebook
    }
    for (unsigned head = 0; head < append.shape.heads; ++head) {
        const Vector& fresh = pim_vectors_.at(append.source + head * bytes);
        Image& slots = pim_images_[column_bytes(&run_, append.column_uncoded)];
        if (append.element != AQPIM_PIM_NONE) {
            pim_images_[codes_at][{head, append.element}] =
                append.slot == AQPIM_PIM_NONE ? fresh : slots.at({head, append.slot});
        }
        if (append.slot != AQPIM_PIM_NONE) {
            slots[{head, append.slot}] = fresh;
        }
    }
}
