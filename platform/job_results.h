#pragma once

#include <optional>
#include <string>

#include "platform/inputs.h"
#include "platform/loader.h"
#include "platform/platform.h"
#include "platform/pq_contents.h"
#include "platform/results/output_directory.h"
#include "platform/results/stats.h"

namespace aqpim {

/// Throws InputError where a run of this configuration has no codebooks and codes for `--dump-pq`.
void refuse_dump_without_codes(const Configuration& configuration);

/// What a job has computed on data. There is nothing when there are no data, or firmware has not done the job.
class JobResults {
 public:
    /// Reads it, and measures how accurate it is where that is a matter of seconds; codebooks and codes also for
    /// `dumps`.
    JobResults(Platform& platform, const Loader& loader, const Configuration& configuration, const Inputs& inputs,
               bool dumps);

    const std::optional<Accuracy>& accuracy() const { return accuracy_; }
    /// What is wrong with the results; empty if nothing is.
    const std::string& flaw() const { return flaw_; }

    /// attention.npy to `directory`, codebooks and codes to `dump`, if there is one.
    void write(const OutputDirectory& directory, OutputDirectory* dump) const;

 private:
    void read_contents(Platform& platform, const Loader& loader);
    void write_dump(OutputDirectory& dump) const;

    const Inputs& inputs_;
    aqpim_job job_;
    Tensor attention_;  ///< [batch][steps][layers][heads][head_dim], channels as they are kept; empty: no results
    PqContents keys_;
    PqContents values_;
    std::optional<Accuracy> accuracy_;
    std::string flaw_;
};

}  // namespace aqpim
