#include "fake_devices.h"

#include <catch2/catch.hpp>

#include <algorithm>
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
    works_.push_back({&queue, queue.submitted, interrupts, accesses_});
    check_order(works_.back());
    return queue.submitted++;
}

bool FakeDevices::wait(aqpim_queue& queue, std::uint64_t ticket) {
    REQUIRE(ticket < queue.submitted);
    if (ticket >= completed_[&queue]) {
        bool wakes = false;
        for (const Work& work : works_) {
            wakes = wakes || (work.queue == &queue && work.ticket >= ticket && work.interrupts);
        }
        REQUIRE(wakes);
        completed_[&queue] = ticket + 1;
        std::erase_if(works_, [&](const Work& work) { return work.queue == &queue && work.ticket <= ticket; });
    }
    return &queue != broken;
}

bool FakeDevices::is_idle(const aqpim_queue& queue) const {
    return std::none_of(works_.begin(), works_.end(), [&](const Work& work) { return work.queue == &queue; });
}

void FakeDevices::write(std::uint64_t address, const void* words, std::uint32_t bytes) {
    accesses_.clear();
    touch(pim_memory, address, bytes, true);
    check_order({nullptr, 0, false, accesses_});
    for (std::uint32_t at = 0; at < bytes; at += 8) {
        pim_words_[address + at] = as<std::uint64_t>(static_cast<const std::uint8_t*>(words) + at);
    }
}

