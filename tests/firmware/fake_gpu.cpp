#include "fake_gpu.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace {

template <class T>
T as(const void* descriptor) {
    T value;
    std::memcpy(&value, descriptor, sizeof value);
    return value;
}

void join(FakeGpu::Clock& clock, const FakeGpu::Clock& other) {
    for (std::size_t queue = 0; queue < clock.size(); ++queue) {
        clock[queue] = std::max(clock[queue], other[queue]);
    }
}

}  // namespace

std::uint64_t FakeGpu::submit(aqpim_queue& queue, const void* descriptor) {
    const Queue which = &queue == &run_.copy ? copy_queue : compute_queue;
    REQUIRE((which == copy_queue || &queue == &run_.compute));
    const auto header = as<aqpim_descriptor_header>(descriptor);
    Command command{
        which, queue.submitted, header.opcode, header.flags, header.cookie >> 8, header.cookie & 0xff, behind_[which]};
    join(command.known, hart_);
    command.known[which] = queue.submitted;
    accesses_.clear();
    execute(descriptor, command);
    const Work work{command, accesses_};
    check_order(work);
    works_.push_back(work);
    commands.push_back(command);
    behind_[which] = command.known;
    behind_[which][which] = ++queue.submitted;
    if (command.opcode == AQPIM_GPU_SIGNAL) {
        const auto event = as<aqpim_gpu_event>(descriptor);
        signals_[event.event].emplace_back(event.value, behind_[which]);
    }
    return command.ticket;
}

bool FakeGpu::wait(aqpim_queue& queue, std::uint64_t ticket) {
    REQUIRE(ticket < queue.submitted);
    const Queue which = &queue == &run_.copy ? copy_queue : compute_queue;
    if (ticket >= hart_[which]) {
        const auto wakes = [&](const Command& command) {
            return command.queue == which && command.ticket >= ticket && (command.flags & AQPIM_FLAG_INTERRUPT) != 0;
        };
        REQUIRE(std::any_of(commands.begin(), commands.end(), wakes));
        for (const Work& work : works_) {
            if (work.command.queue == which && work.command.ticket == ticket) {
                join(hart_, work.command.known);
            }
        }
        hart_[which] = ticket + 1;
        std::erase_if(works_, [&](const Work& work) { return work.command.ticket < hart_[work.command.queue]; });
    }
    return &queue != broken;
}

void FakeGpu::check_order(const Work& work) const {
    for (const Work& other : works_) {
        if (other.command.queue == work.command.queue ||
            other.command.ticket < work.command.known[other.command.queue]) {
            continue;
        }
        for (const Access& a : other.accesses) {
            for (const Access& b : work.accesses) {
                if (a.space == b.space && a.first < b.end && b.first < a.end && (a.write || b.write)) {
                    FAIL("opcode " << work.command.opcode << " of step " << work.command.step << " layer "
                                   << work.command.layer << " overlaps with opcode " << other.command.opcode
                                   << " of step " << other.command.step << " layer " << other.command.layer);
                }
            }
        }
    }
}

void FakeGpu::touch(Space space, std::uint64_t first, std::uint64_t bytes, bool write) {
    const std::uint64_t size = space == gpu_space ? run_.gpu_memory_bytes : run_.job->host_kv_bytes;
    REQUIRE(bytes > 0);
    REQUIRE(first + bytes <= size);
    accesses_.push_back({space, first, first + bytes, write});
}

