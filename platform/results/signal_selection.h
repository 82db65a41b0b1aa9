#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace aqpim {

/// Which tracks a waveform or a trace shows, by patterns on their paths: `*` stands for any text, dots included, `?`
/// for one character, `[0-3]` for one of a range. A leading `!` leaves out what the rest of the pattern matches,
/// whatever else takes it. Without a pattern that takes something all tracks are taken.
class SignalSelection {
 public:
    /// Throws InputError for an empty pattern.
    explicit SignalSelection(const std::vector<std::string>& patterns = {});

    bool selects(const std::string& path) const;
    /// Throws InputError naming the first pattern that matches none of `paths`; `power.*` are no tracks, and let pass.
    void check(const std::vector<std::string>& paths) const;

 private:
    std::vector<std::string> taken_;
    std::vector<std::string> left_out_;
};

/// What is shown when the user does not say: everything, but of a PIM device with more than 16 channels only channels 0
/// and 1, which keeps a waveform or trace of a 10 ms window of the reported platform below 20 MB.
SignalSelection default_selection(std::size_t channels_per_pim_device);

}  // namespace aqpim