void FakeDevices::check_order(const Work& work) const {
    for (const Work& other : works_) {
        if (other.queue == work.queue) {
            continue;
        }
        for (const Access& a : other.accesses) {
            for (const Access& b : work.accesses) {
                const bool overlap = a.space == b.space && a.first < b.end && b.first < a.end;
                if (overlap && (a.write || b.write)) {
                    FAIL((work.queue != nullptr ? work.queue->name : "the hart")
                         << " " << work.ticket << " overlaps with " << other.queue->name << " " << other.ticket
                         << " at " << a.first);
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

bool FakeDevices::prompt_vector_at(std::uint64_t address, int tensor, Vector& vector) const {
    const aqpim_job& job = *run_.job;
    const std::uint64_t base = tensor == KEY ? job.gpu_keys : job.gpu_values;
    if (address < base || address >= base + job.batch * job.sequence_stride) {
        return false;
    }
    const std::uint64_t offset = address - base;
    vector = {tensor,
              static_cast<unsigned>(offset / job.sequence_stride),
              static_cast<unsigned>(offset % job.sequence_stride / job.layer_stride),
              static_cast<unsigned>(offset % job.layer_stride / job.head_stride),
              static_cast<unsigned>(offset % job.head_stride / (job.head_dim * 2)),
              static_cast<unsigned>(offset % (job.head_dim * 2) / 2)};
    REQUIRE(vector.token < run_.sequences[vector.sequence].prompt);
    return true;
}

bool FakeDevices::new_vector_at(std::uint64_t address, int tensor, Vector& vector) const {
    const aqpim_job& job = *run_.job;
    const std::uint64_t base = tensor == KEY ? job.gpu_new_keys : job.gpu_new_values;
    if (address < base || address >= base + job.steps * job.new_step_stride) {
        return false;
    }
    const std::uint64_t offset = address - base;
    const std::uint64_t index = offset % job.new_layer_stride / (job.head_dim * 2);
    const auto sequence = static_cast<unsigned>(index % job.batch);
    vector = {tensor,
              sequence,
              static_cast<unsigned>(offset % job.new_step_stride / job.new_layer_stride),
              static_cast<unsigned>(index / job.batch),
              static_cast<unsigned>(run_.sequences[sequence].prompt + offset / job.new_step_stride),
              static_cast<unsigned>(offset % (job.head_dim * 2) / 2)};
    return true;
}

bool FakeDevices::centroid_at(std::uint64_t address, int tensor, Vector& vector) const {
    const aqpim_job& job = *run_.job;
    const std::uint64_t base = job.gpu_codebooks[tensor];
    if (base == 0 || address < base || address >= base + job.layers * job.codebook_layer_stride) {
        return false;
    }
    const std::uint64_t offset = address - base;
    vector = {tensor, Vector::given, static_cast<unsigned>(offset / job.codebook_layer_stride),
              static_cast<unsigned>(offset % job.codebook_layer_stride / job.codebook_head_stride),
              static_cast<unsigned>(offset % job.codebook_head_stride / (job.head_dim * 2))};
    return true;
}

bool FakeDevices::vector_at(std::uint64_t address, Vector& vector) const {
    for (const int tensor : {KEY, VALUE}) {
        if (prompt_vector_at(address, tensor, vector) || new_vector_at(address, tensor, vector) ||
            centroid_at(address, tensor, vector)) {
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
            kernels.push_back(as<aqpim_gpu_kernel>(descriptor));
            return touch_layer();
        case AQPIM_GPU_MATMUL:
            matmuls.push_back(as<aqpim_gpu_matmul>(descriptor));
            return touch_layer();
        case AQPIM_GPU_NORM:
        case AQPIM_GPU_ACTIVATION:
            CHECK(as<aqpim_gpu_elementwise>(descriptor).count == 1);
            return touch_layer();
        case AQPIM_GPU_PACK:
            return pack(as<aqpim_gpu_pack>(descriptor));
        case AQPIM_GPU_IMPORTANCE:
            return importance(as<aqpim_gpu_importance>(descriptor));
        default:
            FAIL("unknown GPU opcode");
    }
}

void FakeDevices::touch_layer() {
    // It goes on from the attention's output, and makes queries, keys and values.
    const aqpim_job& job = *run_.job;
    touch(gpu_memory, job.gpu_output, job.steps * job.query_step_stride, false);
    touch(gpu_memory, job.gpu_queries, job.steps * job.query_step_stride, true);
    touch(gpu_memory, job.gpu_new_keys, job.steps * job.new_step_stride, true);
    touch(gpu_memory, job.gpu_new_values, job.steps * job.new_step_stride, true);
}

void FakeDevices::copy(const aqpim_gpu_copy& copy) {
    const bool from_pim = (copy.header.flags & AQPIM_GPU_FLAG_SOURCE_BUS) != 0;
    const bool to_pim = (copy.header.flags & AQPIM_GPU_FLAG_TARGET_BUS) != 0;
    REQUIRE(from_pim != to_pim);
    for (std::uint64_t row = 0; row < copy.rows; ++row) {
        const std::uint64_t source = copy.source + row * copy.source_stride - (from_pim ? run_.pim_bus : 0);
        const std::uint64_t target = copy.target + row * copy.target_stride - (to_pim ? run_.pim_bus : 0);
        touch(from_pim ? pim_memory : gpu_memory, source, copy.row_bytes, false);
        touch(to_pim ? pim_memory : gpu_memory, target, copy.row_bytes, true);
        if (to_pim) {
            copy_into_pim(source, target, copy.row_bytes);
        } else {
            copy_output(source, target, copy.row_bytes);
        }
    }
}

void FakeDevices::copy_into_pim(std::uint64_t source, std::uint64_t target, std::uint64_t bytes) {
    const aqpim_job& job = *run_.job;
    Vector vector;
    if (vector_at(source, vector)) {
        for (std::uint64_t at = 0; at < bytes; at += vector_bytes(&run_)) {
            REQUIRE(vector_at(source + at, vector));
            pim_vectors_[target + at] = vector;
        }
    } else if (gpu_images_.count(source) != 0) {
        const auto end = gpu_images_.lower_bound(source + bytes);
        for (auto image = gpu_images_.find(source); image != end; ++image) {
            pim_images_[target + (image->first - source)] = image->second;
        }
    } else if (source >= job.gpu_queries && source < job.gpu_queries + job.steps * job.query_step_stride) {
        for (std::uint64_t at = 0; at < bytes; at += vector_bytes(&run_)) {
            pim_queries_[target + at] = source + at - job.gpu_queries;
        }
    } else {
        const auto weights = std::prev(gpu_weights_.upper_bound(source));
        vector = weights->second;
        const std::uint64_t tokens = run_.sequences[vector.sequence].prompt;
        vector.head = static_cast<unsigned>((source - weights->first) / 2 / tokens);
        vector.token = static_cast<unsigned>((source - weights->first) / 2 % tokens);
        REQUIRE(vector.head < job.kv_heads);
        REQUIRE(vector.token + bytes / 2 <= tokens);
        pim_weights_[target] = vector;
    }
}

void FakeDevices::copy_output(std::uint64_t source, std::uint64_t target, std::uint64_t bytes) {
    for (std::uint64_t at = 0; at < bytes; at += vector_bytes(&run_)) {
        const std::uint64_t offset = target + at - run_.job->gpu_output;
        CHECK(pim_outputs_.at(source + at) == offset);
        CHECK(returned.insert(offset).second);
    }
}

void FakeDevices::pack(const aqpim_gpu_pack& pack) {
    const aqpim_layout image =
        aqpim_make_layout(pack.channels, pack.banks_per_channel, pack.group_banks, pack.subvectors, pack.head_dim);
    const std::uint64_t columns = aqpim_vector_columns(&image, pack.target_first + pack.vectors);
    touch(gpu_memory, pack.target, column_bytes(&run_, columns), true);
    for (unsigned head = 0; head < pack.heads; ++head) {
        const std::uint64_t first = pack.source + head * pack.source_head_stride;
        const unsigned group = pack.first_group + head * pack.group_stride;
        REQUIRE(group < image.groups);
        touch(gpu_memory, first, (pack.vectors - 1) * pack.source_stride + pack.head_dim * 2, false);
        for (unsigned i = 0; i < pack.vectors; ++i) {
            Vector vector;
            REQUIRE(vector_at(first + i * pack.source_stride, vector));
            gpu_images_[pack.target][{group, pack.target_first + i}] = vector;
        }
    }
}

void FakeDevices::importance(const aqpim_gpu_importance& importance) {
    Vector vector;
    REQUIRE(vector_at(importance.keys, vector));
    CHECK(vector == Vector{KEY, vector.sequence, vector.layer, 0, 0});
    CHECK(importance.tokens == run_.sequences[vector.sequence].prompt);
    CHECK(importance.query_rows == std::min(run_.job->prefill_query_rows, importance.tokens));
    // The rows end with the last.
    const std::uint64_t last = importance.queries + (importance.query_rows - 1) * importance.queries_stride;
    const std::uint64_t row = run_.job->layers * run_.job->heads * vector_bytes(&run_);
    CHECK(last == run_.job->gpu_prefill_queries + vector.sequence * run_.job->prefill_sequence_stride +
                      (run_.job->prefill_query_rows - 1) * row + vector.layer * run_.job->heads * vector_bytes(&run_));
    touch(gpu_memory, importance.keys, importance.kv_heads * importance.keys_head_stride, false);
    touch(gpu_memory, importance.target, std::uint64_t{importance.kv_heads} * importance.tokens * 2, true);
    gpu_weights_[importance.target] = vector;
    importances.push_back(importance);
}

void FakeDevices::execute_pim(const void* descriptor) {
    switch (as<aqpim_descriptor_header>(descriptor).opcode) {
        case AQPIM_PIM_CLUSTER:
            return cluster(as<aqpim_pim_cluster>(descriptor));
        case AQPIM_PIM_APPEND:
            return append(as<aqpim_pim_append>(descriptor));
        case AQPIM_PIM_ATTEND:
            return attend(as<aqpim_pim_attend>(descriptor));
        case AQPIM_PIM_QUANTIZE:
            return quantize(as<aqpim_pim_quantize>(descriptor));
        case AQPIM_PIM_ATTEND_FP16:
        case AQPIM_PIM_ATTEND_UNIFORM:
            return attend_whole(as<aqpim_pim_attend_whole>(descriptor));
        default:
            FAIL("unknown PIM opcode");
    }
}