void FakeGpu::execute(const void* descriptor, Command& command) {
    switch (command.opcode) {
        case AQPIM_GPU_NOP:
            return;
        case AQPIM_GPU_SIGNAL:
        case AQPIM_GPU_WAIT:
            return synchronise(as<aqpim_gpu_event>(descriptor), command);
        case AQPIM_GPU_COPY:
            return copy(as<aqpim_gpu_copy>(descriptor), command);
        case AQPIM_GPU_ATTENTION:
            REQUIRE(command.queue == compute_queue);
            return attention(as<aqpim_gpu_attention>(descriptor));
        case AQPIM_GPU_MATMUL:
            REQUIRE(command.queue == compute_queue);
            return matmul(as<aqpim_gpu_matmul>(descriptor), command);
        case AQPIM_GPU_KERNEL:
            kernels.push_back(as<aqpim_gpu_kernel>(descriptor));
            return;
        case AQPIM_GPU_NORM:
        case AQPIM_GPU_ACTIVATION:
            CHECK(as<aqpim_gpu_elementwise>(descriptor).count == 1);
            return;
        default:
            FAIL("unknown opcode " << command.opcode);
    }
}

/// A signal that is handed over only later could be held up by the hart, which waits for what this holds.
void FakeGpu::synchronise(const aqpim_gpu_event& event, Command& command) {
    REQUIRE(event.event < AQPIM_GPU_EVENTS);
    if (command.opcode == AQPIM_GPU_WAIT) {
        const auto& signals = signals_[event.event];
        const auto signal = std::find_if(signals.begin(), signals.end(),
                                         [&](const auto& candidate) { return candidate.first >= event.value; });
        REQUIRE(signal != signals.end());
        join(command.known, signal->second);
    }
}

void FakeGpu::copy(const aqpim_gpu_copy& copy, Command& command) {
    REQUIRE(command.queue == copy_queue);
    REQUIRE(copy.row_bytes % 4 == 0);
    command.bytes = copy.rows * copy.row_bytes;
    for (std::uint64_t row = 0; row < copy.rows; ++row) {
        copy_row(copy, row);
    }
}

void FakeGpu::copy_row(const aqpim_gpu_copy& copy, std::uint64_t row) {
    const bool from_bus = (copy.header.flags & AQPIM_GPU_FLAG_SOURCE_BUS) != 0;
    const bool to_bus = (copy.header.flags & AQPIM_GPU_FLAG_TARGET_BUS) != 0;
    REQUIRE_FALSE((from_bus && to_bus));
    const aqpim_job& job = *run_.job;
    const std::uint64_t source = copy.source + row * copy.source_stride;
    const std::uint64_t target = copy.target + row * copy.target_stride - (to_bus ? job.host_kv : 0);
    touch(to_bus ? ram_space : gpu_space, target, copy.row_bytes, true);
    const bool from_cache = from_bus && source >= job.host_kv && source < job.host_kv + job.host_kv_bytes;
    if (from_bus && !from_cache) {
        // The firmware's own memory, which is this program's.
        REQUIRE(copy.row_bytes == job.batch * sizeof(std::uint32_t));
        if (!memory.empty()) {
            std::memcpy(&memory[target], reinterpret_cast<const void*>(source), copy.row_bytes);
        }
        return;
    }
    const std::uint64_t offset = source - (from_bus ? job.host_kv : 0);
    touch(from_bus ? ram_space : gpu_space, offset, copy.row_bytes, false);
    if (!memory.empty()) {
        std::memcpy(&(to_bus ? ram : memory)[target], &(from_bus ? ram : memory)[offset], copy.row_bytes);
    }
}

void FakeGpu::touch_prompts(unsigned layer) {
    const aqpim_job& job = *run_.job;
    for (unsigned b = 0; b < job.batch; ++b) {
        for (const std::uint64_t base : {job.gpu_keys, job.gpu_values}) {
            touch(gpu_space, base + b * job.sequence_stride + layer * job.layer_stride, job.kv_heads * job.head_stride,
                  true);
        }
    }
}

