#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aqpim {

/// What a sweep leaves beside its points, and what it leaves in a point's directory beside a run's files.
inline constexpr std::string_view sweep_files[] = {"plan.json", "sweep.json", "sweep.csv", "report.html"};
inline constexpr std::string_view point_files[] = {"point.cfg", "outcome.json", "run.log"};

/// A sweep's directory, for this sweep alone while it lives.
class SweepDirectory {
 public:
    /// Makes the directory if missing. Throws InputError when it cannot be written or another sweep is writing to it.
    explicit SweepDirectory(const std::string& directory);
    ~SweepDirectory();
    SweepDirectory(const SweepDirectory&) = delete;
    SweepDirectory& operator=(const SweepDirectory&) = delete;

    /// Absolute.
    const std::string& path() const { return path_; }
    std::string file(std::string_view name) const;
    /// Relative to path().
    static std::string point(const std::string& name);

    /// Removes what a sweep wrote, and nothing else.
    void clear() const;
    /// Makes a point's directory, empty of what an earlier run of it wrote. Throws InputError.
    void renew_point(const std::string& name) const;
    /// For files; 0 where that cannot be told.
    std::uint64_t free_bytes() const;

 private:
    std::string path_;
    int lock_ = -1;  ///< descriptor that holds the directory's flock()
};

}  // namespace aqpim
