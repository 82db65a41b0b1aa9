#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aqpim {

/// What a run, and `--dump-pq`, leave in their directories: nothing else is ever removed from them.
inline constexpr std::string_view run_files[] = {"stats.json",  "config.cfg",    "attention.npy",
                                                 "report.html", "timeline.json", "uart.log"};
inline constexpr std::string_view pq_dump_files[] = {"codebook_k.npy",      "codebook_v.npy",     "codes_k.npy",
                                                     "codes_v.npy",         "window_k.npy",       "window_v.npy",
                                                     "channel_order_k.npy", "channel_order_v.npy"};

/// A directory of results that changes only when a run has ended properly. Files are written to a fresh folder inside
/// it and put in place by publish(); those of `known_files` that this run did not write are then removed, so that two
/// runs never mix. Without publish() the directory stays as it was, and is removed if it was not there before.
class OutputDirectory {
 public:
    /// Makes the directory if missing. Throws InputError when it cannot be written or another run is writing to it.
    explicit OutputDirectory(std::string directory, std::span<const std::string_view> known_files = run_files);
    ~OutputDirectory();
    OutputDirectory(const OutputDirectory&) = delete;
    OutputDirectory& operator=(const OutputDirectory&) = delete;

    /// Where the file that will be `name` is to be written; `name` is one of the known files.
    std::string path(std::string_view name) const;
    void publish();

    const std::string& directory() const { return directory_; }

 private:
    void make_directory();
    void make_partial();
    void discard();

    std::string directory_;
    std::span<const std::string_view> known_files_;
    std::string partial_;
    std::vector<std::string> made_;  ///< directories that were not there before, outermost first
    int lock_ = -1;                  ///< descriptor that holds the directory's flock()
};

/// Locks a directory that `user` ("run") writes to until the descriptor that it returns is closed. Throws InputError
/// when it cannot be opened or is locked already.
int lock_directory(const std::string& directory, std::string_view user);

/// The name of a run that is known by its directory: "aqpim" for "out/aqpim/".
std::string run_name(const std::string& directory);

}  // namespace aqpim