/// Projections write queries, keys and values; the output projection reads what the attention has written.
void FakeGpu::matmul(const aqpim_gpu_matmul& matmul, const Command& command) {
    const aqpim_job& job = *run_.job;
    matmuls.push_back(matmul);
    const bool projects = matmul.n == (job.heads + 2 * job.kv_heads) * job.head_dim && matmul.k == job.hidden;
    const bool reads_output = matmul.n == job.hidden && matmul.k == job.heads * job.head_dim;
    if (command.step == PREFILL_STEP) {
        if (projects) {
            touch_prompts(command.layer);
        }
        return;
    }
    const std::uint64_t vectors = std::uint64_t{job.kv_heads} * job.batch * job.head_dim * 2;
    const std::uint64_t queries = vectors * (job.heads / job.kv_heads);
    const std::uint64_t query_offset = command.step * job.query_step_stride + command.layer * job.query_layer_stride;
    const std::uint64_t new_offset = command.step * job.new_step_stride + command.layer * job.new_layer_stride;
    if (projects) {
        touch(gpu_space, job.gpu_queries + query_offset, queries, true);
        touch(gpu_space, job.gpu_new_keys + new_offset, vectors, true);
        touch(gpu_space, job.gpu_new_values + new_offset, vectors, true);
    } else if (reads_output) {
        touch(gpu_space, job.gpu_output + query_offset, queries, false);
    }
}

double FakeGpu::word_at(std::uint64_t address) const {
    std::uint16_t word;
    std::memcpy(&word, &memory[address], sizeof word);
    return value_of(word);
}

void FakeGpu::attention(const aqpim_gpu_attention& attention) {
    attentions.push_back(attention);
    std::uint64_t total = 0;
    std::uint32_t most = 0;
    if (attention.tokens != 0) {
        touch(gpu_space, attention.tokens, attention.sequences * sizeof(std::uint32_t), false);
    }
    for (unsigned s = 0; s < attention.sequences; ++s) {
        std::uint32_t tokens = attention.most_tokens;
        if (attention.tokens != 0 && !memory.empty()) {
            std::memcpy(&tokens, &memory[attention.tokens + s * sizeof tokens], sizeof tokens);
        }
        REQUIRE(tokens <= attention.most_tokens);
        total += tokens;
        most = std::max(most, tokens);
        for (unsigned head = 0; head < attention.kv_heads; ++head) {
            attend(attention, head, s, tokens);
        }
    }
    if (attention.tokens == 0 || !memory.empty()) {
        CHECK(attention.total_tokens == total);
        CHECK(attention.most_tokens == most);
    }
}

void FakeGpu::attend(const aqpim_gpu_attention& attention, unsigned head, unsigned sequence, std::uint32_t tokens) {
    const std::uint64_t vector = attention.head_dim * 2ull;
    const std::uint64_t at = sequence * attention.sequence_stride + head * attention.head_stride;
    const std::uint64_t unit = (std::uint64_t{head} * attention.sequences + sequence) * attention.group * vector;
    touch(gpu_space, attention.keys + at, tokens * vector, false);
    touch(gpu_space, attention.values + at, tokens * vector, false);
    touch(gpu_space, attention.queries + unit, attention.group * vector, false);
    touch(gpu_space, attention.output + unit, attention.group * vector, true);
    for (unsigned query = 0; !memory.empty() && query < attention.group; ++query) {
        answer(attention.queries + unit + query * vector, attention.output + unit + query * vector, attention.keys + at,
               attention.values + at, tokens);
    }
}

void FakeGpu::answer(std::uint64_t query, std::uint64_t output, std::uint64_t keys, std::uint64_t values,
                     std::uint32_t tokens) {
    const unsigned dims = run_.job->head_dim;
    std::vector<double> sums(dims);
    double weights = 0;
    for (std::uint64_t t = 0; t < tokens; ++t) {
        double score = 0;
        for (unsigned d = 0; d < dims; ++d) {
            score += word_at(query + d * 2) * word_at(keys + (t * dims + d) * 2);
        }
        const double weight = std::exp(score / std::sqrt(dims));
        weights += weight;
        for (unsigned d = 0; d < dims; ++d) {
            sums[d] += weight * word_at(values + (t * dims + d) * 2);
        }
    }
    for (unsigned d = 0; d < dims; ++d) {
        CHECK(outputs.emplace(output + d * 2, sums[d] / weights).second);
    }
}
