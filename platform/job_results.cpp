#include "platform/job_results.h"

#include <fmt/format.h>

#include "models/common/error.h"
#include "platform/accuracy.h"

namespace aqpim {

void refuse_dump_without_codes(const Configuration& configuration) {
    if (configuration.sim.is_timing()) {
        throw InputError("--dump-pq: sim.data = timing found; codebooks and codes are there with functional only");
    }
    if (!configuration.platform.keeps_kv_in_pim()) {
        throw InputError(fmt::format("--dump-pq: platform.kv = {} found; codebooks and codes are there with pim only",
                                     configuration.platform.kv));
    }
    if (configuration.workload.is_uniform()) {
        throw InputError(fmt::format("--dump-pq: workload.policy = {} found; codebooks are there with aqpim only",
                                     configuration.workload.policy));
    }
}

JobResults::JobResults(Platform& platform, const Loader& loader, const Configuration& configuration,
                       const Inputs& inputs, bool dumps)
    : inputs_(inputs), job_(loader.job()) {
    const bool is_done = job_.magic == AQPIM_JOB_MAGIC && job_.result.steps_done == job_.steps;
    if (!is_done || configuration.sim.is_timing()) {
        return;
    }
    attention_ = outputs_of(job_, loader.gpu_words(job_.gpu_output, output_words(job_)));
    const bool measures = is_measurable(inputs, job_);
    if (job_.kv == AQPIM_KV_PIM && (measures || dumps)) {
        read_contents(platform, loader);
    }
    if (measures) {
        accuracy_ = measure_accuracy(inputs, job_, keys_, values_, attention_);
    }
}

void JobResults::read_contents(Platform& platform, const Loader& loader) {
    const auto objects = loader.objects();
    const auto sequences = loader.sequences();
    const JobRemains remains{job_, objects, sequences, platform.job_pim().memory.store(),
                             platform.job_pim().memory.organization()};
    const auto read = job_.policy == AQPIM_POLICY_UNIFORM ? read_uniform_contents : read_pq_contents;
    keys_ = read(remains, false);
    values_ = read(remains, true);
    if (job_.policy == AQPIM_POLICY_AQPIM && (keys_.codes.empty() || values_.codes.empty())) {
        flaw_ = "check failed: the tables that firmware has left name no codes of the PIM memory";
    }
}

void JobResults::write(const OutputDirectory& directory, OutputDirectory* dump) const {
    if (attention_.data.empty()) {
        return;
    }
    Tensor attention = attention_;
    if (inputs_.value_order) {
        restore_outputs(attention, *inputs_.value_order);
    }
    if (job_.batch == 1) {
        attention.shape.erase(attention.shape.begin());
    }
    write_npy(directory.path("attention.npy"), attention);
    if (dump != nullptr && flaw_.empty()) {
        write_dump(*dump);
    }
}

void JobResults::write_dump(OutputDirectory& dump) const {
    const auto path = [&](const std::string& name) { return dump.path(name); };
    write_pq_dump(keys_, job_, inputs_.key_order, "k", path);
    write_pq_dump(values_, job_, inputs_.value_order, "v", path);
    dump.publish();
}

}  // namespace aqpim
